package io.footbridge.nat;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.memory.Epochs;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv6Address;
import io.footbridge.wire.Protocol;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Workers that open, find, change and remove flows of a few hosts from both ends, a housekeeper that sweeps and flushes,
 * and a clock that makes them expire. A flow that is found must read back as the packet that found it, from both ends.
 */
class ConnectionTableStressTest {
    private static final int WORKERS = 3;
    private static final int CYCLES = 2_500;
    private static final int BATCH = 32;
    private static final int INSIDE = 1;
    private static final int UPLINK = 2;
    private static final Timeouts SHORT = new Timeouts(3, 4, 2, 3, 2, 2, 2);

    private final ExecutorService threads = Executors.newFixedThreadPool(WORKERS + 1);
    private final AtomicInteger clock = new AtomicInteger();
    private final AtomicReference<String> wrong = new AtomicReference<>();
    private final AtomicInteger working = new AtomicInteger();
    private final Epochs epochs = new Epochs(WORKERS);
    private final Owner[] owners = new Owner[WORKERS];
    private ConnectionTable table;
    private OutsideAddress[] pool;
    private boolean ipv6;
    private int hosts;
    private int ports;
    private int servers;

    @Test
    @Timeout(120)
    void noFlowsMixAndNothingIsLeft() throws Exception {
        run(false, 12, 12, 6, 0);
        assertThat(table.statistics().opened()).isGreaterThan(10_000);
        assertThat(table.statistics().expired()).isPositive();
    }

    @Test
    @Timeout(120)
    void noFlowsMixWhenTheTableIsFull() throws Exception {
        run(false, 40, 40, 4, 0);
        assertThat(table.statistics().evicted()).isPositive();
    }

    @Test
    @Timeout(120)
    void noFlowsMixWhenPortsAreShared() throws Exception {
        run(false, 40, 3, 6, 65_530);
        assertThat(table.statistics().reusedPorts()).isPositive();
    }

    @Test
    @Timeout(120)
    void noIpv6FlowsMix() throws Exception {
        run(true, 12, 12, 6, 0);
        assertThat(table.statistics().opened()).isGreaterThan(10_000);
    }

    @AfterEach
    void stop() {
        threads.shutdownNow();
        table.close();
    }

    private void run(boolean isIpv6, int hostCount, int portCount, int serverCount, int reserved) throws Exception {
        prepare(isIpv6, reserved);
        hosts = hostCount;
        ports = portCount;
        servers = serverCount;
        working.set(WORKERS);
        List<Callable<Void>> work = new ArrayList<>();
        for (int i = 0; i < WORKERS; i++) {
            int lane = i;
            work.add(() -> {
                new Worker(lane).work();
                return null;
            });
        }
        work.add(() -> {
            housekeep();
            return null;
        });
        for (Future<Void> done : threads.invokeAll(work)) {
            done.get();
        }
        assertThat(wrong.get()).isNull();
        assertNothingLeft();
    }

    private void prepare(boolean isIpv6, int reserved) throws IOException {
        ipv6 = isIpv6;
        table = new ConnectionTable(new NatSettings(1024, SHORT), epochs, WORKERS, 7);
        table.enableIpv6();
        table.enableWindowCheck();
        table.enableAddressFiltering();
        OutsideAddress outside = table.newOutside(
                isIpv6 ? new Ipv6Address(0x2001_0DB8_0000_0001L, 1) : new Ipv4Address(0xCB007101), UPLINK);
        if (reserved > 0) {
            outside.reserve(Protocol.UDP, 1, reserved);
            outside.reserve(Protocol.TCP, 1, reserved);
        }
        pool = new OutsideAddress[] {outside};
        for (int i = 0; i < WORKERS; i++) {
            owners[i] = table.newOwner(1024, 65_536);
        }
    }

    private void housekeep() {
        SplittableRandom random = new SplittableRandom(99);
        while (working.get() > 0) {
            table.sweep(128, clock.get());
            int choice = random.nextInt(256);
            if (choice == 0) {
                int port = 1024 + random.nextInt(ports);
                table.flush(view -> view.original().sourcePort() == port);
            } else if (choice == 1) {
                list();
            }
        }
    }

    /** Each listed session is one in itself: what comes back is for the pool's address or the host's. */
    private void list() {
        for (SessionView view : table.sessions(_ -> true, clock.get())) {
            boolean fromInside = view.original().realm() == INSIDE;
            SessionView.Ends inside = fromInside ? view.original() : view.reply();
            SessionView.Ends outside = fromInside ? view.reply() : view.original();
            if (inside.realm() != INSIDE || outside.realm() != UPLINK || !outside.source().equals(inside.destination())
                    || outside.sourcePort() != inside.destinationPort() || !outside.destination().equals(pool[0].address())) {
                wrong.compareAndSet(null, "listed " + view);
            }
        }
    }

