package io.footbridge.nat;

import io.footbridge.wire.DropReason;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Fragment;
import io.footbridge.wire.Frame;
import io.footbridge.wire.Icmp;
import io.footbridge.wire.Icmpv6;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Protocol;
import io.footbridge.wire.Tcp;
import io.footbridge.wire.VirtioNetHeader;
import java.lang.foreign.MemorySegment;

/**
 * Takes note of the packets of known flows: counters, time, and TCP's state ({@link TcpTracking}). Owning worker only.
 *
 * <p>A packet of a settled direction writes that direction's own line and reads nothing else. Others look at the state
 * word, and change it by compare-and-set where they change it at all: the loser of a race looks again, at what the winner
 * made of it.
 */
public final class Tracking {
    /** How old a session of a protocol without handshake must be to be assured, in ticks: more than 2 s. */
    static final int ASSURED_AGE = 20;

    private final ConnectionTable table;

    /** @param table whose flows are given */
    public Tracking(ConnectionTable table) {
        this.table = table;
    }

    /**
     * A packet of a flow came, as it read before it is rewritten.
     *
     * @param frame offset of the Ethernet header
     * @param parsed what Frame.parse made of it
     * @param windowCheck whether TCP segments outside the window are refused
     * @return zero, {@link Tcp#SYN} of a segment that has it, or the negative code of a reason to drop
     */
    public int packet(int flow, MemorySegment memory, long frame, long parsed, boolean windowCheck, int now) {
        int bytes = Frame.packetLength(parsed);
        if (Frame.protocol(parsed) == Protocol.TCP) {
            if (Frame.fragment(parsed) != Fragment.LATER) {
                int flags = Tcp.flags(memory, frame + Frame.transportOffset(parsed));
                int checked = windowCheck ? window(flow, memory, frame, parsed, flags) : 0;
                if (checked == 0 && TcpTracking.isPlain(flags) && isSeen(flow, bytes, now)) {
                    return 0;
                }
                int refused = checked == 0 ? segment(flow, flags, bytes, now) : doubtful(flow, checked, bytes);
                return refused < 0 ? refused : flags & Tcp.SYN;
            }
            table.seen(flow, bytes, now);
        } else if (!isSeen(flow, bytes, now)) {
            note(flow, now);
            table.seen(flow, bytes, now);
        }
        return 0;
    }

    /** Counts a packet of a settled direction. */
    private boolean isSeen(int flow, int bytes, int now) {
        return table.store(flow).seenIfSettled(ConnectionTable.entry(flow), bytes, now);
    }

    private int window(int flow, MemorySegment memory, long frame, long parsed, int flags) {
        MemorySegment windows = table.windows(flow);
        if (windows == null || !TcpTracking.isValid(flags)) {
            return 0;
        }
        long transport = frame + Frame.transportOffset(parsed);
        int payload = Frame.transportLength(parsed) - Tcp.headerLength(memory, transport);
        return TcpWindow.check(windows, ConnectionTable.windowOffset(flow), memory, transport, payload,
                State.phase(table.state(flow)));
    }

    private int doubtful(int flow, int checked, int bytes) {
        if (checked == TcpWindow.DOUBTFUL) {
            table.counted(flow, bytes);
            return 0;
        }
        return checked;
    }

    private int segment(int flow, int flags, int bytes, int now) {
        boolean reply = ConnectionTable.isReply(flow);
        if (!TcpTracking.isValid(flags)) {
            return DropReason.BAD_STATE.code();
        }
        if (TcpTracking.unsettles(flags)) {
            table.unsettle(flow);
        }
        boolean noted = false;
        while (true) {
            long before = table.state(flow);
            long after = State.phase(before) == State.FREE ? TcpTracking.INVALID
                    : TcpTracking.next(before, reply, flags);
            if (after == TcpTracking.INVALID) {
                return DropReason.BAD_STATE.code();
            }
            if (!noted) {
                // Before the word changes: the new phase's shorter time-out must not be held against an older time.
                if (TcpTracking.refreshes(before, after, flags)) {
                    table.seen(flow, bytes, now);
                } else {
                    table.counted(flow, bytes);
                }
                noted = true;
            }
            if (after == before || table.casState(flow, before, after)) {
                if (TcpTracking.isPlain(flags) && TcpTracking.isSettled(after)) {
                    table.settle(flow);
                }
                return 0;
            }
        }
    }

