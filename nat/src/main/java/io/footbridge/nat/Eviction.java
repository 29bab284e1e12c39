package io.footbridge.nat;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Which session gives way when there is no room: one that has expired, else one that is closed, else one that was never
 * replied to, else one that was replied to but is not safe yet. Never a TCP session whose handshake was complete and that
 * is not closed, nor another one that was replied to and is older than two seconds. Bounded work; any thread.
 */
final class Eviction {
    /** Records that are looked at to find one that may give way. */
    static final int SCAN = 64;

    /** Ticks that a replied session must be old to be safe. */
    private static final int PROBATION = 2 * Expiry.TICKS_PER_SECOND;
    private static final int EXPIRED = 0;
    private static final int CLOSED = 1;
    private static final int UNREPLIED = 2;
    private static final int REPLIED = 3;
    private static final int PROTECTED = 4;
    private static final int NONE = SessionTable.NONE;
    private static final int ANYONE = -1;

    private final SessionTable sessions;
    private final SessionStore store;
    private final AtomicInteger hand = new AtomicInteger();

    Eviction(SessionTable sessions) {
        this.sessions = sessions;
        this.store = sessions.store();
    }

    /** Removes one of the next records' sessions, if one may give way. */
    boolean evictAny(Lane lane, int now) {
        return evictNext(lane, ANYONE, now);
    }

    /**
     * As {@link #evictAny}, of sessions of one owner that are over, or that somebody outside has opened and not made safe:
     * half-open connections from outside do not shut an endpoint out, and its own port scan meets its limit.
     */
    boolean evictOf(Lane lane, Owner owner, int now) {
        return evictNext(lane, owner.id(), now);
    }

    private boolean evictNext(Lane lane, int owner, int now) {
        int high = sessions.pool().highWater();
        int from = hand.getAndAdd(SCAN) & Integer.MAX_VALUE;
        int best = NONE;
        int bestRank = PROTECTED;
        for (int i = 0; i < Math.min(SCAN, high) && bestRank > CLOSED; i++) {
            int entry = (int) ((from + (long) i) % high) << 1;
            int rank = owner == ANYONE || store.owner(entry) == owner ? rank(lane, entry, store.state(entry), now) : PROTECTED;
            if (owner != ANYONE && rank > CLOSED && store.isInside(entry)) {
                continue;
            }
            if (rank < bestRank) {
                best = entry;
                bestRank = rank;
            }
        }
        return best != NONE && evict(lane, best, now);
    }

    /** Makes a slot free in the two buckets of a hash, if a session there may give way. */
    boolean evictFrom(Lane lane, long hash, int now) {
        Index index = sessions.index();
        int best = NONE;
        int bestRank = PROTECTED;
        for (int i = 0; i < 2 * Index.SLOTS; i++) {
            long value = index.value(i < Index.SLOTS ? index.first(hash) : index.second(hash), i % Index.SLOTS);
            int rank = value == 0 ? PROTECTED : rank(lane, Index.entry(value), store.state(Index.entry(value)), now);
            if (rank < bestRank) {
                best = Index.entry(value);
                bestRank = rank;
            }
        }
        return best != NONE && evict(lane, best, now);
    }

    private boolean evict(Lane lane, int entry, int now) {
        long state = store.state(entry);
        int rank = rank(lane, entry, state, now);
        return rank != PROTECTED && sessions.end(lane, entry, state, rank == EXPIRED ? Tally.EXPIRED : Tally.EVICTED);
    }

    /** The lower, the sooner it gives way. */
    private int rank(Lane lane, int entry, long state, int now) {
        lane.visited++;
        int phase = State.phase(state);
        if (phase == State.FREE || SessionStore.isOpening(state)) {
            return PROTECTED;
        }
        if (sessions.isExpired(entry, state, now)) {
            return EXPIRED;
        }
        if (phase == State.CLOSED || phase == State.TIME_WAIT) {
            return CLOSED;
        }
        if (State.isAssured(state) || phase == State.ESTABLISHED || phase == State.FIN_WAIT || phase == State.CLOSE_WAIT) {
            return PROTECTED;
        }
        if (!State.isReplied(state)) {
            return UNREPLIED;
        }
        boolean old = phase == State.STATELESS && now - store.createdAt(entry) > PROBATION;
        return old ? PROTECTED : REPLIED;
    }
}
