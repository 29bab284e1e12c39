package io.footbridge.bench.traffic;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Answers any request with 1 kB, on one thread for all connections. Only what bench's client and wrk need of HTTP/1.1. */
final class HttpResponder implements AutoCloseable {
    private static final int BODY = 1024;
    private static final byte[] HEAD = ("HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: " + BODY
            + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
    /** Head and body of every answer, in bytes. */
    static final int ANSWER_LENGTH = HEAD.length + BODY;
    private static final byte[] END_OF_HEAD = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int BUFFER = 16 << 10;

    private final Channels channels;
    private final Selector selector;
    private final Queue<SocketChannel> newcomers = new ConcurrentLinkedQueue<>();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    private final ByteBuffer answer = ByteBuffer.allocateDirect(ANSWER_LENGTH).put(HEAD);

    HttpResponder(Channels channels) throws IOException {
        this.channels = channels;
        selector = Selector.open();
        Thread.ofPlatform().daemon().name("bench-http").start(this::serve);
    }

    /** Takes a connection whose first byte has been read. */
    void take(SocketChannel connection) {
        newcomers.add(connection);
        selector.wakeup();
    }

    private void serve() {
        try {
            while (selector.isOpen()) {
                selector.select(this::serve);
                for (SocketChannel connection = newcomers.poll(); connection != null; connection = newcomers.poll()) {
                    register(connection);
                }
            }
        } catch (ClosedSelectorException ended) {
            // The mode is taken down.
        } catch (IOException failed) {
            channels.closeOpen();
        }
    }

    private void register(SocketChannel connection) {
        try {
            connection.setOption(StandardSocketOptions.TCP_NODELAY, true);
            SelectionKey key = connection.configureBlocking(false).register(selector, SelectionKey.OP_READ, new int[1]);
            serve(key);
        } catch (IOException gone) {
            channels.close(connection);
        }
    }

    private void serve(SelectionKey key) {
        SocketChannel connection = (SocketChannel) key.channel();
        try {
            if (connection.read(buffer.clear()) < 0) {
                channels.close(connection);
                return;
            }
            buffer.flip();
            int[] matched = (int[]) key.attachment();
            while (buffer.hasRemaining()) {
                byte next = buffer.get();
                matched[0] = next == END_OF_HEAD[matched[0]] ? matched[0] + 1 : next == END_OF_HEAD[0] ? 1 : 0;
                if (matched[0] == END_OF_HEAD.length) {
                    matched[0] = 0;
                    Blocks.write(connection, answer.clear());
                }
            }
        } catch (IOException gone) {
            channels.close(connection);
        }
    }

    @Override
    public void close() throws IOException {
        selector.close();
    }
}
