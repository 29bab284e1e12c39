package io.footbridge.dataplane;

import static io.footbridge.dataplane.TcpState.ACK_DUE;
import static io.footbridge.dataplane.TcpState.FIN_ACKED;
import static io.footbridge.dataplane.TcpState.FIN_RECEIVED;
import static io.footbridge.dataplane.TcpState.FIN_SENT;
import static io.footbridge.dataplane.TcpState.OVERRUN;
import static io.footbridge.dataplane.TcpState.RECOVERY;
import static io.footbridge.dataplane.TcpState.RETRANSMIT;
import static io.footbridge.dataplane.TcpState.SPACE_DUE;

import io.footbridge.tap.Errno;
import io.footbridge.wire.BigEndian;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.Frame;
import io.footbridge.wire.Tcp;
import java.lang.foreign.MemorySegment;

/**
 * From the container to the socket, on a connection that is established: what RFC 9293 section 3.10.7.4 has an end do with a
 * segment. Data in order goes from the frame it came in to the socket with one call; what the socket does not take is not
 * acknowledged, and what comes out of order is not kept. Owning worker only.
 */
final class TcpInput {
    /** Result: the segment was taken. */
    static final int TAKEN = 0;
    /** Result: the container has reset the connection. */
    static final int RESET = 1;
    /** Result: the socket has failed. */
    static final int FAILED = 2;

    private static final int DUPLICATES = 3;
    private static final int SACK_BLOCK = 8;

    private final TcpRecords records;
    private final HostStreams host;
    private final TcpSegments segments;
    private final TcpOutput output;

    TcpInput(TcpRecords records, HostStreams host, TcpSegments segments, TcpOutput output) {
        this.records = records;
        this.host = host;
        this.segments = segments;
        this.output = output;
    }

    /** Takes a segment; a result above, or the negative code of a reason to drop. */
    int segment(int c, Packet packet) {
        MemorySegment memory = packet.memory;
        long tcp = packet.transport();
        int flags = Tcp.flags(memory, tcp);
        int sequence = Tcp.sequence(memory, tcp);
        int header = Tcp.headerLength(memory, tcp);
        int length = Frame.transportLength(packet.parsed) - header;
        int next = records.rcvNxt(c);
        if ((flags & Tcp.RST) != 0) {
            return reset(c, sequence, next);
        }
        if ((flags & Tcp.SYN) != 0) {
            // RFC 5961 section 4.
            records.raise(c, ACK_DUE);
            return TAKEN;
        }
        if ((flags & Tcp.ACK) == 0) {
            return DropReason.BAD_STATE.code();
        }
        int acknowledged = Tcp.acknowledgement(memory, tcp);
        if (acknowledged - records.sndMax(c) > 0) {
            records.raise(c, ACK_DUE);
            return DropReason.BAD_STATE.code();
        }
        acknowledge(c, memory, tcp, header, acknowledged, length, flags);
        boolean fin = (flags & Tcp.FIN) != 0;
        if (length == 0 && !fin) {
            if (sequence != next) {
                // Somebody asks where we stand.
                records.raise(c, ACK_DUE | SPACE_DUE);
            }
            return TAKEN;
        }
        return data(c, packet, tcp + header, sequence, length, fin);
    }

    /** RFC 5961 section 3: only the very next sequence number resets. */
    private int reset(int c, int sequence, int next) {
        if (sequence == next) {
            return RESET;
        }
        if (sequence - next > 0 && records.rcvEdge(c) - sequence >= 0) {
            records.raise(c, ACK_DUE);
        }
        return DropReason.BAD_STATE.code();
    }

