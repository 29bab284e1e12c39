package io.footbridge.bench.traffic;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicLong;

/** The server's end of every workload, on one port, TCP and UDP, for as long as it is open. */
public final class Responder implements AutoCloseable {
    private static final int BUFFER = 16 << 20;
    private static final int BACKLOG = 256;
    private static final int LONGEST_DATAGRAM = 64 << 10;

    private final Channels channels = new Channels();
    private final Channels connections = new Channels();
    private final AtomicLong datagrams = new AtomicLong();
    private final AtomicLong datagramBytes = new AtomicLong();
    private final ServerSocketChannel listener;
    private final HttpResponder http;

    /** Listens in a place. */
    public Responder(Place place, String address, int port) throws IOException {
        try {
            InetSocketAddress local = new InetSocketAddress(address, port);
            listener = place.call(() -> channels.add(ServerSocketChannel.open()));
            listener.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            listener.bind(local, BACKLOG);
            DatagramChannel receiver = place.call(() -> channels.add(DatagramChannel.open()));
            receiver.setOption(StandardSocketOptions.SO_RCVBUF, BUFFER);
            receiver.bind(local);
            http = new HttpResponder(connections);
            Thread.ofPlatform().daemon().name("bench-accept").start(this::accept);
            Thread.ofPlatform().daemon().name("bench-datagrams").start(() -> count(receiver));
        } catch (IOException failed) {
            channels.close();
            throw new IOException("listen on " + address + " port " + port + ": " + failed.getMessage(), failed);
        }
    }

    /** Ends what a task has left behind. */
    public void dropConnections() {
        connections.closeOpen();
    }

    private void accept() {
        ByteBuffer first = ByteBuffer.allocateDirect(1);
        ByteBuffer answer = ByteBuffer.allocateDirect(1);
        while (listener.isOpen()) {
            SocketChannel connection = null;
            try {
                connection = connections.add(listener.accept());
                Wish wish = connection.read(first.clear()) == 1 ? Wish.of(first.get(0)) : null;
                if (wish == Wish.ONCE) {
                    Blocks.write(connection, answer.clear());
                    connections.close(connection);
                } else {
                    serve(connection, wish);
                }
            } catch (IOException ended) {
                if (connection != null) {
                    connections.close(connection);
                }
            }
        }
    }

    private void serve(SocketChannel connection, Wish wish) {
        switch (wish) {
            case null -> connections.close(connection);
            case HTTP -> http.take(connection);
            default -> Thread.ofPlatform().daemon().name("bench-" + wish).start(() -> {
                try {
                    serveBlocking(connection, wish);
                } catch (IOException gone) {
                    // The client knows why, or will notice.
                } finally {
                    connections.close(connection);
                }
            });
        }
    }

    private void serveBlocking(SocketChannel connection, Wish wish) throws IOException {
        ByteBuffer words = ByteBuffer.allocateDirect(2 * Long.BYTES);
        switch (wish) {
            case TAKE -> {
                Blocks.Received received = Blocks.receive(connection);
                Blocks.write(connection, words.putLong(received.bytes()).putLong(received.nanos()).flip());
            }
            case GIVE -> {
                Blocks.send(connection, Blocks.read(connection, words.limit(Long.BYTES).slice()).getLong());
                connection.shutdownOutput();
                Blocks.receive(connection);
            }
            case ECHO -> {
                connection.setOption(StandardSocketOptions.TCP_NODELAY, true);
                while (connection.read(words.clear()) > 0) {
                    Blocks.write(connection, words.flip());
                }
            }
            case COUNT -> {
                connection.setOption(StandardSocketOptions.TCP_NODELAY, true);
                ByteBuffer question = ByteBuffer.allocateDirect(1);
                while (connection.read(question.clear()) > 0) {
                    Blocks.write(connection, words.clear().putLong(datagrams.get()).putLong(datagramBytes.get()).flip());
                }
            }
            default -> throw new IllegalStateException(wish.toString());
        }
    }

    private void count(DatagramChannel receiver) {
        ByteBuffer datagram = ByteBuffer.allocateDirect(LONGEST_DATAGRAM);
        while (true) {
            try {
                receiver.receive(datagram.clear());
                datagrams.lazySet(datagrams.get() + 1);
                datagramBytes.lazySet(datagramBytes.get() + datagram.position());
            } catch (ClosedChannelException ended) {
                return;
            } catch (IOException passing) {
                // An ICMP error of some earlier datagram: the next receive tells of the next.
            }
        }
    }

    @Override
    public void close() throws IOException {
        channels.close();
        connections.close();
        http.close();
    }
}
