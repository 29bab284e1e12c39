package io.footbridge.nat;

import io.footbridge.wire.DropReason;
import io.footbridge.wire.Protocol;

/**
 * How sessions of one family are opened: counted in, given a source, written, and entered into the index twice.
 *
 * <p>The inside tuple is entered first. Two workers that open one flow, from one end or from both, have that tuple in
 * common, and the later one takes the earlier one's session. Only where the outside tuple is what several may want, since
 * the port is shared or there is none, that one goes first: so nobody finds a session that turns out to have no place.
 *
 * <p>While it is opened, nobody but its opener may remove a session.
 */
final class Opening {
    /** The outside tuple is another session's. */
    private static final int COLLISION = Integer.MIN_VALUE;
    private static final int NO_SLOT = Integer.MIN_VALUE + 1;
    private static final int SHARE_ATTEMPTS = 8;
    private static final int EVICTIONS = 2;

    private final SessionTable sessions;
    private final Mappings mappings;
    private final SessionStore store;
    private final Index index;

    Opening(SessionTable sessions) {
        this.sessions = sessions;
        this.mappings = sessions.mappings();
        this.store = sessions.store();
        this.index = sessions.index();
    }

    /** The entry of the packet that opens the session, or the negative code of a reason to drop. */
    int open(Lane lane, FlowRequest request, int now) {
        Owner owner = request.owner();
        touch(lane, request);
        Allotment allotment = lane.allotment;
        if (!allotment.takeFlow(owner) && !(sessions.eviction().evictOf(lane, owner, now) && owner.takeFlow())) {
            return DropReason.FLOW_LIMIT.code();
        }
        if (!allotment.takeRoom(sessions) && !sessions.reserve(lane, now)) {
            owner.releaseFlow();
            lane.tally.count(Tally.REFUSED);
            return DropReason.CONNTRACK_FULL.code();
        }
        lane.fresh = false;
        int result = place(lane, request, now);
        if (lane.fresh) {
            lane.tally.count(Tally.OPENED);
            return result;
        }
        sessions.unreserve(1);
        owner.releaseFlow();
        if (result == DropReason.CONNTRACK_FULL.code()) {
            lane.tally.count(Tally.REFUSED);
        }
        return result;
    }

    /**
     * Reads what will be needed, so that the misses overlap: compare-and-sets later let nothing pass. For what goes behind a
     * port, {@link BatchOpening} has done it.
     */
    private void touch(Lane lane, FlowRequest request) {
        if (request.pool() == null) {
            Tuple reply = lane.reply;
            reply.invert(request.translated());
            lane.touched = sessions.touchFree(lane, 1) ^ sessions.index().touch(store.hash(reply));
        }
    }

    private int place(Lane lane, FlowRequest request, int now) {
        lane.translated.set(request.translated());
        OutsideAddress[] pool = request.pool();
        int result;
        if (pool == null) {
            result = link(lane, request, SessionTable.NONE, true, now);
        } else if (OutsideAddress.hasPorts(request.original().protocol())) {
            result = placeBehindPort(lane, request, pool, now);
        } else {
            result = placeBehindAddress(lane, request, pool, now);
        }
        return switch (result) {
            case COLLISION -> DropReason.NO_FREE_PORT.code();
            case NO_SLOT -> DropReason.CONNTRACK_FULL.code();
            default -> result;
        };
    }

    private int placeBehindPort(Lane lane, FlowRequest request, OutsideAddress[] pool, int now) {
        Tuple inside = request.original();
        int mapping = mappings.acquire(lane, inside, pool, request.owner());
        int result = mapping < 0 ? mapping : linkBehind(lane, request, mapping, now);
        for (int i = 0; i < SHARE_ATTEMPTS && (result == COLLISION || result == DropReason.NO_FREE_PORT.code()); i++) {
            mapping = mappings.share(lane, sessions, inside, request.translated(), pool, request.owner(), i);
            if (mapping < 0) {
                return mapping;
            }
            result = linkBehind(lane, request, mapping, now);
        }
        return result;
    }

    private int linkBehind(Lane lane, FlowRequest request, int mapping, int now) {
        OutsideAddress outside = mappings.outside(mapping);
        boolean sole = mappings.store().isSole(mapping);
        lane.translated.source(outside.high(), outside.low(), mappings.store().port(mapping));
        lane.remote = sessions.rememberRemote(lane, mapping, lane.translated);
        int result = link(lane, request, mapping, sole, now);
        if (!lane.fresh) {
            if (lane.remote) {
                sessions.forgetRemote(lane, mapping, lane.translated);
            }
            mappings.release(lane, mapping);
        } else if (!sole) {
            lane.tally.count(Tally.REUSED_PORTS);
        }
        return result;
    }

    /** Protocols without ports: one session for each outside address and destination. */
    private int placeBehindAddress(Lane lane, FlowRequest request, OutsideAddress[] pool, int now) {
        int preferred = mappings.preferred(request.original(), pool.length);
        int result = COLLISION;
        for (int i = 0; i < Math.min(pool.length, SHARE_ATTEMPTS) && result == COLLISION; i++) {
            OutsideAddress outside = pool[(preferred + i) % pool.length];
            lane.translated.source(outside.high(), outside.low(), 0);
            result = link(lane, request, SessionTable.NONE, false, now);
        }
        return result;
    }

    /**
     * Writes a session and enters it; {@link Lane#fresh} says whether it is a new one.
     *
     * @return the entry of the original direction, here or of the session that is there already; or COLLISION, NO_SLOT, or
     *         the code of a reason to drop
     */
    private int link(Lane lane, FlowRequest request, int mapping, boolean insideFirst, int now) {
        int record = sessions.take(lane);
        if (record == SessionTable.NONE) {
            return DropReason.CONNTRACK_FULL.code();
        }
        write(lane, request, record, mapping, now);
        int inside = record << 1 | (request.insideIsSource() ? 0 : 1);
        int first = insideFirst ? inside : inside ^ 1;
        int result = enter(lane, first, now);
        if (result == first) {
            result = enter(lane, first ^ 1, now);
            if (result == (first ^ 1)) {
                store.opened(record);
                lane.fresh = true;
                return record << 1;
            }
            index.remove(store.hash(first), first);
        }
        while (!store.end(record << 1, store.state(record << 1))) {
            Thread.onSpinWait();
        }
        sessions.retire(lane, record);
        if (result < 0) {
            return NO_SLOT;
        }
        return theSameAs(request.original(), result);
    }

    private int enter(Lane lane, int entry, int now) {
        long hash = store.hash(entry);
        int result = index.insert(hash, entry);
        for (int i = 0; i < EVICTIONS && result == Index.FULL && sessions.eviction().evictFrom(lane, hash, now); i++) {
            result = index.insert(hash, entry);
        }
        return result;
    }

    /** The direction of a session that this packet is of, if it is. */
    private int theSameAs(Tuple original, int existing) {
        if (store.matches(existing, original)) {
            return existing;
        }
        return store.matches(existing ^ 1, original) ? existing ^ 1 : COLLISION;
    }

    private void write(Lane lane, FlowRequest request, int record, int mapping, int now) {
        Tuple original = request.original();
        lane.reply.invert(lane.translated);
        lane.answer.invert(original);
        store.begin(record, original.protocol() == Protocol.TCP ? State.SYN_SENT : State.STATELESS);
        store.write(record, original, lane.translated, lane.reply, lane.answer, request.owner().id(), mapping,
                request.insideIsSource(), mapping != SessionTable.NONE && lane.remote, now);
        sessions.clearWindow(record);
    }
}
