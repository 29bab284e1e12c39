package io.footbridge.control.dns;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;

/** A DNS server on a port of the loopback that says what a test wants: any number of messages to each. */
final class TestUpstream implements AutoCloseable {
    /** What it was asked, in order. */
    final Queue<byte[]> asked = new ConcurrentLinkedQueue<>();
    /** Where by UDP it was asked from. */
    final Queue<InetSocketAddress> askers = new ConcurrentLinkedQueue<>();

    private final DatagramChannel udp;
    private final ServerSocket tcp;
    private final List<Closeable> open = new ArrayList<>();

    TestUpstream(Function<byte[], List<byte[]>> byUdp, Function<byte[], List<byte[]>> byTcp) {
        try {
            tcp = listenWhereUdpIsFree();
            udp = DatagramChannel.open().bind(tcp.getLocalSocketAddress());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        open.add(udp);
        open.add(tcp);
        Thread.ofPlatform().daemon().start(() -> serveUdp(byUdp));
        Thread.ofPlatform().daemon().start(() -> serveTcp(byTcp));
    }

    /** Of the two kinds of ports, those of TCP are the scarcer ones where many connections have just ended. */
    private static ServerSocket listenWhereUdpIsFree() throws IOException {
        while (true) {
            ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            try (DatagramChannel probe = DatagramChannel.open()) {
                probe.bind(listener.getLocalSocketAddress());
                return listener;
            } catch (BindException taken) {
                listener.close();
            }
        }
    }

    /** One that answers each question with so many addresses. */
    static TestUpstream answering(int addresses) {
        Function<byte[], List<byte[]>> answer =
            query -> List.of(Messages.answer(query, io.netty.handler.codec.dns.DnsResponseCode.NOERROR, addresses));
        return new TestUpstream(answer, answer);
    }

    /** One that says nothing. */
    static TestUpstream silent() {
        return new TestUpstream(_ -> List.of(), _ -> List.of());
    }

    InetSocketAddress address() {
        return (InetSocketAddress) udp.socket().getLocalSocketAddress();
    }

    private void serveUdp(Function<byte[], List<byte[]>> answers) {
        ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
        try {
            while (true) {
                InetSocketAddress from = (InetSocketAddress) udp.receive(buffer.clear());
                byte[] query = Arrays.copyOf(buffer.array(), buffer.position());
                asked.add(query);
                askers.add(from);
                for (byte[] answer : answers.apply(query)) {
                    udp.send(ByteBuffer.wrap(answer), from);
                }
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    private void serveTcp(Function<byte[], List<byte[]>> answers) {
        while (!tcp.isClosed()) {
            try (Socket client = tcp.accept()) {
                DataInputStream in = new DataInputStream(client.getInputStream());
                byte[] query = new byte[in.readUnsignedShort()];
                in.readFully(query);
                asked.add(query);
                DataOutputStream out = new DataOutputStream(client.getOutputStream());
                for (byte[] answer : answers.apply(query)) {
                    out.writeShort(answer.length);
                    out.write(answer);
                }
                out.flush();
            } catch (IOException gone) {
                // That client's affair, or the test is over.
            }
        }
    }

    @Override
    public void close() throws IOException {
        for (Closeable one : open) {
            one.close();
        }
    }
}
