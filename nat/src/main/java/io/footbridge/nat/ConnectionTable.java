package io.footbridge.nat;

import io.footbridge.memory.Epochs;
import io.footbridge.wire.IpAddress;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Predicate;

/**
 * All sessions and mappings. Lookups never wait and allocate nothing; how, the package's description says.
 *
 * <p>A <em>flow</em> is a session seen from one of its directions, as an int: {@link #NONE}, or zero or more. It means the
 * same session until the worker that got it passes an epoch. {@code lane} is the number of the calling worker, 0 to
 * {@code workers-1}; what belongs to no worker is done under a lock, and is off the frame path. {@code now} is the time
 * in ticks of 100 ms from any start.
 */
public final class ConnectionTable implements AutoCloseable {
    /** No flow. */
    public static final int NONE = -1;
    /** The greatest number of a realm. */
    public static final int MAX_REALM = (1 << 20) - 1;

    /**
     * Maps the tables' memory, of a family when it is first asked for.
     *
     * @param epochs those of the workers
     * @param workers how many workers there are
     * @param seed for hashing and for what is drawn at random
     * @throws IOException there is not enough memory
     */
    public ConnectionTable(NatSettings settings, Epochs epochs, int workers, long seed) throws IOException {
        throw new UnsupportedOperationException();
    }

    /** Maps the IPv6 tables; before the first IPv6 packet is looked up. Repeated calls do nothing. */
    public void enableIpv6() throws IOException {
        throw new UnsupportedOperationException();
    }

    /** The first pass of a batch: the tuple's hash, its bucket read so that the misses of a batch overlap. */
    public long hash(Tuple tuple) {
        throw new UnsupportedOperationException();
    }

    /** The second pass: reads the line of the session that the bucket names, if any. */
    public void touch(Tuple tuple, long hash) {
        throw new UnsupportedOperationException();
    }

    /**
     * The third pass: the flow of a packet with this tuple. A session that has expired is removed and not found.
     *
     * @param hash what {@link #hash} returned for this tuple
     * @return the flow, or {@link #NONE}
     */
    public int find(int lane, Tuple tuple, long hash, int now) {
        throw new UnsupportedOperationException();
    }

    /** Whether a flow is its session's reply direction. */
    public static boolean isReply(int flow) {
        return (flow & 1) != 0;
    }

    /** The other direction of a flow's session. */
    public static int reverse(int flow) {
        return flow ^ 1;
    }

    /** How a packet of this flow is to read, and in which realm. */
    public void translated(int flow, Tuple into) {
        throw new UnsupportedOperationException();
    }

    /** The realm that a packet of this flow goes to. */
    public int targetRealm(int flow) {
        throw new UnsupportedOperationException();
    }

    /** What the rewriting of this flow adds to a checksum that covers addresses (see Checksum's deltas). */
    public int addressDelta(int flow) {
        throw new UnsupportedOperationException();
    }

    /** What the rewriting of this flow adds to a checksum that covers ports (or an ICMP identifier). */
    public int portDelta(int flow) {
        throw new UnsupportedOperationException();
    }

    /** Whose flow it is. */
    public Owner owner(int flow) {
        throw new UnsupportedOperationException();
    }

    /** Opens a session; see {@link FlowRequest} for what it takes and what it may be refused for. */
    public int open(int lane, FlowRequest request, int now) {
        throw new UnsupportedOperationException();
    }

    /**
     * Who has an outside port: the source of the packets that leave by it.
     *
     * @param protocol TCP, UDP, ICMP or ICMPv6
     * @param into gets the inside address, port, protocol and realm as its destination and realm
     * @return false where no mapping has the port
     */
    public boolean inside(OutsideAddress outside, int protocol, int port, Tuple into) {
        throw new UnsupportedOperationException();
    }

    /** Whether the mapping of an outside port has a session with this address, whatever its port; bounded work. */
    public boolean hasSentTo(OutsideAddress outside, int protocol, int port, long high, long low, int now) {
        throw new UnsupportedOperationException();
    }

