package io.footbridge.bench.traffic;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** Whole buffers over blocking channels. */
final class Blocks {
    /** What bulk senders write and readers read at a time: as iperf3's default. */
    static final int SIZE = 128 << 10;

    private Blocks() {
    }

    static void write(SocketChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    /** Fills the buffer from its beginning and flips it. */
    static ByteBuffer read(SocketChannel channel, ByteBuffer buffer) throws IOException {
        buffer.clear();
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new EOFException("the connection ended early");
            }
        }
        return buffer.flip();
    }

    /** Writes one byte. */
    static void write(SocketChannel channel, Wish wish) throws IOException {
        write(channel, ByteBuffer.allocateDirect(1).put(wish.letter()).flip());
    }

    /** Sends zeros for a while. */
    static void send(SocketChannel channel, long nanos) throws IOException {
        ByteBuffer block = ByteBuffer.allocateDirect(SIZE);
        long end = System.nanoTime() + nanos;
        while (System.nanoTime() - end < 0) {
            channel.write(block.clear());
        }
    }

    /** Takes everything until the end. The first read starts the clock; what it brought does not count. */
    static Received receive(SocketChannel channel) throws IOException {
        ByteBuffer block = ByteBuffer.allocateDirect(SIZE);
        int length = channel.read(block);
        long start = System.nanoTime();
        long bytes = 0;
        while (length >= 0) {
            length = channel.read(block.clear());
            bytes += Math.max(0, length);
        }
        return new Received(bytes, Math.max(1, System.nanoTime() - start));
    }

    /**
     * What came.
     *
     * @param nanos from the first byte to the end
     */
    record Received(long bytes, long nanos) {
        double bitsPerSecond() {
            return bytes * 8e9 / nanos;
        }
    }
}
