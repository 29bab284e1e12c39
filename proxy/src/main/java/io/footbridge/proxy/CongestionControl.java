package io.footbridge.proxy;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.footbridge.tap.CallState;
import io.footbridge.tap.FileCalls;
import io.footbridge.tap.SocketCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * TCP's congestion control for connections that never leave the machine. Where the system's is BBR, the kernel spreads what is sent
 * over time, by a timer for each socket (tcp(7), tcp_bbr.c). Between two ends on one machine there is no queue on the way that this
 * could spare, and the timers alone take a third of the processor time of a stream; so there another is chosen. What may leave the
 * machine keeps the system's choice, and so does everything where that does not pace. Any thread.
 */
final class CongestionControl {
    private static final int IPPROTO_TCP = 6;
    /** Socket option: the algorithm's name (linux/tcp.h). */
    private static final int TCP_CONGESTION = 13;
    private static final int LONGEST_NAME = 16;
    private static final String PACES = "bbr";
    /** The first may be one that only the privileged may choose; the last is always there. */
    private static final List<String> OTHERS = List.of("cubic", "reno");

    private static final Choice CHOICE = probe();

    private CongestionControl() {
    }

    /**
     * Names of algorithms.
     *
     * @param system what new sockets have
     * @param local what those get whose two ends are here; null where the system's choice stays
     */
    private record Choice(MemorySegment system, MemorySegment local) {
    }

    private static Choice probe() {
        CallState state = CallState.ofThread();
        int socket = SocketCalls.socket(state, SocketCalls.AF_INET, SocketCalls.SOCK_STREAM | SocketCalls.SOCK_CLOEXEC, 0);
        if (socket < 0) {
            return new Choice(null, null);
        }
        try {
            String system = of(state, socket);
            if (system.startsWith(PACES)) {
                for (String other : OTHERS) {
                    if (set(state, socket, name(other)) == 0) {
                        return new Choice(name(system), name(other));
                    }
                }
            }
            return new Choice(null, null);
        } finally {
            FileCalls.close(state, socket);
        }
    }

    private static MemorySegment name(String algorithm) {
        return Arena.global().allocateFrom(JAVA_BYTE, algorithm.getBytes(StandardCharsets.US_ASCII));
    }

    private static int set(CallState state, int socket, MemorySegment name) {
        return SocketCalls.setsockopt(state, socket, IPPROTO_TCP, TCP_CONGESTION, name);
    }

    /** Whether the two ends of a connection matter here. */
    static boolean isChosen() {
        return CHOICE.local() != null;
    }

    /** For a socket, or the connections of a listener, whose two ends are on this machine. Before it is connected. */
    static void stayHere(CallState state, int socket) {
        if (CHOICE.local() != null) {
            set(state, socket, CHOICE.local());
        }
    }

    /** An accepted connection gets the system's choice back if its peer may be on another machine. */
    static void leaveUnlessHere(CallState state, int socket) {
        InetSocketAddress peer = RelaySockets.peerAddress(state, socket);
        if (peer == null || peer.getAddress().isLoopbackAddress()) {
            return;
        }
        InetSocketAddress own = RelaySockets.localAddress(state, socket);
        if (own == null || !own.getAddress().equals(peer.getAddress())) {
            set(state, socket, CHOICE.system());
        }
    }

    /** The name of a socket's algorithm; empty where it has none. */
    static String of(CallState state, int socket) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocate(LONGEST_NAME);
            return SocketCalls.getsockopt(state, socket, IPPROTO_TCP, TCP_CONGESTION, name) < 0 ? "" : name.getString(0);
        }
    }
}
