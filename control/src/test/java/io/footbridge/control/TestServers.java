package io.footbridge.control;

import io.footbridge.tap.TestNamespaces;
import io.footbridge.tap.namespace.NetworkNamespace;
import io.footbridge.wire.IpAddress;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Small servers whose sockets are in a namespace. They tell clients what they see of them. */
final class TestServers implements AutoCloseable {
    private static final int DATAGRAM = 2048;
    private static final int DNS_HEADER = 12;
    private static final int SLOW = 0x736c6f77;

    private final List<Closeable> open = new ArrayList<>();

    /** Opens something in a namespace. */
    interface Opening<T> {
        T open() throws IOException;
    }

    private interface Loop {
        void run() throws IOException;
    }

    /** A socket of a namespace. */
    static <T> T in(String namespace, Opening<T> opening) {
        try (NetworkNamespace there = NetworkNamespace.open(TestNamespaces.path(namespace))) {
            return there.<T, IOException>call(opening::open);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** A web server on a port of all addresses: each page is the client's address. */
    void web(String namespace, int port) {
        ServerSocketChannel server = in(namespace, () -> ServerSocketChannel.open().bind(new InetSocketAddress(port)));
        serve(server, () -> {
            try (SocketChannel client = server.accept()) {
                ByteBuffer request = ByteBuffer.allocate(DATAGRAM);
                client.read(request);
                client.write(text("HTTP/1.0 200 OK\r\n\r\n" + address(client.getRemoteAddress()) + "\n"));
            }
        });
    }

    /** Sends back what comes in, each client's as long as it stays. */
    void stream(String namespace, int port) {
        ServerSocketChannel server = in(namespace, () -> ServerSocketChannel.open().bind(new InetSocketAddress(port)));
        serve(server, () -> {
            SocketChannel client = server.accept();
            Thread.ofPlatform().daemon().start(() -> sendBack(client));
        });
    }

    private static void sendBack(SocketChannel client) {
        ByteBuffer some = ByteBuffer.allocate(DATAGRAM);
        try (client) {
            while (client.read(some.clear()) >= 0) {
                client.write(some.flip());
            }
        } catch (IOException ended) {
            // As it likes.
        }
    }

    /** Answers each datagram on a port of all addresses with what it says and who sent it. */
    void echo(String namespace, int port) {
        DatagramChannel server = in(namespace, () -> DatagramChannel.open().bind(new InetSocketAddress(port)));
        ByteBuffer datagram = ByteBuffer.allocate(DATAGRAM);
        serve(server, () -> {
            InetSocketAddress sender = (InetSocketAddress) server.receive(datagram.clear());
            String said = StandardCharsets.UTF_8.decode(datagram.flip()).toString();
            server.send(text(said + " from " + address(sender) + " " + sender.getPort()), sender);
        });
    }

    /** Answers each question of DNS with 192.0.2.53. */
    void dns(String namespace, int port) {
        dns(namespace, new InetSocketAddress(port), 0xC0000235);
    }

    /** Answers each question of DNS with an IPv4 address; but those whose names begin with {@code slow}, never. */
    void dns(String namespace, InetSocketAddress at, int address) {
        DatagramChannel server = in(namespace, () -> DatagramChannel.open().bind(at));
        ByteBuffer datagram = ByteBuffer.allocate(DATAGRAM);
        serve(server, () -> {
            InetSocketAddress sender = (InetSocketAddress) server.receive(datagram.clear());
            int end = DNS_HEADER;
            if (datagram.getInt(end + 1) == SLOW) {
                return;
            }
            while (datagram.get(end) != 0) {
                end += datagram.get(end) + 1;
            }
            // One question, one answer, whose name is the question's; what came behind the question goes.
            datagram.putShort(2, (short) 0x8180).putShort(6, (short) 1).putInt(8, 0);
            ByteBuffer answer = ByteBuffer.allocate(DATAGRAM).put(datagram.array(), 0, DNS_HEADER);
            answer.put(datagram.array(), DNS_HEADER, end + 5 - DNS_HEADER);
            answer.putShort((short) (0xC000 | DNS_HEADER)).putShort((short) 1).putShort((short) 1).putInt(60).putShort((short) 4)
                .putInt(address);
            server.send(answer.flip(), sender);
        });
    }

    private void serve(Closeable channel, Loop loop) {
        open.add(channel);
        Thread.ofPlatform().daemon().start(() -> {
            while (true) {
                try {
                    loop.run();
                } catch (ClosedChannelException ended) {
                    return;
                } catch (IOException broken) {
                    // That client's own affair.
                }
            }
        });
    }

    private static String address(SocketAddress of) {
        String text = ((InetSocketAddress) of).getAddress().getHostAddress();
        int scope = text.indexOf('%');
        return IpAddress.parse(scope < 0 ? text : text.substring(0, scope)).toString();
    }

    private static ByteBuffer text(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() throws IOException {
        for (Closeable channel : open) {
            channel.close();
        }
    }
}