    private void acknowledge(int c, MemorySegment memory, long tcp, int header, int acknowledged, int length, int flags) {
        int una = records.sndUna(c);
        int advance = acknowledged - una;
        if (advance < 0) {
            return;
        }
        int window = Tcp.window(memory, tcp) << records.sndScale(c);
        boolean sameWindow = window == records.sndWnd(c);
        if (records.sndWnd(c) == 0 && window > 0) {
            // How often a closed window was asked after says nothing of losses.
            records.retries(c, 0);
            records.due(c, 0);
        }
        records.sndWnd(c, window);
        if (advance > 0) {
            records.sndUna(c, acknowledged);
            records.dupAcks(c, 0);
            records.retries(c, 0);
            // The timer runs anew.
            records.due(c, 0);
            if (acknowledged - records.sndNxt(c) > 0) {
                records.sndNxt(c, acknowledged);
            }
            if (records.is(c, FIN_SENT) && acknowledged == records.sndMax(c)) {
                records.raise(c, FIN_ACKED);
            }
            if (records.is(c, RECOVERY)) {
                if (acknowledged - records.recover(c) >= 0) {
                    records.lower(c, RECOVERY);
                } else {
                    hole(c, memory, tcp, header, acknowledged);
                    records.raise(c, RETRANSMIT);
                }
            }
        } else if (length == 0 && sameWindow && (flags & Tcp.FIN) == 0 && records.sndNxt(c) - una > 0) {
            duplicate(c, memory, tcp, header, acknowledged);
        }
    }

    /** One tells enough where it has a SACK block: frames to a container do not overtake each other. */
    private void duplicate(int c, MemorySegment memory, long tcp, int header, int acknowledged) {
        int duplicates = records.dupAcks(c) + 1;
        records.dupAcks(c, duplicates);
        if (!records.is(c, RECOVERY) && acknowledged - records.recover(c) >= 0) {
            hole(c, memory, tcp, header, acknowledged);
            if (duplicates >= DUPLICATES || records.holeEnd(c) != acknowledged) {
                output.recover(c);
            }
        }
    }

    /** Where what the container has of later data begins: the lowest of its SACK blocks. */
    private void hole(int c, MemorySegment memory, long tcp, int header, int acknowledged) {
        records.holeEnd(c, acknowledged);
        int position = header == Tcp.MIN_HEADER_LENGTH ? -1 : Tcp.option(memory, tcp, Tcp.OPTION_SACK);
        if (position < 0) {
            return;
        }
        int nearest = Integer.MAX_VALUE;
        int end = position + Tcp.optionLength(memory, tcp, position);
        for (int block = position + 2; block + SACK_BLOCK <= end; block += SACK_BLOCK) {
            int distance = BigEndian.i32(memory, tcp + block) - acknowledged;
            if (distance > 0 && distance < nearest && records.sndMax(c) - acknowledged > distance) {
                nearest = distance;
            }
        }
        if (nearest != Integer.MAX_VALUE) {
            records.holeEnd(c, acknowledged + nearest);
        }
    }

    private int data(int c, Packet packet, long payload, int sequence, int length, boolean fin) {
        int next = records.rcvNxt(c);
        int old = next - sequence;
        if (old < 0) {
            // Out of order: at once, each is one of three that tell of a loss (RFC 5681 section 4.2).
            segments.acknowledge(c);
            return TAKEN;
        }
        records.raise(c, ACK_DUE);
        int fresh = length - old;
        if (fresh < 0 || fresh == 0 && !fin || records.is(c, FIN_RECEIVED)) {
            records.raise(c, SPACE_DUE);
            return TAKEN;
        }
        if (fresh > 0) {
            long taken = host.send(records.socket(c), packet.memory.address() + payload + old, fresh);
            if (taken < 0 && !Errno.EAGAIN.is(taken)) {
                return FAILED;
            }
            records.raise(c, SPACE_DUE);
            records.rcvNxt(c, next + (int) Math.max(0, taken));
            if (taken < fresh) {
                records.raise(c, OVERRUN);
                return TAKEN;
            }
        }
        if (fin) {
            records.rcvNxt(c, records.rcvNxt(c) + 1);
            records.raise(c, FIN_RECEIVED);
            host.finish(records.socket(c));
        }
        return TAKEN;
    }
}
