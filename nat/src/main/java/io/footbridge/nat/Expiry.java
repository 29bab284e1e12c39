package io.footbridge.nat;

import io.footbridge.wire.Protocol;

/** When sessions expire: {@link Timeouts} in ticks of 100 ms, by protocol and state. Any thread. */
final class Expiry {
    static final int TICKS_PER_SECOND = 10;

    private final int opening;
    private final int established;
    private final int closing;
    private final int udp;
    private final int udpUnreplied;
    private final int query;
    private final int other;
    private final int leastOfTcp;
    private final int leastOfUdp;

    Expiry(Timeouts timeouts) {
        opening = ticks(timeouts.opening());
        established = ticks(timeouts.established());
        closing = ticks(timeouts.closing());
        udp = ticks(timeouts.udp());
        udpUnreplied = ticks(timeouts.udpUnreplied());
        query = ticks(timeouts.query());
        other = ticks(timeouts.other());
        leastOfTcp = Math.min(opening, Math.min(established, closing));
        leastOfUdp = Math.min(udp, udpUnreplied);
    }

    /**
     * The time-out of a session in this state. After one FIN it is still that of an established one: the other direction may
     * go on for long (RFC 6146 section 3.5.2.2; RFC 7857 section 2 has the same machine).
     */
    int timeout(int protocol, long state) {
        return switch (State.phase(state)) {
            case State.SYN_SENT, State.SYN_SENT2, State.SYN_RECEIVED -> opening;
            case State.ESTABLISHED, State.FIN_WAIT, State.CLOSE_WAIT -> established;
            case State.TIME_WAIT, State.CLOSED -> closing;
            default -> switch (protocol) {
                case Protocol.UDP -> State.isReplied(state) ? udp : udpUnreplied;
                case Protocol.ICMP, Protocol.ICMPV6 -> query;
                default -> other;
            };
        };
    }

    /** The shortest time-out of a protocol: who was seen since is not expired, whatever the state. */
    int least(int protocol) {
        return switch (protocol) {
            case Protocol.TCP -> leastOfTcp;
            case Protocol.UDP -> leastOfUdp;
            case Protocol.ICMP, Protocol.ICMPV6 -> query;
            default -> other;
        };
    }

    private static int ticks(int seconds) {
        return seconds * TICKS_PER_SECOND;
    }
}