    /** Makes an address behind which sessions may stand, its ports all free. */
    public OutsideAddress newOutside(IpAddress address, int realm) throws IOException {
        throw new UnsupportedOperationException();
    }

    /** Removes an outside address with its sessions; when no worker uses it for new ones any more. */
    public void remove(OutsideAddress outside) {
        throw new UnsupportedOperationException();
    }

    /**
     * Makes an owner.
     *
     * @param flowLimit sessions it may have; 0 for a quarter of the table
     * @param portLimit outside ports it may have; 0 for a quarter of an address's
     */
    public Owner newOwner(int flowLimit, int portLimit) {
        throw new UnsupportedOperationException();
    }

    /** Removes an owner with its sessions and mappings; when no worker opens sessions for it any more. */
    public void remove(Owner owner) {
        throw new UnsupportedOperationException();
    }

    /** Removes the sessions that a person, or an event, wants gone; returns how many. */
    public int flush(Predicate<SessionView> which) {
        throw new UnsupportedOperationException();
    }

    /**
     * Removes expired sessions from the next part of the tables, and makes removed records free when all workers have
     * passed.
     *
     * @param budget slots to visit at most
     * @return slots visited
     */
    public int sweep(int budget, int now) {
        throw new UnsupportedOperationException();
    }

    /** The sessions at this moment, each consistent in itself. */
    public List<SessionView> sessions(Predicate<SessionView> which, int now) {
        throw new UnsupportedOperationException();
    }

    /** The state word of a flow's session; its phase is {@link State#FREE} when the session is gone. */
    long state(int flow) {
        throw new UnsupportedOperationException();
    }

    /**
     * Changes the state word; false when it is not {@code expected} any more, or the session is gone. The generation stays
     * as it is, whatever {@code next} has there. Not to {@link State#FREE}: that is what {@link #remove(int, int)} is for.
     */
    boolean casState(int flow, long expected, long next) {
        throw new UnsupportedOperationException();
    }

    /**
     * Whether packets of this direction need not look at the state word: what they are, it has noted already. A hint in
     * the direction's own line, set and taken back by whoever receives that direction.
     */
    boolean isSettled(int flow) {
        throw new UnsupportedOperationException();
    }

    /** Sets the hint of this direction. */
    void settle(int flow) {
        throw new UnsupportedOperationException();
    }

    /** Takes the hint of this direction back; that of the other direction stays. */
    void unsettle(int flow) {
        throw new UnsupportedOperationException();
    }

    /** Counts a packet of this direction and notes that it was seen. Writes this direction's line only. */
    void seen(int flow, int bytes, int now) {
        throw new UnsupportedOperationException();
    }

    /** Counts a packet of this direction; the session gets no older time-out by it. */
    void counted(int flow, int bytes) {
        throw new UnsupportedOperationException();
    }

    /** When the flow's session was opened, in ticks. */
    int createdAt(int flow) {
        throw new UnsupportedOperationException();
    }

    /** The protocol number of a flow. */
    int protocol(int flow) {
        throw new UnsupportedOperationException();
    }

    /** Removes a flow's session; false when somebody else did. */
    boolean remove(int lane, int flow) {
        throw new UnsupportedOperationException();
    }

    /**
     * Maps what the window check needs: 32 bytes per session, 16 for each direction, zero when a session is opened.
     * Before the first packet is checked. Repeated calls do nothing.
     */
    void enableWindowCheck() throws IOException {
        throw new UnsupportedOperationException();
    }

    /** Where the window check notes what it has to, of this flow's family. */
    MemorySegment windows(int flow) {
        throw new UnsupportedOperationException();
    }

    /** This direction's 16 bytes in {@link #windows}, a multiple of 16; the other direction's are at this xor 16. */
    static long windowOffset(int flow) {
        throw new UnsupportedOperationException();
    }

    /** How many sessions there are. */
    public int count() {
        throw new UnsupportedOperationException();
    }

    /** How many mappings there are. */
    public int mappings() {
        throw new UnsupportedOperationException();
    }

    /** What happened since the start. */
    public NatStatistics statistics() {
        throw new UnsupportedOperationException();
    }

    /** Frees the memory; when no worker can reach the table any more. */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
