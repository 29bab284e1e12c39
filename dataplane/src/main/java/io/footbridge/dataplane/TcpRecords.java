package io.footbridge.dataplane;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.footbridge.memory.Region;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * One worker's TCP connections: records of {@value #SIZE} bytes off-heap, of which there are ever more as they are needed,
 * and beside them whose port each is of. A connection is an int, the record's place. Owning worker only.
 *
 * <pre>
 * offset width name           meaning
 *      0     4 phase          one of the phases of {@link TcpState}; 0 of a record that is free
 *      4     4 flags          bits of {@link TcpState}
 *      8     4 socket         the socket's descriptor, or -1
 *     12     4 flow           the session, in the direction from the container
 *     16     8 life           what tells the session from others of its number
 *     24     4 sndUna         SND.UNA: the container has acknowledged what is before
 *     28     4 sndNxt         SND.NXT: what is sent next; set back to SND.UNA when a timer says that all is lost
 *     32     4 sndMax         what was never sent begins here
 *     36     4 sndWnd         SND.WND: bytes from SND.UNA on that the container takes
 *     40     4 consumed       the socket's receive queue begins here
 *     44     4 peekAt         the socket's peek offset stands here
 *     48     4 recover        RFC 6582: loss is being repaired until this is acknowledged
 *     52     4 holeEnd        what the container has of later data begins here (RFC 2018); SND.UNA where it told nothing
 *     56     4 dupAcks        duplicate acknowledgements in a row
 *     60     4 retries        how often the timer has fired without an answer
 *     64     4 rcvNxt         RCV.NXT: the socket has taken what is before
 *     68     4 rcvEdge        RCV.NXT + RCV.WND: what the container was told it may send up to
 *     72     4 mss            payload bytes of a segment to the container
 *     76     4 sndScale       shift of the windows that the container tells
 *     80     4 rcvScale       shift of the windows that it is told
 *     84     4 queued         the next of the list of those that have something to do, or -1
 *     88     4 timerNext      the next of the timer's slot, or -1
 *     92     4 timerPrevious  the one before it in the slot, or -1
 *     96     4 timerSlot      the timer's slot, or -1
 *    104     8 due            when the timer has something to do, in nanoseconds
 *    112     8 heard          when the container was heard of last, in nanoseconds
 *    120     4 fill           of 256 bytes of the socket's send buffer so many are payload; 0 while nothing is known
 *    192    76 template       headers of a segment to the container: Ethernet, IPv4 or IPv6, TCP without options
 * </pre>
 *
 * <p>Sequence numbers are modulo 2<sup>32</sup>, those of the container's own stream (rcv) and those of the stream to it
 * (snd). A record that is freed is used again only after {@link #recycle}: epoll may still tell of its old socket in the
 * cycle under way.
 */
final class TcpRecords {
    /** Bytes of a record. */
    static final int SIZE = 320;
    /** No connection. */
    static final int NONE = -1;

    private static final int INITIAL = 64;
    private static final int TEMPLATE = 192;

    private static final int PHASE = 0;
    private static final int FLAGS = 4;
    private static final int SOCKET = 8;
    private static final int FLOW = 12;
    private static final int LIFE = 16;
    private static final int SND_UNA = 24;
    private static final int SND_NXT = 28;
    private static final int SND_MAX = 32;
    private static final int SND_WND = 36;
    private static final int CONSUMED = 40;
    private static final int PEEK_AT = 44;
    private static final int RECOVER = 48;
    private static final int HOLE_END = 52;
    private static final int DUP_ACKS = 56;
    private static final int RETRIES = 60;
    private static final int RCV_NXT = 64;
    private static final int RCV_EDGE = 68;
    private static final int MSS = 72;
    private static final int SND_SCALE = 76;
    private static final int RCV_SCALE = 80;
    private static final int QUEUED = 84;
    private static final int TIMER_NEXT = 88;
    private static final int TIMER_PREVIOUS = 92;
    private static final int TIMER_SLOT = 96;
    private static final int DUE = 104;
    private static final int HEARD = 112;
    private static final int FILL = 120;

    private final int worker;
    private final int limit;
    private Region region;
    private MemorySegment memory;
    private Port[] ports = new Port[INITIAL];
    /** Places that are free, the last one first to be used. */
    private int[] free = new int[INITIAL];
    private int freeCount;
    /** Places that are free from the next cycle on. */
    private int[] limbo = new int[INITIAL];
    private int limboCount;
    private int used;

    /** @param limit connections that there may be; three quarters of them of one port, so that others have a quarter */
    TcpRecords(int worker, int limit) throws IOException {
        this.worker = worker;
        this.limit = limit;
        region = Region.map("TCP connections", (long) INITIAL * SIZE);
        memory = region.segment();
    }

    private static long at(int c) {
        return (long) c * SIZE;
    }

    /** A record for a connection of a port, zeroed; {@link #NONE} where the limit or memory is at an end. */
    int take(Port port) {
        PortLane lane = port.lane(worker);
        if (count() >= limit || lane.connections >= limit / 4 * 3) {
            return NONE;
        }
        int c;
        if (freeCount > 0) {
            c = free[--freeCount];
        } else {
            if (used == ports.length && !grow()) {
                return NONE;
            }
            c = used++;
        }
        for (long field = at(c); field < at(c + 1); field += Long.BYTES) {
            memory.set(JAVA_LONG, field, 0);
        }
        ports[c] = port;
        lane.connections++;
        return c;
    }

    private boolean grow() {
        int more = 2 * ports.length;
        Region larger;
        try {
            larger = Region.map("TCP connections", (long) more * SIZE);
        } catch (IOException full) {
            return false;
        }
        MemorySegment.copy(memory, 0, larger.segment(), 0, (long) used * SIZE);
        region.close();
        region = larger;
        memory = larger.segment();
        ports = Arrays.copyOf(ports, more);
        free = Arrays.copyOf(free, more);
        limbo = Arrays.copyOf(limbo, more);
        return true;
    }

    /** Gives a record back. */
    void release(int c) {
        phase(c, TcpState.FREE);
        ports[c].lane(worker).connections--;
        ports[c] = null;
        limbo[limboCount++] = c;
    }

    /** Makes what was given back free for use. */
    void recycle() {
        while (limboCount > 0) {
            free[freeCount++] = limbo[--limboCount];
        }
    }

    boolean hasReleased() {
        return limboCount > 0;
    }

    /** Places that have ever been used: those of all connections are below. */
    int limit() {
        return used;
    }

    /** How many connections there are. */
    int count() {
        return used - freeCount - limboCount;
    }

    /** The port that the connection's container is behind. */
    Port port(int c) {
        return ports[c];
    }

    /** The memory that {@link #template} counts in; until the next {@link #take}. */
    MemorySegment memory() {
        return memory;
    }

    /** Where the headers of a segment to the container stand. */
    long template(int c) {
        return at(c) + TEMPLATE;
    }

    boolean is(int c, int flag) {
        return (flags(c) & flag) != 0;
    }

    void raise(int c, int flag) {
        flags(c, flags(c) | flag);
    }

    void lower(int c, int flag) {
        flags(c, flags(c) & ~flag);
    }

    int phase(int c) {
        return memory.get(JAVA_INT, at(c) + PHASE);
    }

    void phase(int c, int value) {
        memory.set(JAVA_INT, at(c) + PHASE, value);
    }

    int flags(int c) {
        return memory.get(JAVA_INT, at(c) + FLAGS);
    }

    void flags(int c, int value) {
        memory.set(JAVA_INT, at(c) + FLAGS, value);
    }

    int socket(int c) {
        return memory.get(JAVA_INT, at(c) + SOCKET);
    }

    void socket(int c, int value) {
        memory.set(JAVA_INT, at(c) + SOCKET, value);
    }

    int flow(int c) {
        return memory.get(JAVA_INT, at(c) + FLOW);
    }

    void flow(int c, int value) {
        memory.set(JAVA_INT, at(c) + FLOW, value);
    }

    long life(int c) {
        return memory.get(JAVA_LONG, at(c) + LIFE);
    }

    void life(int c, long value) {
        memory.set(JAVA_LONG, at(c) + LIFE, value);
    }

    int sndUna(int c) {
        return memory.get(JAVA_INT, at(c) + SND_UNA);
    }

    void sndUna(int c, int value) {
        memory.set(JAVA_INT, at(c) + SND_UNA, value);
    }

    int sndNxt(int c) {
        return memory.get(JAVA_INT, at(c) + SND_NXT);
    }

    void sndNxt(int c, int value) {
        memory.set(JAVA_INT, at(c) + SND_NXT, value);
    }

    int sndMax(int c) {
        return memory.get(JAVA_INT, at(c) + SND_MAX);
    }

    void sndMax(int c, int value) {
        memory.set(JAVA_INT, at(c) + SND_MAX, value);
    }

    int sndWnd(int c) {
        return memory.get(JAVA_INT, at(c) + SND_WND);
    }

    void sndWnd(int c, int value) {
        memory.set(JAVA_INT, at(c) + SND_WND, value);
    }

    int consumed(int c) {
        return memory.get(JAVA_INT, at(c) + CONSUMED);
    }

    void consumed(int c, int value) {
        memory.set(JAVA_INT, at(c) + CONSUMED, value);
    }

    int peekAt(int c) {
        return memory.get(JAVA_INT, at(c) + PEEK_AT);
    }

    void peekAt(int c, int value) {
        memory.set(JAVA_INT, at(c) + PEEK_AT, value);
    }

    int recover(int c) {
        return memory.get(JAVA_INT, at(c) + RECOVER);
    }

    void recover(int c, int value) {
        memory.set(JAVA_INT, at(c) + RECOVER, value);
    }

    int holeEnd(int c) {
        return memory.get(JAVA_INT, at(c) + HOLE_END);
    }

    void holeEnd(int c, int value) {
        memory.set(JAVA_INT, at(c) + HOLE_END, value);
    }

    int dupAcks(int c) {
        return memory.get(JAVA_INT, at(c) + DUP_ACKS);
    }

    void dupAcks(int c, int value) {
        memory.set(JAVA_INT, at(c) + DUP_ACKS, value);
    }

    int retries(int c) {
        return memory.get(JAVA_INT, at(c) + RETRIES);
    }

    void retries(int c, int value) {
        memory.set(JAVA_INT, at(c) + RETRIES, value);
    }

    int rcvNxt(int c) {
        return memory.get(JAVA_INT, at(c) + RCV_NXT);
    }

    void rcvNxt(int c, int value) {
        memory.set(JAVA_INT, at(c) + RCV_NXT, value);
    }

    int rcvEdge(int c) {
        return memory.get(JAVA_INT, at(c) + RCV_EDGE);
    }

    void rcvEdge(int c, int value) {
        memory.set(JAVA_INT, at(c) + RCV_EDGE, value);
    }

    int mss(int c) {
        return memory.get(JAVA_INT, at(c) + MSS);
    }

    void mss(int c, int value) {
        memory.set(JAVA_INT, at(c) + MSS, value);
    }

    int sndScale(int c) {
        return memory.get(JAVA_INT, at(c) + SND_SCALE);
    }

    void sndScale(int c, int value) {
        memory.set(JAVA_INT, at(c) + SND_SCALE, value);
    }

    int rcvScale(int c) {
        return memory.get(JAVA_INT, at(c) + RCV_SCALE);
    }

    void rcvScale(int c, int value) {
        memory.set(JAVA_INT, at(c) + RCV_SCALE, value);
    }

    int queued(int c) {
        return memory.get(JAVA_INT, at(c) + QUEUED);
    }

    void queued(int c, int value) {
        memory.set(JAVA_INT, at(c) + QUEUED, value);
    }

    int timerNext(int c) {
        return memory.get(JAVA_INT, at(c) + TIMER_NEXT);
    }

    void timerNext(int c, int value) {
        memory.set(JAVA_INT, at(c) + TIMER_NEXT, value);
    }

    int timerPrevious(int c) {
        return memory.get(JAVA_INT, at(c) + TIMER_PREVIOUS);
    }

    void timerPrevious(int c, int value) {
        memory.set(JAVA_INT, at(c) + TIMER_PREVIOUS, value);
    }

    int timerSlot(int c) {
        return memory.get(JAVA_INT, at(c) + TIMER_SLOT);
    }

    void timerSlot(int c, int value) {
        memory.set(JAVA_INT, at(c) + TIMER_SLOT, value);
    }

    long due(int c) {
        return memory.get(JAVA_LONG, at(c) + DUE);
    }

    void due(int c, long value) {
        memory.set(JAVA_LONG, at(c) + DUE, value);
    }

    long heard(int c) {
        return memory.get(JAVA_LONG, at(c) + HEARD);
    }

    void heard(int c, long value) {
        memory.set(JAVA_LONG, at(c) + HEARD, value);
    }

    int fill(int c) {
        return memory.get(JAVA_INT, at(c) + FILL);
    }

    void fill(int c, int value) {
        memory.set(JAVA_INT, at(c) + FILL, value);
    }

    /** Frees the memory. */
    void close() {
        region.close();
    }
}
