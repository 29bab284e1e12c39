package io.footbridge.nat;

import io.footbridge.memory.Epochs;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Protocol;
import java.io.IOException;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The connection table: packets of flows that are there, drawn at random in batches of 32, found in the three passes and
 * noted; and flows that are opened, each with a port of its own. To be run together with the Calibration benchmark.
 */
public final class ConnectionTableBenchmark {
    private static final int BATCH = 32;
    private static final int INSIDE = 1;
    private static final int UPLINK = 2;

    private ConnectionTableBenchmark() {
    }

    /** A table with one worker. */
    private static final class Bed {
        final Epochs epochs = new Epochs(1);
        final int worker = epochs.register();
        final ConnectionTable table;
        final Owner owner;
        final OutsideAddress[] pool;
        final FlowRequest request = new FlowRequest();
        int now;

        Bed(int capacity, int addresses) throws IOException {
            epochs.enter(worker);
            table = new ConnectionTable(new NatSettings(capacity, Timeouts.DEFAULT), epochs, 1, System.nanoTime());
            owner = table.newOwner(capacity, capacity);
            pool = new OutsideAddress[addresses];
            for (int i = 0; i < addresses; i++) {
                pool[i] = table.newOutside(new Ipv4Address(0xCB007101 + i), UPLINK);
            }
        }

        int open(int host, int port, int server) {
            original(request.original(), host, port, server);
            request.translated().set(request.original());
            request.translated().realm(UPLINK);
            request.set(owner, null, pool, true, 0);
            int flow = table.open(0, request, now);
            if (flow < 0) {
                throw new IllegalStateException("refused: " + flow);
            }
            return flow;
        }

        static void original(Tuple tuple, int host, int port, int server) {
            tuple.source(0, Tuple.mapped(0x0A000000 + host), port);
            tuple.destination(0, Tuple.mapped(0xC6336400 + server), 53);
            tuple.protocol(Protocol.UDP, false);
            tuple.realm(INSIDE);
        }
    }

    /** Flows that are there. */
    @State(Scope.Thread)
    @BenchmarkMode(Mode.AverageTime)
    @OutputTimeUnit(TimeUnit.NANOSECONDS)
    @Fork(value = 1, jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC"})
    @Warmup(iterations = 5, time = 1)
    @Measurement(iterations = 5, time = 1)
    public static class Established {
        private static final int HOSTS = 64;
        private static final int SERVERS = 64;

        /** A multiple of 4096. */
        @Param({"8192", "1048576"})
        public int flows;

        private Bed bed;
        private int portsPerHost;
        private final Lookup[] lookups = new Lookup[BATCH];
        private final Tuple into = new Tuple();
        private BatchLookup batch;
        private final SplittableRandom random = new SplittableRandom(1);

        /** Opens all flows. */
        @Setup
        public void open() throws IOException {
            bed = new Bed(flows, 1);
            batch = new BatchLookup(bed.table, 0, BATCH);
            portsPerHost = flows / HOSTS / SERVERS;
            for (int i = 0; i < BATCH; i++) {
                lookups[i] = new Lookup();
            }
            for (int i = 0; i < flows; i++) {
                bed.open(i % HOSTS, 2048 + i / HOSTS / SERVERS, i / HOSTS % SERVERS);
            }
        }

        /** Gives the memory back. */
        @TearDown
        public void close() {
            bed.table.close();
        }

        /** What the frame path asks of the table for a packet of a known flow. */
        @Benchmark
        @OperationsPerInvocation(BATCH)
        public long packet() {
            ConnectionTable table = bed.table;
            batch.begin();
            for (int i = 0; i < BATCH; i++) {
                int flow = random.nextInt(flows);
                Bed.original(lookups[i].tuple(), flow % HOSTS, 2048 + flow / HOSTS / SERVERS, flow / HOSTS % SERVERS);
                batch.add(lookups[i]);
            }
            batch.find(bed.now);
            long sum = 0;
            for (Lookup lookup : lookups) {
                int flow = lookup.flow();
                table.seen(flow, 100, bed.now);
                table.translated(flow, into);
                sum += into.sourcePort() + table.addressDelta(flow) + table.portDelta(flow) + table.targetRealm(flow);
            }
            bed.epochs.pass(bed.worker);
            return sum;
        }

        /** The drawing of a batch's tuples alone, which is no part of the work. */
        @Benchmark
        @OperationsPerInvocation(BATCH)
        public long draw() {
            long sum = 0;
            for (int i = 0; i < BATCH; i++) {
                int flow = random.nextInt(flows);
                Bed.original(lookups[i].tuple(), flow % HOSTS, 2048 + flow / HOSTS / SERVERS, flow / HOSTS % SERVERS);
                sum += lookups[i].tuple().sourceLow();
            }
            return sum;
        }
    }

    /** Flows that are opened, each of an inside end of its own: 16 addresses, half of whose ports are in use in the end. */
    @State(Scope.Thread)
    @BenchmarkMode(Mode.SingleShotTime)
    @OutputTimeUnit(TimeUnit.NANOSECONDS)
    @Fork(value = 1, jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC"})
    @Warmup(iterations = 10)
    @Measurement(iterations = 10)
    public static class Opening {
        private static final int FLOWS = 524_288;
        private static final int HOSTS = 4096;

        private Bed bed;

        /** An empty table. */
        @Setup(Level.Iteration)
        public void make() throws IOException {
            bed = new Bed(2 * FLOWS, 16);
        }

        /** Gives the memory back. */
        @TearDown(Level.Iteration)
        public void close() {
            bed.table.close();
        }

        /** A new flow, with its mapping and its port. */
        @Benchmark
        @OperationsPerInvocation(FLOWS)
        public int open() {
            int sum = 0;
            for (int i = 0; i < FLOWS; i++) {
                sum += bed.open(i % HOSTS, 2048 + i / HOSTS, i & 63);
                if ((i & 31) == 0) {
                    bed.epochs.pass(bed.worker);
                }
            }
            return sum;
        }

        /** Ten thousand new flows in a small part of the table. */
        @Benchmark
        @OperationsPerInvocation(10_000)
        public int openFew() {
            int sum = 0;
            for (int i = 0; i < 10_000; i++) {
                sum += bed.open(i % HOSTS, 2048 + i / HOSTS, i & 63);
            }
            return sum;
        }
    }
}
