package io.footbridge.control.network;

import java.io.IOException;
import java.io.OutputStream;

/** A capture that has begun. */
public interface FrameCapture extends AutoCloseable {
    /**
     * Writes pcapng until closed or until so many frames are written; blocks.
     *
     * @param maxFrames 0 for no limit
     */
    void copyTo(OutputStream pcapng, long maxFrames) throws IOException;

    /** Ends {@link #copyTo}, too. Any thread. */
    @Override
    void close();
}
