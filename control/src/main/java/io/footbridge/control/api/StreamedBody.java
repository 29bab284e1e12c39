package io.footbridge.control.api;

import io.footbridge.control.config.Json;
import io.footbridge.control.network.FrameCapture;
import io.footbridge.nat.SessionView;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The body of an answer that is too long, or takes too long, to be put together before it is sent. */
sealed interface StreamedBody extends AutoCloseable {
    /** What it is, for HTTP. */
    String contentType();

    /** Writes all of it, to its end or until {@link #close}. */
    void copyTo(OutputStream out) throws IOException;

    /** Ends it where it is; any thread. */
    @Override
    void close();

    /**
     * Frames as they come, in pcapng.
     *
     * @param capture has begun
     * @param maxFrames 0 for no limit
     */
    record Frames(FrameCapture capture, long maxFrames) implements StreamedBody {
        @Override
        public String contentType() {
            return "application/octet-stream";
        }

        @Override
        public void copyTo(OutputStream out) throws IOException {
            capture.copyTo(out, maxFrames);
        }

        @Override
        public void close() {
            capture.close();
        }
    }

    /**
     * Tracked flows, a line of JSON for each.
     *
     * @param sessions as they were at one moment
     */
    record Flows(List<SessionView> sessions) implements StreamedBody {
        private static final int BUFFER = 1 << 15;

        @Override
        public String contentType() {
            return "application/x-ndjson";
        }

        @Override
        public void copyTo(OutputStream out) throws IOException {
            OutputStream buffered = new BufferedOutputStream(out, BUFFER);
            for (SessionView session : sessions) {
                buffered.write(Json.write(FlowDocuments.flow(session)).getBytes(StandardCharsets.UTF_8));
                buffered.write('\n');
            }
            buffered.flush();
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }
}