    private void assertNothingLeft() {
        clock.addAndGet(1000);
        for (int i = 0; i < 10; i++) {
            table.sweep(1 << 20, clock.get());
        }
        NatStatistics end = table.statistics();
        assertThat(end.sessions()).isZero();
        assertThat(end.mappings()).isZero();
        assertThat(end.opened()).isEqualTo(end.expired() + end.removed() + end.evicted());
        assertThat(pool[0].taken(Protocol.UDP)).isZero();
        assertThat(pool[0].taken(Protocol.TCP)).isZero();
        assertThat(pool[0].isHeld()).isFalse();
        for (Owner owner : owners) {
            assertThat(owner.flows()).isZero();
            assertThat(owner.ports()).isZero();
        }
        assertThat(table.indexed()).isZero();
    }

    private final class Worker {
        private final int lane;
        private final int worker = epochs.register();
        private final SplittableRandom random;
        private final FlowRequest request = new FlowRequest();
        private final Tuple tuple = new Tuple();
        private final Tuple into = new Tuple();
        private final Tuple back = new Tuple();

        Worker(int lane) {
            this.lane = lane;
            this.random = new SplittableRandom(lane);
        }

        void work() {
            epochs.enter(worker);
            try {
                for (int cycle = 0; cycle < CYCLES && wrong.get() == null; cycle++) {
                    for (int i = 0; i < BATCH; i++) {
                        step(clock.get());
                    }
                    if (random.nextInt(64) == 0) {
                        clock.incrementAndGet();
                    }
                    epochs.pass(worker);
                }
            } finally {
                epochs.leave(worker);
                working.decrementAndGet();
            }
        }

        private void step(int now) {
            int host = random.nextInt(hosts);
            int port = 1024 + random.nextInt(ports);
            int server = random.nextInt(servers);
            int protocol = random.nextBoolean() ? Protocol.UDP : Protocol.TCP;
            boolean fromInside = random.nextInt(4) != 0;
            set(tuple, protocol, fromInside, host, port, server);
            int flow = table.find(lane, tuple, table.hash(tuple), now);
            if (flow == ConnectionTable.NONE) {
                flow = open(fromInside, host, port, now);
            }
            if (flow < 0) {
                return;
            }
            check(flow, now);
            use(flow, now);
        }

        private int open(boolean fromInside, int host, int port, int now) {
            request.original().set(tuple);
            request.translated().set(tuple);
            if (fromInside) {
                request.translated().realm(UPLINK);
                request.set(owners[host % WORKERS], null, pool, true, 0);
            } else {
                // Published: the outside port leads to the host of its number.
                request.translated().destination(high(host), low(host), port);
                request.translated().realm(INSIDE);
                request.set(owners[host % WORKERS], null, null, false, 0);
            }
            return table.open(lane, request, now);
        }

        /** What the flow becomes leads back to the packet that was looked up. */
        private void check(int flow, int now) {
            table.translated(ConnectionTable.reverse(flow), into);
            back.invert(into);
            if (!back.toString().equals(tuple.toString())) {
                fail("the reverse of the flow of " + tuple + " becomes " + into);
            }
            table.translated(flow, into);
            boolean outbound = into.realm() == UPLINK;
            long kept = outbound ? into.destinationLow() ^ tuple.destinationLow() : into.sourceLow() ^ tuple.sourceLow();
            if (kept != 0 || table.protocol(flow) != tuple.protocol() || table.owner(flow) == null) {
                fail("the flow of " + tuple + " becomes " + into);
            }
            long state = table.state(flow);
            back.invert(into);
            int reply = table.find(lane, back, table.hash(back), now);
            long after = table.state(flow);
            boolean stayed = SessionListing.isListed(state) && SessionListing.isListed(after)
                    && State.generation(state) == State.generation(after);
            if (stayed && reply != ConnectionTable.reverse(flow)) {
                if (reply >= 0) {
                    table.translated(reply, into);
                }
                fail("what comes back of " + tuple + " is found as flow " + reply + ", which becomes " + into);
            }
        }

        private void fail(String what) {
            wrong.compareAndSet(null, what);
        }

        private void use(int flow, int now) {
            table.seen(flow, 100, now);
            switch (random.nextInt(16)) {
                case 0 -> table.remove(lane, flow);
                case 1 -> {
                    long state = table.state(flow);
                    table.casState(flow, state, state | State.REPLIED);
                }
                case 2 -> table.settle(flow);
                case 3 -> table.hasSentTo(pool[0], tuple.protocol(), tuple.destinationPort(), 0, tuple.sourceLow(), now);
                case 4 -> {
                    table.inside(pool[0], tuple.protocol(), tuple.destinationPort(), into);
                }
                default -> {
                }
            }
        }

        private void set(Tuple to, int protocol, boolean fromInside, int host, int port, int server) {
            to.protocol(protocol, ipv6);
            if (fromInside) {
                to.source(high(host), low(host), port);
                to.destination(high(100 + server), low(100 + server), 53);
                to.realm(INSIDE);
            } else {
                to.source(high(100 + server), low(100 + server), 53);
                to.destination(pool[0].high(), pool[0].low(), port);
                to.realm(UPLINK);
            }
        }

        private long high(int station) {
            return ipv6 ? 0xFD00_0000_0000_0000L + station : 0;
        }

        private long low(int station) {
            return ipv6 ? station : Tuple.mapped(0x0A000000 + station);
        }
    }
}
