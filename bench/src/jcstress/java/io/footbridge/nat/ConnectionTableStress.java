package io.footbridge.nat;

import io.footbridge.memory.Epochs;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Protocol;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * The connection table under races, two actors each, who are its two workers. All states share one table, since a table is
 * more than a state may cost; each has flows of its own, which its arbiter removes.
 */
public final class ConnectionTableStress {
    private static final int INSIDE = 1;
    private static final int UPLINK = 2;
    private static final int PORT = 5000;
    private static final int ADDRESSES = 16;
    /** For what is done before and after the actors. */
    private static final int THIRD = 2;

    private ConnectionTableStress() {
    }

    /** The table of all states. */
    private static final class Bed {
        static final Bed BED = new Bed();

        final Epochs epochs = new Epochs(3);
        final ConnectionTable table;
        final Owner owner;
        final OutsideAddress[][] pools = new OutsideAddress[ADDRESSES][1];
        final FlowRequest[] requests = {new FlowRequest(), new FlowRequest(), new FlowRequest()};
        private int states;

        Bed() {
            try {
                int capacity = 1 << 19;
                table = new ConnectionTable(new NatSettings(capacity, Timeouts.DEFAULT), epochs, 3, 7);
                owner = table.newOwner(capacity, capacity);
                for (int worker = 0; worker < 3; worker++) {
                    epochs.register();
                }
                for (int i = 0; i < ADDRESSES; i++) {
                    pools[i][0] = table.newOutside(new Ipv4Address(0xCB007101 + i), UPLINK);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        synchronized int state() {
            if ((++states & 255) == 0) {
                table.sweep(1, 0);
            }
            return states;
        }
    }

    /** A state's flows: two hosts of its own, that want one outside port. */
    private abstract static class Flows {
        final Bed bed = Bed.BED;
        final int state = bed.state();
        final int host = 0x0A000000 | (state & 0x7F_FFFF) << 1;
        /** Its own too: else a port that has become free may lead the state's late packet to another state's flow. */
        final int server = host ^ 0x40000000;

        int masquerade(int lane, int from, int to) {
            FlowRequest request = bed.requests[lane];
            set(request.original(), from, PORT, to, 53, INSIDE);
            request.translated().set(request.original());
            request.translated().realm(UPLINK);
            request.set(bed.owner, null, bed.pools[state % ADDRESSES], true, 0);
            return bed.table.open(lane, request, 0);
        }

        static void set(Tuple tuple, int source, int sourcePort, int destination, int destinationPort, int realm) {
            tuple.source(0, Tuple.mapped(source), sourcePort);
            tuple.destination(0, Tuple.mapped(destination), destinationPort);
            tuple.protocol(Protocol.UDP, false);
            tuple.realm(realm);
        }

        int port(int flow) {
            Tuple translated = new Tuple();
            bed.table.translated(flow, translated);
            return translated.sourcePort();
        }

        int find(int lane, Tuple tuple, int now) {
            return bed.table.find(lane, tuple, bed.table.hash(tuple), now);
        }

        /** Removes what is there; returns 1 if the flow's session was. */
        int remove(int flow) {
            synchronized (bed) {
                return flow >= 0 && bed.table.remove(THIRD, flow) ? 1 : 0;
            }
        }
    }

    /** The two packets, from inside and from outside, that both open one flow through a 1:1 address. */
    @JCStressTest
    @Outcome(id = "1, 1, 0", expect = Expect.ACCEPTABLE, desc = "One session, each has its direction of it.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "Two sessions, or none.")
    @State
    public static class OneFlowFromBothEnds extends Flows {
        private static final int OUTSIDE = 0x20000000;
        private int fromInside;
        private int fromOutside;

        @Actor
        public void inside() {
            bed.epochs.enter(0);
            FlowRequest request = bed.requests[0];
            set(request.original(), host, PORT, server, 53, INSIDE);
            set(request.translated(), host ^ OUTSIDE, PORT, server, 53, UPLINK);
            request.set(bed.owner, null, null, true, 0);
            fromInside = bed.table.open(0, request, 0);
            bed.epochs.leave(0);
        }

        @Actor
        public void outside() {
            bed.epochs.enter(1);
            FlowRequest request = bed.requests[1];
            set(request.original(), server, 53, host ^ OUTSIDE, PORT, UPLINK);
            set(request.translated(), server, 53, host, PORT, INSIDE);
            request.set(bed.owner, null, null, false, 0);
            fromOutside = bed.table.open(1, request, 0);
            bed.epochs.leave(1);
        }

        @Arbiter
        public void count(III_Result result) {
            result.r1 = fromInside >= 0 && ConnectionTable.reverse(fromInside) == fromOutside ? 1 : 0;
            result.r2 = remove(fromInside);
            Tuple tuple = new Tuple();
            set(tuple, host, PORT, server, 53, INSIDE);
            int left = find(THIRD, tuple, 0) >= 0 ? 1 : 0;
            set(tuple, server, 53, host ^ OUTSIDE, PORT, UPLINK);
            result.r3 = left + (find(THIRD, tuple, 0) >= 0 ? 1 : 0);
        }
    }

    @JCStressTest
    @Outcome(id = "1, 2", expect = Expect.ACCEPTABLE, desc = "One port for both destinations.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "Two mappings of one inside end.")
    @State
    public static class OneInsideEndTwoDestinations extends Flows {
        private int first;
        private int second;

        @Actor
        public void first() {
            bed.epochs.enter(0);
            first = masquerade(0, host, server);
            bed.epochs.leave(0);
        }

        @Actor
        public void second() {
            bed.epochs.enter(1);
            second = masquerade(1, host, server + 1);
            bed.epochs.leave(1);
        }

        @Arbiter
        public void count(II_Result result) {
            result.r1 = first >= 0 && second >= 0 && port(first) == port(second) ? 1 : 0;
            result.r2 = remove(first) + remove(second);
        }
    }

    @JCStressTest
    @Outcome(id = "1, 2", expect = Expect.ACCEPTABLE, desc = "A port each.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "One port for two inside ends.")
    @State
    public static class TwoInsideEndsWantOnePort extends Flows {
        private int first;
        private int second;

        @Actor
        public void first() {
            bed.epochs.enter(0);
            first = masquerade(0, host, server);
            bed.epochs.leave(0);
        }

        @Actor
        public void second() {
            bed.epochs.enter(1);
            second = masquerade(1, host + 1, server);
            bed.epochs.leave(1);
        }

        @Arbiter
        public void count(II_Result result) {
            result.r1 = first >= 0 && second >= 0 && port(first) != port(second) ? 1 : 0;
            result.r2 = remove(first) + remove(second);
        }
    }

    /** The one's session expires, and the other's takes what it can get; a slow packet of the one comes meanwhile. */
    @JCStressTest
    @Outcome(id = {"1, 0", "0, 0"}, expect = Expect.ACCEPTABLE, desc = "The flow itself, or none.")
    @Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "Its state changed just then, and it stays.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "Another's flow, or an expired one is back.")
    @State
    public static class LookupDuringExpiry extends Flows {
        private final Tuple tuple = new Tuple();
        private final Tuple reply = new Tuple();
        private final Tuple into = new Tuple();
        private int next = ConnectionTable.NONE;
        private boolean expired;

        public LookupDuringExpiry() {
            synchronized (bed) {
                bed.epochs.enter(THIRD);
                bed.table.translated(masquerade(THIRD, host, server), into);
                bed.epochs.leave(THIRD);
            }
            reply.invert(into);
            set(tuple, host, PORT, server, 53, INSIDE);
        }

        @Actor
        public void expire() {
            bed.epochs.enter(0);
            expired = find(0, tuple, 4000) == ConnectionTable.NONE;
            if (expired) {
                next = masquerade(0, host + 1, server);
            }
            bed.epochs.leave(0);
        }

        /** A clock that lags: the session is still good here. */
        @Actor
        public void look(II_Result result) {
            bed.epochs.enter(1);
            int flow = find(1, reply, 100);
            result.r1 = flow == ConnectionTable.NONE ? 0 : 1;
            if (flow >= 0) {
                bed.table.translated(flow, into);
                long state = bed.table.state(flow);
                bed.table.casState(flow, state, state | io.footbridge.nat.State.REPLIED);
                result.r1 = into.destinationLow() == Tuple.mapped(host) ? 1 : 9;
            }
            bed.epochs.leave(1);
        }

        @Arbiter
        public void count(II_Result result) {
            int again = find(THIRD, tuple, 100);
            boolean consistent = expired == (again == ConnectionTable.NONE);
            result.r2 = !consistent ? 9 : expired ? 0 : 1;
            remove(again);
            remove(next);
        }
    }

    @JCStressTest
    @Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "One of the two did it.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "Both, or none.")
    @State
    public static class RemovalByTwo extends Flows {
        private final int flow;
        private int first;
        private int second;

        public RemovalByTwo() {
            synchronized (bed) {
                bed.epochs.enter(THIRD);
                flow = masquerade(THIRD, host, server);
                bed.epochs.leave(THIRD);
            }
        }

        @Actor
        public void first() {
            bed.epochs.enter(0);
            first = bed.table.remove(0, flow) ? 1 : 0;
            bed.epochs.leave(0);
        }

        @Actor
        public void second() {
            bed.epochs.enter(1);
            second = bed.table.remove(1, flow) ? 1 : 0;
            bed.epochs.leave(1);
        }

        @Arbiter
        public void count(I_Result result) {
            result.r1 = first + second;
        }
    }
}
