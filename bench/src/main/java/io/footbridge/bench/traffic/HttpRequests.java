package io.footbridge.bench.traffic;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** GET over connections that stay open, each asking again as soon as it is answered; one thread serves all. */
final class HttpRequests {
    private static final byte[] REQUEST = "GET / HTTP/1.1\r\nHost: bench\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final long PATIENCE_MILLIS = 2000;

    private HttpRequests() {
    }

    static Outcome run(Task task, Place place, Channels channels) throws IOException {
        try (Selector selector = Selector.open()) {
            ByteBuffer request = ByteBuffer.allocateDirect(REQUEST.length).put(REQUEST);
            for (int i = 0; i < task.streams(); i++) {
                SocketChannel connection = place.call(() -> {
                    SocketChannel opened = channels.add(SocketChannel.open());
                    opened.connect(task.target());
                    return opened;
                });
                connection.setOption(StandardSocketOptions.TCP_NODELAY, true);
                Blocks.write(connection, request.rewind());
                connection.configureBlocking(false).register(selector, SelectionKey.OP_READ, new Answer());
            }
            return Outcome.of(measure(selector, request, task.nanos()));
        }
    }

    private static double measure(Selector selector, ByteBuffer request, long nanos) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(4 * HttpResponder.ANSWER_LENGTH);
        long[] done = new long[1];
        IOException[] failure = new IOException[1];
        long start = System.nanoTime();
        while (System.nanoTime() - start < nanos && failure[0] == null) {
            int ready = selector.select(key -> {
                try {
                    done[0] += serve(key, buffer, request);
                } catch (IOException failed) {
                    failure[0] = failed;
                }
            }, PATIENCE_MILLIS);
            if (ready == 0) {
                throw new IOException("no answer over HTTP for " + PATIENCE_MILLIS + " ms");
            }
        }
        if (failure[0] != null) {
            throw failure[0];
        }
        return done[0] * 1e9 / (System.nanoTime() - start);
    }

    /** Reads what came of an answer; when it is complete, asks again. Gives how many answers are complete. */
    private static int serve(SelectionKey key, ByteBuffer buffer, ByteBuffer request) throws IOException {
        SocketChannel connection = (SocketChannel) key.channel();
        Answer answer = (Answer) key.attachment();
        int length = connection.read(buffer.clear());
        if (length < 0) {
            throw new EOFException("the responder closed an HTTP connection");
        }
        answer.missing -= length;
        if (answer.missing > 0) {
            return 0;
        }
        answer.missing = HttpResponder.ANSWER_LENGTH;
        Blocks.write(connection, request.rewind());
        return 1;
    }

    /** What is still to come of an answer, in bytes. */
    private static final class Answer {
        private int missing = HttpResponder.ANSWER_LENGTH;
    }
}
