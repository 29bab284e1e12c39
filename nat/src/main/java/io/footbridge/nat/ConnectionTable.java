package io.footbridge.nat;

import io.footbridge.memory.Epochs;
import io.footbridge.memory.Region;
import io.footbridge.memory.SeededHash;
import io.footbridge.wire.IpAddress;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
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
    public static final int MAX_REALM = (1 << SessionStore.REALM_BITS) - 1;

    private static final int IPV6 = 1 << 30;
    private static final int NUMBERS = 1 << SessionStore.OWNER_BITS;
    /** Ports that an owner may have if nothing is said: a quarter of 1024 to 65,535. */
    private static final int PORT_LIMIT = (OutsideAddress.PORTS - 1024) / 4;

    private final NatSettings settings;
    private final Epochs epochs;
    private final SeededHash seededHash;
    private final Lane[] lanes;
    private final Tally[] tallies;
    /** Of all threads that are no workers; its own monitor guards it. */
    private final Lane others;
    private final Numbered<Owner> owners = new Numbered<>(NUMBERS);
    private final Numbered<OutsideAddress> outsides = new Numbered<>(NUMBERS);
    private final Departures departures;
    private final Family ipv4;
    private volatile Family ipv6;
    private boolean windowCheck;
    private boolean addressFiltering;
    private volatile int clock;
    private int sweeps;

    /**
     * Maps the tables' memory, of a family when it is first asked for.
     *
     * @param epochs those of the workers
     * @param workers how many workers there are
     * @param seed for hashing and for what is drawn at random
     * @throws IOException there is not enough memory
     */
    public ConnectionTable(NatSettings settings, Epochs epochs, int workers, long seed) throws IOException {
        this.settings = settings;
        this.epochs = epochs;
        this.seededHash = new SeededHash(seed);
        this.departures = new Departures(epochs);
        lanes = new Lane[workers + 1];
        tallies = Tally.ofLanes(lanes.length);
        for (int lane = 0; lane <= workers; lane++) {
            lanes[lane] = new Lane(lane, seed, tallies[lane], new Allotment(BatchOpening.MAX_SIZE * lanes.length));
        }
        others = lanes[workers];
        ipv4 = family(false);
    }

    private Family family(boolean isIpv6) throws IOException {
        return new Family(isIpv6, settings, epochs, lanes.length, seededHash, owners, outsides);
    }

    /** Maps the IPv6 tables; before the first IPv6 packet is looked up. Repeated calls do nothing. */
    public synchronized void enableIpv6() throws IOException {
        if (ipv6 == null) {
            Family family = family(true);
            if (windowCheck) {
                family.sessions.enableWindows();
            }
            if (addressFiltering) {
                family.sessions.enableRemotes();
            }
            ipv6 = family;
        }
    }

    /** The hash of a tuple, for {@link #find}. */
    public long hash(Tuple tuple) {
        return of(tuple).sessions.store().hash(tuple);
    }

    /**
     * The flow of a packet with this tuple; of a whole batch, see {@link BatchLookup}. A session that has expired is removed
     * and not found.
     *
     * @param hash what {@link #hash} returned for this tuple
     * @return the flow, or {@link #NONE}
     */
    public int find(int lane, Tuple tuple, long hash, int now) {
        return flow(of(tuple).sessions.find(lanes[lane], tuple, hash, now), tuple);
    }

    Lane lane(int number) {
        return lanes[number];
    }

    /** The flow of an entry, or NONE. */
    static int flow(int entry, Tuple tuple) {
        return entry == NONE || !tuple.isIpv6() ? entry : entry | IPV6;
    }

    Family of(Tuple tuple) {
        return tuple.isIpv6() ? ipv6 : ipv4;
    }

    /** Null for IPv6 where it is not enabled. */
    SessionTable sessions(boolean isIpv6) {
        Family family = isIpv6 ? ipv6 : ipv4;
        return family == null ? null : family.sessions;
    }

    private Family[] families() {
        Family second = ipv6;
        return second == null ? new Family[] {ipv4} : new Family[] {ipv4, second};
    }

    private SessionTable sessions(int flow) {
        return ((flow & IPV6) == 0 ? ipv4 : ipv6).sessions;
    }

    SessionStore store(int flow) {
        return sessions(flow).store();
    }

    static int entry(int flow) {
        return flow & ~IPV6;
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
        store(flow).translated(entry(flow), into);
    }

    /** The realm that a packet of this flow goes to. */
    public int targetRealm(int flow) {
        return store(flow).targetRealm(entry(flow));
    }

    /** What the rewriting of this flow adds to a checksum that covers addresses (see Checksum's deltas). */
    public int addressDelta(int flow) {
        return store(flow).addressDelta(entry(flow));
    }

    /** What the rewriting of this flow adds to a checksum that covers ports (or an ICMP identifier). */
    public int portDelta(int flow) {
        return store(flow).portDelta(entry(flow));
    }

    /** Whose flow it is. */
    public Owner owner(int flow) {
        return owners.get(store(flow).owner(entry(flow)));
    }

    /** Opens a session; see {@link FlowRequest} for what it takes and what it may be refused for. */
    public int open(int lane, FlowRequest request, int now) {
        int entry = of(request.original()).opening.open(lanes[lane], request, now);
        return entry < 0 || !request.original().isIpv6() ? entry : entry | IPV6;
    }

    /**
     * Who has an outside port: the source of the packets that leave by it.
     *
     * @param protocol TCP, UDP, ICMP or ICMPv6
     * @param into gets the inside address, port, protocol and realm as its destination and realm
     * @return false where no mapping has the port
     */
    public boolean inside(OutsideAddress outside, int protocol, int port, Tuple into) {
        int mapping = mapping(outside, protocol, port);
        if (mapping == MappingStore.NONE) {
            return false;
        }
        behind(outside).mappings().store().inside(mapping, into);
        return true;
    }

    /** Whose mapping has an outside port; null where none has it, or its owner has just gone. */
    public Owner ownerInside(OutsideAddress outside, int protocol, int port) {
        int mapping = mapping(outside, protocol, port);
        return mapping == MappingStore.NONE ? null : owners.get(behind(outside).mappings().store().owner(mapping));
    }

    /**
     * Makes {@link #hasSentTo} answer for sessions opened from now on; before the first one, where a realm filters by
     * address. Costs some 48 bytes per flow. Repeated calls do nothing.
     *
     * @throws IOException there is not enough memory
     */
    public synchronized void enableAddressFiltering() throws IOException {
        addressFiltering = true;
        for (Family family : families()) {
            family.sessions.enableRemotes();
        }
    }

    /**
     * Whether the mapping of an outside port has a session with this address, whatever its port: one index lookup. One that
     * has expired counts until a sweep comes to it. Always false without {@link #enableAddressFiltering}.
     */
    public boolean hasSentTo(OutsideAddress outside, int protocol, int port, long high, long low, int now) {
        int mapping = mapping(outside, protocol, port);
        return mapping != MappingStore.NONE && behind(outside).hasRemote(mapping, high, low);
    }

    private int mapping(OutsideAddress outside, int protocol, int port) {
        if (!OutsideAddress.hasPorts(protocol) || outside.isIpv6() && ipv6 == null) {
            return MappingStore.NONE;
        }
        int mapping = OutsideAddress.mapping(outside.word(protocol, port));
        return mapping != MappingStore.NONE && behind(outside).mappings().store().isAlive(mapping) ? mapping : MappingStore.NONE;
    }

    private SessionTable behind(OutsideAddress outside) {
        return (outside.isIpv6() ? ipv6 : ipv4).sessions;
    }

    /** Makes an address behind which sessions may stand, its ports all free. */
    public OutsideAddress newOutside(IpAddress address, int realm) throws IOException {
        return outsides.add(number -> new OutsideAddress(number, address, realm, lanes.length));
    }

    /** Removes an outside address with its sessions; when no worker uses it for new ones any more. */
    public void remove(OutsideAddress outside) {
        Tuple tuple = new Tuple();
        Family family = outside.isIpv6() ? ipv6 : ipv4;
        if (family != null) {
            family.remove(others, entry -> family.concerns(entry, outside, tuple));
        }
        departures.add(outside::isHeld, () -> {
            outsides.remove(outside.number());
            outside.close();
        });
    }

    /**
     * Makes an owner.
     *
     * @param flowLimit sessions it may have; 0 for a quarter of the table
     * @param portLimit outside ports it may have; 0 for a quarter of an address's
     */
    public Owner newOwner(int flowLimit, int portLimit) {
        int flows = settings.capacity() / 4;
        return owners.add(number -> new Owner(number, flowLimit, portLimit, flows, PORT_LIMIT));
    }

    /** Removes an owner with its sessions and mappings; when no worker opens sessions for it any more. */
    public void remove(Owner owner) {
        for (Family family : families()) {
            family.remove(others, entry -> family.sessions.store().owner(entry) == owner.id());
        }
        departures.add(owner::hasAny, () -> owners.remove(owner.id()));
    }

    /** Removes the sessions that a person, or an event, wants gone; returns how many. */
    public int flush(Predicate<SessionView> which) {
        int removed = 0;
        for (Family family : families()) {
            removed += family.flush(others, which, clock);
        }
        return removed;
    }

    /**
     * Removes expired sessions from the next part of the tables, and makes removed records free when all workers have
     * passed.
     *
     * @param budget slots to visit at most; where many have expired it visits fewer, down to a sixteenth
     * @return slots visited; 0 where there are no sessions
     */
    public int sweep(int budget, int now) {
        clock = now;
        int visited = 0;
        synchronized (others) {
            Family[] families = families();
            // Each is the first one in turn, lest the other's sessions use up all of the budget.
            sweeps++;
            for (int i = 0; i < families.length; i++) {
                SessionTable sessions = families[sweeps + i & families.length - 1].sessions;
                visited += sessions.sweep(others, budget - visited, now);
                sessions.reclaim(budget);
            }
        }
        departures.advance();
        return visited;
    }

    /** The sessions at this moment, each consistent in itself. */
    public List<SessionView> sessions(Predicate<SessionView> which, int now) {
        clock = now;
        List<SessionView> sessions = new ArrayList<>();
        for (Family family : families()) {
            family.list(others, which, now, sessions);
        }
        return sessions;
    }

    /** The state word of a flow's session; its phase is {@link State#FREE} when the session is gone. */
    long state(int flow) {
        return store(flow).state(entry(flow));
    }

    /**
     * Changes the state word; false when it is not {@code expected} any more, or the session is gone. The generation stays
     * as it is, whatever {@code next} has there. Not to {@link State#FREE}: that is what {@link #remove(int, int)} is for.
     */
    boolean casState(int flow, long expected, long next) {
        return store(flow).casState(entry(flow), expected, next);
    }

    /** Whether packets of this direction need not look at the state word: a hint in its own line, its receiver's to set. */
    boolean isSettled(int flow) {
        return store(flow).isSettled(entry(flow));
    }

    /** Sets the hint of this direction. */
    void settle(int flow) {
        store(flow).settle(entry(flow), true);
    }

    /** Takes the hint of this direction back; that of the other direction stays. */
    void unsettle(int flow) {
        store(flow).settle(entry(flow), false);
    }

    /** Counts a packet of this direction and notes that it was seen. Writes this direction's line only. */
    void seen(int flow, int bytes, int now) {
        SessionStore store = store(flow);
        store.count(entry(flow), bytes);
        store.seen(entry(flow), now);
    }

    /** Counts a packet of this direction; the session gets no older time-out by it. */
    void counted(int flow, int bytes) {
        store(flow).count(entry(flow), bytes);
    }

    /** When the flow's session was opened, in ticks. */
    int createdAt(int flow) {
        return store(flow).createdAt(entry(flow));
    }

    /** The protocol number of a flow. */
    int protocol(int flow) {
        return store(flow).protocol(entry(flow));
    }

    /** Removes a flow's session; false when somebody else did. */
    public boolean remove(int lane, int flow) {
        SessionTable sessions = sessions(flow);
        int entry = entry(flow);
        return sessions.remove(lanes[lane], entry, State.generation(sessions.store().state(entry)));
    }

    /** Makes ready for the window check ({@link TcpWindow}) of sessions opened from now on; 32 bytes per session. */
    public synchronized void enableWindowCheck() throws IOException {
        windowCheck = true;
        for (Family family : families()) {
            family.sessions.enableWindows();
        }
    }

    /** Leaves a realm's sessions unchecked: when its window check has been off for an epoch, what was noted is stale. */
    public void forgetWindows(int realm) {
        for (Family family : families()) {
            family.sessions.forgetWindows(realm);
        }
    }

    /** Where the window check notes what it has to, of this flow's family; null before {@link #enableWindowCheck}. */
    MemorySegment windows(int flow) {
        Region windows = sessions(flow).windows();
        return windows == null ? null : windows.segment();
    }

    /** This direction's 16 bytes in {@link #windows}, a multiple of 16; the other direction's are at this xor 16. */
    static long windowOffset(int flow) {
        return (long) entry(flow) * 16;
    }

    /** How many sessions there are. */
    public int count() {
        int count = 0;
        for (Family family : families()) {
            count += family.sessions.count();
        }
        return count;
    }

    /** How many mappings there are. */
    public int mappings() {
        return (int) (sum(Tally.MAPPED) - sum(Tally.UNMAPPED));
    }

    /** What happened since the start. */
    public NatStatistics statistics() {
        return new NatStatistics(count(), settings.capacity(), mappings(),
                sum(Tally.OPENED), sum(Tally.EXPIRED), sum(Tally.REMOVED),
                sum(Tally.EVICTED), sum(Tally.REFUSED), sum(Tally.REUSED_PORTS));
    }

    private long sum(int what) {
        return Tally.sum(tallies, what);
    }

    /** Records that a lane has looked at for eviction. */
    long visited(int lane) {
        return lanes[lane].visited;
    }

    /** Entries that all indexes hold; when nobody changes them. */
    long indexed() {
        long entries = 0;
        for (Family family : families()) {
            entries += family.sessions.indexed();
        }
        return entries;
    }

    /** Frees the memory; when no worker can reach the table any more. */
    @Override
    public void close() {
        for (Family family : families()) {
            family.close();
        }
        outsides.all().forEach(OutsideAddress::close);
    }
}
