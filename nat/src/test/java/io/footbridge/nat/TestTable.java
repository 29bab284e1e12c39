package io.footbridge.nat;

import io.footbridge.memory.Epochs;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv6Address;
import io.footbridge.wire.Protocol;
import java.io.IOException;

/** A table with one worker, an outside address and an owner, and the packets that tests send. */
final class TestTable implements AutoCloseable {
    static final int INSIDE_REALM = 1;
    static final int OUTSIDE_REALM = 2;
    static final int SERVER = 0xC6336401;
    static final int OUTSIDE = 0xCB007101;
    static final int LANE = 0;

    final Epochs epochs;
    final ConnectionTable table;
    final OutsideAddress outside;
    final Owner owner;
    final FlowRequest request = new FlowRequest();
    OutsideAddress[] pool;
    int now;

    private final int worker;
    private final Tuple tuple = new Tuple();

    TestTable(int capacity) throws IOException {
        this(new NatSettings(capacity, Timeouts.DEFAULT), 1);
    }

    TestTable(NatSettings settings, int workers) throws IOException {
        epochs = new Epochs(workers);
        worker = epochs.register();
        epochs.enter(worker);
        table = new ConnectionTable(settings, epochs, workers, 42);
        outside = table.newOutside(new Ipv4Address(OUTSIDE), OUTSIDE_REALM);
        pool = new OutsideAddress[] {outside};
        owner = table.newOwner(2 * settings.capacity(), 65_536);
    }

    static int host(int n) {
        return 0x0A000000 + n;
    }

    static Tuple tuple(int protocol, int source, int sourcePort, int destination, int destinationPort, int realm) {
        Tuple tuple = new Tuple();
        set(tuple, protocol, source, sourcePort, destination, destinationPort, realm);
        return tuple;
    }

    static void set(Tuple tuple, int protocol, int source, int sourcePort, int destination, int destinationPort, int realm) {
        tuple.source(0, Tuple.mapped(source), sourcePort);
        tuple.destination(0, Tuple.mapped(destination), destinationPort);
        tuple.protocol(protocol, false);
        tuple.realm(realm);
    }

    /** Opens a session behind the pool, as masquerading does. */
    int masquerade(Owner of, int protocol, int source, int sourcePort, int destination, int destinationPort) {
        set(request.original(), protocol, source, sourcePort, destination, destinationPort, INSIDE_REALM);
        request.translated().set(request.original());
        request.translated().realm(OUTSIDE_REALM);
        request.set(of, null, pool, true, 0);
        return table.open(LANE, request, now);
    }

    int masquerade(int protocol, int source, int sourcePort, int destination, int destinationPort) {
        return masquerade(owner, protocol, source, sourcePort, destination, destinationPort);
    }

    int udp(int source, int sourcePort, int destination) {
        return masquerade(Protocol.UDP, source, sourcePort, destination, 53);
    }

    int tcp(int source, int sourcePort, int destination) {
        return masquerade(Protocol.TCP, source, sourcePort, destination, 80);
    }

    /** Opens a session from outside to a published port. */
    int publish(int protocol, int client, int clientPort, int outsidePort, int inside, int insidePort) {
        set(request.original(), protocol, client, clientPort, OUTSIDE, outsidePort, OUTSIDE_REALM);
        set(request.translated(), protocol, client, clientPort, inside, insidePort, INSIDE_REALM);
        request.set(owner, null, null, false, 0);
        return table.open(LANE, request, now);
    }

    int find(Tuple of) {
        return table.find(LANE, of, table.hash(of), now);
    }

    int find(int protocol, int source, int sourcePort, int destination, int destinationPort, int realm) {
        set(tuple, protocol, source, sourcePort, destination, destinationPort, realm);
        return find(tuple);
    }

    Tuple translated(int flow) {
        Tuple into = new Tuple();
        table.translated(flow, into);
        return into;
    }

    /** The tuple of what comes back. */
    Tuple replyOf(int flow) {
        Tuple reply = new Tuple();
        reply.invert(translated(flow));
        return reply;
    }

    int outsidePort(int flow) {
        return translated(flow).sourcePort();
    }

    void seconds(int seconds) {
        now += seconds * Expiry.TICKS_PER_SECOND;
    }

    void pass() {
        epochs.pass(worker);
    }

    /** What was removed becomes free. */
    void settleDown() {
        for (int i = 0; i < 4; i++) {
            table.sweep(1 << 20, now);
            pass();
        }
    }

    static Tuple ipv6(int protocol, long source, int sourcePort, long destination, int destinationPort, int realm) {
        Tuple tuple = new Tuple();
        tuple.source(0xFD00_0000_0000_0000L, source, sourcePort);
        tuple.destination(0x2001_0DB8_0000_0000L, destination, destinationPort);
        tuple.protocol(protocol, true);
        tuple.realm(realm);
        return tuple;
    }

    static Ipv6Address ipv6Outside() {
        return new Ipv6Address(0x2001_0DB8_0000_0001L, 1);
    }

    @Override
    public void close() {
        table.close();
    }
}
