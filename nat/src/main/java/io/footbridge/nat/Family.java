package io.footbridge.nat;

import io.footbridge.memory.Epochs;
import io.footbridge.memory.SeededHash;
import java.io.IOException;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.Predicate;

/**
 * All that there is for IPv4, or for IPv6: sessions, their opening and their listing; and the scans over all of them, off
 * the frame path, in slices that each hold the lock of the lane of all other threads.
 */
final class Family implements AutoCloseable {
    private static final int SLICE = 1024;

    final SessionTable sessions;
    final Opening opening;
    private final SessionStore store;
    private final SessionListing listing;

    Family(boolean ipv6, NatSettings settings, Epochs epochs, int lanes, SeededHash hash, Numbered<Owner> owners,
            Numbered<OutsideAddress> outsides) throws IOException {
        sessions = new SessionTable(ipv6, settings, epochs, lanes, hash, owners, outsides);
        opening = new Opening(sessions);
        store = sessions.store();
        listing = new SessionListing(sessions);
    }

    /** Removes sessions; returns how many. The test is given entries of the original direction. */
    int remove(Lane lane, IntPredicate which) {
        int removed = 0;
        for (int from = 0; from < sessions.pool().highWater(); from += SLICE) {
            synchronized (lane) {
                removed += removeSlice(lane, from, which);
            }
        }
        return removed;
    }

    private int removeSlice(Lane lane, int from, IntPredicate which) {
        int removed = 0;
        for (int record = from; record < Math.min(from + SLICE, sessions.pool().highWater()); record++) {
            int entry = record << 1;
            long state = store.state(entry);
            // What the test reads may be of another session by now: then the generation is another, and it stays.
            if (SessionListing.isListed(state) && which.test(entry)
                    && sessions.remove(lane, entry, State.generation(state))) {
                removed++;
            }
        }
        return removed;
    }

    int flush(Lane lane, Predicate<SessionView> which, int now) {
        return remove(lane, entry -> {
            SessionView view = listing.view(entry >>> 1, now);
            return view != null && which.test(view);
        });
    }

    void list(Lane lane, Predicate<SessionView> which, int now, List<SessionView> into) {
        for (int from = 0; from < sessions.pool().highWater(); from += SLICE) {
            synchronized (lane) {
                for (int record = from; record < Math.min(from + SLICE, sessions.pool().highWater()); record++) {
                    SessionView view = listing.view(record, now);
                    if (view != null && which.test(view)) {
                        into.add(view);
                    }
                }
            }
        }
    }

    /** Whether a session stands behind an outside address, or came to it. */
    boolean concerns(int entry, OutsideAddress outside, Tuple tuple) {
        int mapping = store.mapping(entry);
        if (mapping >= 0 && sessions.mappings().store().outside(mapping) == outside.number()) {
            return true;
        }
        store.key(entry, tuple);
        if (isTo(tuple, outside) && (tuple.realm() == outside.realm() || isTranslated(entry, tuple))) {
            return true;
        }
        store.key(entry | 1, tuple);
        return isTo(tuple, outside) && tuple.realm() == outside.realm();
    }

    /** Whether packets get another destination than the one in this tuple, which becomes what they get. */
    private boolean isTranslated(int entry, Tuple tuple) {
        long high = tuple.destinationHigh();
        long low = tuple.destinationLow();
        store.translated(entry, tuple);
        return tuple.destinationHigh() != high || tuple.destinationLow() != low;
    }

    private static boolean isTo(Tuple tuple, OutsideAddress outside) {
        return tuple.destinationHigh() == outside.high() && tuple.destinationLow() == outside.low();
    }

    @Override
    public void close() {
        sessions.close();
    }
}
