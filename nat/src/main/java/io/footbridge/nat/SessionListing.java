package io.footbridge.nat;

import io.footbridge.wire.Protocol;
import java.lang.invoke.VarHandle;
import java.util.Optional;

/**
 * The sessions of one family for people. The thread that reads is no worker, so that a record may become another session's
 * while it is read: what was read counts only if the state word still has the same generation.
 */
final class SessionListing {
    private static final String[] STATES = {
        "", "SYN_SENT", "SYN_SENT2", "SYN_RECV", "ESTABLISHED", "FIN_WAIT", "CLOSE_WAIT", "TIME_WAIT", "CLOSE", "",
    };

    private final SessionTable sessions;
    private final SessionStore store;
    private final Tuple tuple = new Tuple();

    SessionListing(SessionTable sessions) {
        this.sessions = sessions;
        this.store = sessions.store();
    }

    /** The session in a record; null when there is none. */
    SessionView view(int record, int now) {
        int entry = record << 1;
        long state = store.state(entry);
        while (isListed(state)) {
            int idle = sessions.idle(entry, now);
            SessionView view = read(entry, state, idle);
            VarHandle.acquireFence();
            long after = store.state(entry);
            if (after == state) {
                return idle > sessions.expiry().timeout(view.protocol(), state) ? null : view;
            }
            state = after;
        }
        return null;
    }

    static boolean isListed(long state) {
        return State.phase(state) != State.FREE && !SessionStore.isOpening(state);
    }

    private SessionView read(int entry, long state, int idle) {
        int protocol = store.protocol(entry);
        int left = sessions.expiry().timeout(protocol, state) - idle;
        Optional<String> name = protocol == Protocol.TCP ? Optional.of(STATES[State.phase(state)]) : Optional.empty();
        return new SessionView(protocol, name, Math.ceilDiv(Math.max(left, 0), Expiry.TICKS_PER_SECOND), ends(entry), ends(entry | 1),
                State.isReplied(state), State.isAssured(state), store.packets(entry), store.bytes(entry),
                store.packets(entry | 1), store.bytes(entry | 1));
    }

    private SessionView.Ends ends(int entry) {
        store.key(entry, tuple);
        return new SessionView.Ends(Tuple.address(tuple.sourceHigh(), tuple.sourceLow()),
                Tuple.address(tuple.destinationHigh(), tuple.destinationLow()), tuple.sourcePort(), tuple.destinationPort(),
                tuple.realm());
    }
}
