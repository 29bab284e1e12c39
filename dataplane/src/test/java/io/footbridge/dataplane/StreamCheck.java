package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.zip.CRC32C;

/** Streams of random bytes and their checksums, each end in a thread of its own. */
final class StreamCheck {
    private static final int BLOCK = 1 << 16;

    private StreamCheck() {
    }

    /** Each end sends random bytes to the other, both at once: what arrives is what was sent. */
    static void bothWays(SocketChannel one, long bytesOfOne, SocketChannel other, long bytesOfOther) throws Exception {
        CompletableFuture<Long> sentByOne = send(one, bytesOfOne, 1);
        CompletableFuture<Long> sentByOther = send(other, bytesOfOther, 2);
        CompletableFuture<Long> receivedByOther = receive(other);
        CompletableFuture<Long> receivedByOne = receive(one);
        assertThat(receivedByOther.get()).isEqualTo(sentByOne.get());
        assertThat(receivedByOne.get()).isEqualTo(sentByOther.get());
    }

    /** Sends random bytes and then the end of the stream; their checksum. */
    static CompletableFuture<Long> send(SocketChannel to, long bytes, int seed) {
        return CompletableFuture.supplyAsync(() -> {
            SplittableRandom random = new SplittableRandom(seed);
            CRC32C sum = new CRC32C();
            byte[] block = new byte[BLOCK];
            random.nextBytes(block);
            try {
                for (long left = bytes; left > 0;) {
                    int length = (int) Math.min(left, 1 + random.nextInt(block.length));
                    block[random.nextInt(block.length)]++;
                    sum.update(block, 0, length);
                    ByteBuffer buffer = ByteBuffer.wrap(block, 0, length);
                    while (buffer.hasRemaining()) {
                        to.write(buffer);
                    }
                    left -= length;
                }
                to.shutdownOutput();
            } catch (IOException failed) {
                throw new AssertionError(failed);
            }
            return sum.getValue();
        }, task -> Thread.ofVirtual().start(task));
    }

    /** Reads up to the end of the stream; the checksum. */
    static CompletableFuture<Long> receive(SocketChannel from) {
        return CompletableFuture.supplyAsync(() -> {
            CRC32C sum = new CRC32C();
            ByteBuffer buffer = ByteBuffer.allocate(BLOCK);
            try {
                while (from.read(buffer) >= 0) {
                    buffer.flip();
                    sum.update(buffer);
                    buffer.clear();
                }
            } catch (IOException failed) {
                throw new AssertionError(failed);
            }
            return sum.getValue();
        }, task -> Thread.ofVirtual().start(task));
    }
}
