package io.footbridge.bench;

import io.footbridge.tap.namespace.NetworkNamespace;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/** Connections one after another over TCP, each with one byte there and one back, then closed: how many in a second. */
record ConnectionRate() implements Workload {
    private static final int CONNECTIONS = 4000;
    private static final int PORT = 5998;

    @Override
    public String name() {
        return "TCP connections, one byte each way, /s";
    }

    @Override
    public boolean moreIsBetter() {
        return true;
    }

    @Override
    public double run(TestBed bed) throws IOException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getByName(bed.address(1)), PORT);
        try (NetworkNamespace inside = NetworkNamespace.open(Path.of("/run/netns", bed.namespace(0)));
                NetworkNamespace outside = NetworkNamespace.open(Path.of("/run/netns", bed.namespace(1)));
                ServerSocketChannel server = outside.call(ServerSocketChannel::open)) {
            server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            server.bind(address);
            Thread echo = Thread.ofPlatform().daemon().start(() -> echo(server));
            double rate = inside.call(() -> rate(address));
            echo.join();
            return rate;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", interrupted);
        }
    }

    private static double rate(InetSocketAddress address) throws IOException {
        ByteBuffer one = ByteBuffer.allocateDirect(1);
        long start = System.nanoTime();
        for (int i = 0; i < CONNECTIONS; i++) {
            try (SocketChannel client = SocketChannel.open(address)) {
                client.write(one.clear());
                client.read(one.clear());
            }
        }
        return CONNECTIONS / ((System.nanoTime() - start) / 1e9);
    }

    private static void echo(ServerSocketChannel server) {
        ByteBuffer one = ByteBuffer.allocateDirect(1);
        try {
            for (int i = 0; i < CONNECTIONS; i++) {
                try (SocketChannel client = server.accept()) {
                    client.read(one.clear());
                    client.write(one.flip());
                    client.read(one.clear());
                }
            }
        } catch (IOException ended) {
            System.err.println("the server ended: " + ended.getMessage());
        }
    }
}