    /** Notes a packet of a protocol without handshake, until there is no more to be noted. */
    private void note(int flow, int now) {
        while (true) {
            long before = table.state(flow);
            if (State.phase(before) == State.FREE) {
                return;
            }
            long after = noted(before, ConnectionTable.isReply(flow), now - table.createdAt(flow));
            if (after == before || table.casState(flow, before, after)) {
                if (State.isAssured(after)) {
                    table.settle(flow);
                }
                return;
            }
        }
    }

    /** What a packet makes of the state word of a protocol without handshake, at an age in ticks. */
    static long noted(long state, boolean reply, int age) {
        long replied = reply ? state | State.REPLIED : state;
        return State.isReplied(replied) && age > ASSURED_AGE ? replied | State.ASSURED : replied;
    }

    /**
     * Whether a packet may open a session, or belong to one: TCP flags that no TCP sends together are refused, and ICMP of
     * the other IP version.
     *
     * @return zero, or the negative code of a reason to drop
     */
    public static int admit(MemorySegment memory, long frame, long parsed) {
        return switch (Frame.protocol(parsed)) {
            case Protocol.TCP -> Frame.fragment(parsed) == Fragment.LATER
                    || TcpTracking.isValid(Tcp.flags(memory, frame + Frame.transportOffset(parsed)))
                            ? 0 : DropReason.BAD_STATE.code();
            case Protocol.ICMP -> Frame.etherType(parsed) == Ethernet.IPV4 ? 0 : DropReason.BAD_HEADER.code();
            case Protocol.ICMPV6 -> Frame.etherType(parsed) == Ethernet.IPV6 ? 0 : DropReason.BAD_HEADER.code();
            default -> 0;
        };
    }

    /**
     * Whether a packet opens a session: a TCP SYN, an ICMP query, anything of another protocol. A later fragment of TCP
     * or ICMP does not.
     */
    public static boolean opens(MemorySegment memory, long frame, long parsed) {
        int protocol = Frame.protocol(parsed);
        if (protocol != Protocol.TCP && protocol != Protocol.ICMP && protocol != Protocol.ICMPV6) {
            return true;
        }
        if (Frame.fragment(parsed) == Fragment.LATER) {
            return false;
        }
        long transport = frame + Frame.transportOffset(parsed);
        return protocol == Protocol.TCP ? TcpTracking.isOpening(Tcp.flags(memory, transport))
                : Icmp.type(memory, transport) == Tuple.requestOf(protocol, Icmp.type(memory, transport));
    }

    /** Whether a packet is an ICMP or ICMPv6 error, whose flow is that of the packet it quotes ({@link IcmpErrors}). */
    public static boolean isIcmpError(MemorySegment memory, long frame, long parsed) {
        if (Frame.fragment(parsed) == Fragment.LATER) {
            return false;
        }
        long transport = frame + Frame.transportOffset(parsed);
        return switch (Frame.protocol(parsed)) {
            case Protocol.ICMP -> Icmp.isError(Icmp.type(memory, transport));
            case Protocol.ICMPV6 -> Icmpv6.isError(Icmpv6.type(memory, transport));
            default -> false;
        };
    }

    /**
     * Checks the checksums that a router has to: of the IPv4 header, and of ICMP and ICMPv6 where the message is whole.
     * TCP's and UDP's are for the ends to check.
     *
     * @param header offset of the virtio-net header; a partial checksum, or one that the kernel has verified, is right
     * @return zero, or the negative code of a reason to drop
     */
    public static int verify(MemorySegment memory, long header, long frame, long parsed) {
        boolean ipv4 = Frame.etherType(parsed) == Ethernet.IPV4;
        long packet = frame + Frame.networkOffset(parsed);
        if (ipv4 && !Ipv4.verify(memory, packet)) {
            return DropReason.BAD_CHECKSUM.code();
        }
        int protocol = Frame.protocol(parsed);
        if (protocol != Protocol.ICMP && protocol != Protocol.ICMPV6 || Frame.fragment(parsed) != Fragment.WHOLE
                || (VirtioNetHeader.flags(memory, header)
                        & (VirtioNetHeader.NEEDS_CSUM | VirtioNetHeader.DATA_VALID)) != 0) {
            return 0;
        }
        long transport = frame + Frame.transportOffset(parsed);
        int length = Frame.transportLength(parsed);
        boolean right = protocol == Protocol.ICMP ? Icmp.verify(memory, transport, length)
                : Icmpv6.verify(memory, packet, transport, length);
        return right ? 0 : DropReason.BAD_CHECKSUM.code();
    }
}
