package io.footbridge.control.training;

import io.footbridge.tap.CallState;
import io.footbridge.tap.FileCalls;
import io.footbridge.tap.Sockaddr;
import io.footbridge.tap.SocketCalls;
import io.footbridge.tap.namespace.NetworkNamespace;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What a container does in the training: echo, datagrams, round trips and bulk by TCP, connections; over IPv4, and less of it
 * over IPv6. An echo or a datagram is waited for no longer than {@link #PATIENCE}, all of it no longer than {@link #LIMIT}: what is
 * lost costs the cache something, and never stops the build.
 */
final class Traffic {
    static final InetAddress SERVER4 = InetAddress.ofLiteral("192.0.2.1");
    static final InetAddress SERVER6 = InetAddress.ofLiteral("2001:db8::1");

    /** More than a method must be called until it is compiled for good, by far. */
    private static final int ROUND_TRIPS = 16_000;
    private static final int ROUND_TRIPS6 = 3000;
    private static final int RESTS = 400;
    private static final long REST_NANOS = 500_000;
    private static final int CONNECTIONS = 2000;
    private static final long BULK = 400L << 20;
    private static final int STREAMS = 4;

    private static final int SO_RCVTIMEO = 20;
    private static final int PATIENCE = 2;
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final int ECHO_REQUEST = 8;
    private static final int ECHO_REQUEST6 = 128;
    private static final int ICMP = 1;
    private static final int ICMPV6 = 58;
    private static final int ECHO_LENGTH = 64;

    private final NetworkNamespace container;
    private final TrafficServer server;

    private Traffic(NetworkNamespace container, TrafficServer server) {
        this.container = container;
        this.server = server;
    }

    /** All of it, on a thread that is left alone if it does not come to its end; whether it did. */
    static boolean run(TrafficTraining world) throws IOException {
        try (TrafficServer server = TrafficServer.start(world.host)) {
            Traffic traffic = new Traffic(world.container, server);
            IOException[] failure = new IOException[1];
            Thread thread = Thread.ofPlatform().daemon().start(() -> {
                try {
                    traffic.run(world.ipv6);
                } catch (IOException failed) {
                    failure[0] = failed;
                }
            });
            boolean ended = thread.join(LIMIT);
            if (ended && failure[0] != null) {
                throw failure[0];
            }
            return ended;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", interrupted);
        }
    }

    private void run(boolean ipv6) throws IOException {
        echo(SERVER4, ROUND_TRIPS);
        datagrams(SERVER4, ROUND_TRIPS);
        roundTrips(SERVER4, ROUND_TRIPS);
        if (ipv6) {
            echo(SERVER6, ROUND_TRIPS6);
            datagrams(SERVER6, ROUND_TRIPS6);
            roundTrips(SERVER6, ROUND_TRIPS6);
        }
        connections();
        bulk(TrafficServer.SINK, 1);
        bulk(TrafficServer.SOURCE, 1);
        bulk(TrafficServer.SINK, STREAMS);
        bulk(TrafficServer.SOURCE, STREAMS);
        echo(SERVER4, RESTS);
    }

    private void echo(InetAddress address, int count) throws IOException {
        boolean ipv6 = address.getAddress().length > Integer.BYTES;
        CallState state = CallState.ofThread();
        int socket = container.<Integer, IOException>call(() -> SocketCalls.socket(CallState.ofThread(), Sockaddr.family(address),
            SocketCalls.SOCK_DGRAM | SocketCalls.SOCK_CLOEXEC, ipv6 ? ICMPV6 : ICMP));
        check(socket, "make a ping socket");
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment patience = arena.allocate(ValueLayout.JAVA_LONG, 2);
            patience.set(ValueLayout.JAVA_LONG, 0, PATIENCE);
            SocketCalls.setsockopt(state, socket, SocketCalls.SOL_SOCKET, SO_RCVTIMEO, patience);
            check(SocketCalls.connect(state, socket, Sockaddr.of(arena, address, 0)), "have an address to ping");
            MemorySegment message = arena.allocate(ECHO_LENGTH);
            for (int i = 0; i < count; i++) {
                message.set(ValueLayout.JAVA_BYTE, 0, (byte) (ipv6 ? ECHO_REQUEST6 : ECHO_REQUEST));
                SocketCalls.send(state, socket, message.address(), ECHO_LENGTH, 0);
                check((int) SocketCalls.recv(state, socket, message.address(), ECHO_LENGTH, 0), "ping " + address);
                if (count <= RESTS) {
                    LockSupport.parkNanos(REST_NANOS);
                }
            }
        } finally {
            FileCalls.close(state, socket);
        }
    }

    private static void check(int result, String what) throws IOException {
        if (result < 0) {
            throw new IOException(what + ": error " + -result);
        }
    }

    private void datagrams(InetAddress address, int count) throws IOException {
        try (DatagramChannel channel = container.<DatagramChannel, IOException>call(DatagramChannel::open)) {
            channel.connect(new InetSocketAddress(address, TrafficServer.PORT));
            channel.socket().setSoTimeout((int) TimeUnit.SECONDS.toMillis(PATIENCE));
            ByteBuffer data = ByteBuffer.allocateDirect(TrafficServer.DATAGRAM);
            DatagramPacket answer = new DatagramPacket(new byte[TrafficServer.DATAGRAM], TrafficServer.DATAGRAM);
            for (int i = 0; i < count; i++) {
                channel.write(data.clear());
                try {
                    channel.socket().receive(answer);
                } catch (SocketTimeoutException lost) {
                    // As datagrams may be.
                }
            }
        }
    }

    private SocketChannel connect(InetAddress address, byte what) throws IOException {
        SocketChannel channel = container.<SocketChannel, IOException>call(SocketChannel::open);
        connect(channel, address, what);
        return channel;
    }

    private static void connect(SocketChannel channel, InetAddress address, byte what) throws IOException {
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.connect(new InetSocketAddress(address, TrafficServer.PORT));
        channel.write(ByteBuffer.wrap(new byte[] {what}));
    }

    private void roundTrips(InetAddress address, int count) throws IOException {
        ByteBuffer one = ByteBuffer.allocateDirect(1);
        try (SocketChannel channel = connect(address, TrafficServer.ECHO)) {
            for (int i = 0; i < count; i++) {
                channel.write(one.clear());
                channel.read(one.clear());
            }
            channel.shutdownOutput();
            channel.read(one.clear());
        }
    }

    private void connections() throws IOException {
        container.<Void, IOException>call(() -> {
            ByteBuffer one = ByteBuffer.allocateDirect(1);
            for (int i = 0; i < CONNECTIONS; i++) {
                try (SocketChannel channel = SocketChannel.open()) {
                    connect(channel, SERVER4, TrafficServer.ECHO);
                    channel.write(one.clear());
                    channel.read(one.clear());
                }
            }
            return null;
        });
    }

    private void bulk(byte what, int streams) throws IOException {
        Thread[] threads = new Thread[streams];
        for (int i = 0; i < streams; i++) {
            SocketChannel channel = connect(SERVER4, what);
            threads[i] = Thread.ofPlatform().daemon().start(() -> server.attempt(() -> {
                try (channel) {
                    TrafficServer.bulk(channel, what == TrafficServer.SINK, BULK / streams);
                }
            }));
        }
        for (Thread thread : threads) {
            TrafficServer.await(thread);
        }
    }
}
