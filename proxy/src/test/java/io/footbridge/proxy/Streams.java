package io.footbridge.proxy;

import io.footbridge.tap.TestNamespaces;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/** Both ends of streams through a proxy, and what a test asks of them. */
final class Streams {
    static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    static final InetSocketAddress ANY_PORT = new InetSocketAddress(LOOPBACK, 0);
    private static final int LIMIT = (int) TestNamespaces.LIMIT.toMillis();

    private Streams() {
    }

    /** A back end's listening socket. */
    static ServerSocket listen() throws IOException {
        ServerSocket listener = new ServerSocket(0, 4096, LOOPBACK);
        listener.setSoTimeout(LIMIT);
        return listener;
    }

    static BackEnd backEndAt(ServerSocket listener) {
        return BackEnd.at(listener.getInetAddress(), listener.getLocalPort());
    }

    static Socket connect(Relay relay) throws IOException {
        return limited(new Socket(relay.address().getAddress(), relay.address().getPort()));
    }

    static Socket accept(ServerSocket listener) throws IOException {
        return limited(listener.accept());
    }

    private static Socket limited(Socket socket) throws SocketException {
        socket.setSoTimeout(LIMIT);
        return socket;
    }

    /** Closes one end, which the test goes on to see the other end of. */
    static void end(Closeable socket) throws IOException {
        socket.close();
    }

    /** Closes one end so that its peer sees a reset. */
    static void reset(Socket socket) throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    static String receive(Socket socket, int length) throws IOException {
        return new String(socket.getInputStream().readNBytes(length), StandardCharsets.US_ASCII);
    }

    /** Runs a task beside the test. */
    static <T> CompletableFuture<T> beside(Callable<T> task) {
        CompletableFuture<T> outcome = new CompletableFuture<>();
        Thread.ofPlatform().daemon().start(() -> {
            try {
                outcome.complete(task.call());
            } catch (Throwable thrown) {
                outcome.completeExceptionally(thrown);
            }
        });
        return outcome;
    }

    /** Sends so many bytes, no two blocks alike, and then an end of stream; their checksum. */
    static long sendAll(Socket socket, long bytes) throws IOException {
        CRC32 sum = new CRC32();
        byte[] block = new byte[256 << 10];
        OutputStream out = socket.getOutputStream();
        for (long sent = 0; sent < bytes;) {
            int length = (int) Math.min(block.length, bytes - sent);
            for (int i = 0; i < length; i += 512) {
                block[i] = (byte) (sent >>> 18);
                block[i + 1] = (byte) (sent >>> 26);
                block[i + 2] = (byte) i;
                block[i + 3] = (byte) (i >>> 8);
            }
            sum.update(block, 0, length);
            out.write(block, 0, length);
            sent += length;
        }
        socket.shutdownOutput();
        return sum.getValue();
    }

    /** Receives to the end of stream: the checksum of what came. */
    static long receiveAll(Socket socket) throws IOException {
        CRC32 sum = new CRC32();
        byte[] block = new byte[256 << 10];
        InputStream in = socket.getInputStream();
        for (int n = in.read(block); n >= 0; n = in.read(block)) {
            sum.update(block, 0, n);
        }
        return sum.getValue();
    }

    /** Descriptors that this process has open. */
    static long descriptors() {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
