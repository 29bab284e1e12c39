package io.footbridge.bench;

import io.footbridge.tap.namespace.NetworkNamespace;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * One byte there and one byte back over TCP, again and again: a percentile of the round trips, in microseconds.
 *
 * @param percentile 50 or 99
 */
record RequestResponse(int percentile) implements Workload {
    private static final int WARM_UP = 2000;
    private static final int ROUND_TRIPS = 20_000;
    private static final int PORT = 5999;

    @Override
    public String name() {
        return "1-byte TCP round trip, p" + percentile + ", us";
    }

    @Override
    public boolean moreIsBetter() {
        return false;
    }

    @Override
    public double run(TestBed bed) throws IOException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getByName(bed.address(1)), PORT);
        try (ServerSocketChannel server = in(bed, 1, ServerSocketChannel::open);
                SocketChannel client = in(bed, 0, SocketChannel::open)) {
            server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            server.bind(address);
            Thread echo = Thread.ofPlatform().daemon().start(() -> echo(server));
            client.setOption(StandardSocketOptions.TCP_NODELAY, true);
            client.connect(address);
            double[] micros = measure(client);
            client.shutdownOutput();
            echo.join();
            return percentile(micros, percentile);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", interrupted);
        }
    }

    private static double[] measure(SocketChannel client) throws IOException {
        ByteBuffer one = ByteBuffer.allocateDirect(1);
        double[] micros = new double[ROUND_TRIPS];
        for (int i = -WARM_UP; i < ROUND_TRIPS; i++) {
            long start = System.nanoTime();
            client.write(one.clear());
            client.read(one.clear());
            if (i >= 0) {
                micros[i] = (System.nanoTime() - start) / 1e3;
            }
        }
        return micros;
    }

    /** A percentile of values, which are sorted by that. */
    static double percentile(double[] values, int percentile) {
        Arrays.sort(values);
        return values[values.length * percentile / 100];
    }

    private static void echo(ServerSocketChannel server) {
        try (SocketChannel peer = server.accept()) {
            peer.setOption(StandardSocketOptions.TCP_NODELAY, true);
            ByteBuffer one = ByteBuffer.allocateDirect(1);
            while (peer.read(one.clear()) > 0) {
                peer.write(one.flip());
            }
        } catch (AsynchronousCloseException ended) {
            // The client never came.
        } catch (IOException failed) {
            throw new java.io.UncheckedIOException(failed);
        }
    }

    /** Opens a socket that belongs to a host's namespace. */
    static <T> T in(TestBed bed, int host, Opening<T> opening) throws IOException {
        try (NetworkNamespace namespace = NetworkNamespace.open(Path.of("/run/netns", bed.namespace(host)))) {
            return namespace.<T, IOException>call(opening::open);
        }
    }

    /** Makes a socket in the namespace of the calling thread. */
    interface Opening<T> {
        T open() throws IOException;
    }
}
