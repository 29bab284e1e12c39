package io.footbridge.control.training;

import io.footbridge.tap.namespace.NetworkNamespace;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The host's side of the training: sends datagrams back, and does with a connection what its first byte says. */
final class TrafficServer implements AutoCloseable {
    /** Where it listens, by both protocols. */
    static final int PORT = 7777;
    /** Bytes of a datagram. */
    static final int DATAGRAM = 500;
    /** Of a connection: what comes is sent back. */
    static final byte ECHO = 0;
    /** Of a connection: what comes is forgotten. */
    static final byte SINK = 1;
    /** Of a connection: data is sent until the client goes. */
    static final byte SOURCE = 2;

    private static final Logger LOG = LoggerFactory.getLogger(TrafficServer.class);
    private static final int BLOCK = 128 * 1024;

    private final ServerSocketChannel listener;
    private final DatagramChannel datagrams;

    private TrafficServer(ServerSocketChannel listener, DatagramChannel datagrams) {
        this.listener = listener;
        this.datagrams = datagrams;
    }

    /** Starts one in a namespace. */
    static TrafficServer start(NetworkNamespace in) throws IOException {
        TrafficServer server = in.<TrafficServer, IOException>call(() -> new TrafficServer(
            ServerSocketChannel.open().bind(new InetSocketAddress(PORT)), DatagramChannel.open().bind(new InetSocketAddress(PORT))));
        Thread.ofPlatform().daemon().start(() -> server.attempt(server::sendBack));
        Thread.ofPlatform().daemon().start(() -> server.attempt(server::accept));
        return server;
    }

    /** Does something that ends by an exception when the training ends. */
    void attempt(Work work) {
        try {
            work.run();
        } catch (IOException ended) {
            LOG.debug("training", ended);
        }
    }

    /** What may fail. */
    @FunctionalInterface
    interface Work {
        void run() throws IOException;
    }

    private void sendBack() throws IOException {
        ByteBuffer data = ByteBuffer.allocateDirect(DATAGRAM);
        while (true) {
            SocketAddress from = datagrams.receive(data.clear());
            datagrams.send(data.flip(), from);
        }
    }

    private void accept() throws IOException {
        while (true) {
            SocketChannel client = listener.accept();
            Thread.ofPlatform().daemon().start(() -> attempt(() -> serve(client)));
        }
    }

    private static void serve(SocketChannel client) throws IOException {
        try (client) {
            client.setOption(StandardSocketOptions.TCP_NODELAY, true);
            ByteBuffer one = ByteBuffer.allocateDirect(1);
            client.read(one);
            byte what = one.get(0);
            if (what == ECHO) {
                while (client.read(one.clear()) > 0) {
                    client.write(one.flip());
                }
            } else {
                bulk(client, what == SOURCE, Long.MAX_VALUE);
            }
        }
    }

    /** Sends or receives so many bytes, or until the other end goes. */
    static void bulk(SocketChannel channel, boolean sends, long most) throws IOException {
        ByteBuffer block = ByteBuffer.allocateDirect(BLOCK);
        long left = most;
        while (left > 0) {
            int done = sends ? channel.write(block.clear()) : channel.read(block.clear());
            if (done < 0) {
                return;
            }
            left -= done;
        }
    }

    /** Waits for a thread's end. */
    static void await(Thread thread) throws IOException {
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", interrupted);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        datagrams.close();
    }
}
