package io.footbridge.nat;

import io.footbridge.memory.Epochs;
import io.footbridge.memory.Region;
import io.footbridge.memory.SeededHash;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.Protocol;
import java.io.IOException;

/**
 * The mappings of one family: which outside address and port an inside end has.
 *
 * <p>An inside end is given an address of the pool by its own address's hash, so that one host has one (paired pooling,
 * RFC 4787 REQ-2), and another one only where no port is to be had there. It keeps its port where that is free; else
 * ports of the same class are tried at random. A mapping stands in its port's word before it can be found, and
 * the word is free again when all workers have passed the mapping's end.
 *
 * <p>Where no port is free at all, {@link #share} gives one that another mapping has, for a destination that is in no
 * session with it.
 */
final class Mappings implements AutoCloseable {
    /** Ports that are tried (as many as in Linux, nf_nat_core.c). */
    static final int PORT_PROBES = 128;
    /**
     * How many of them are each drawn anew, before those that follow the last one: ports that were taken one after the other
     * stand in long rows, and from a random place on there may be nothing but taken ones where a fifth is still free.
     */
    private static final int DRAWN_PROBES = 64;
    /** Ports that are tried for sharing. */
    static final int SHARE_PROBES = 16;

    private static final int NONE = MappingStore.NONE;
    private static final int ADDRESSES_TRIED = 16;
    private static final int ATTEMPTS = 8;
    private static final int FIRST_OF_UPPER_CLASS = 1024;

    private final Numbered<Owner> owners;
    private final Numbered<OutsideAddress> outsides;
    private final SeededHash hash;
    private final Region records;
    private final Region buckets;
    private final MappingStore store;
    private final RecordPool pool;
    private final Limbo[] limbos;

    Mappings(boolean ipv6, int recordCount, int capacity, Epochs epochs, int lanes, SeededHash hash,
            Numbered<Owner> owners, Numbered<OutsideAddress> outsides) throws IOException {
        this.owners = owners;
        this.outsides = outsides;
        this.hash = hash;
        int stride = MappingStore.stride(ipv6);
        long bucketCount = Index.buckets(capacity);
        records = Region.map("the mappings", (long) recordCount * stride);
        try {
            buckets = Region.map("the mappings", bucketCount * Index.BUCKET);
        } catch (IOException e) {
            records.close();
            throw e;
        }
        store = new MappingStore(records.segment(), buckets.segment(), bucketCount, ipv6, hash);
        pool = new RecordPool(records.segment(), recordCount, stride, MappingStore.LINK, lanes);
        limbos = new Limbo[lanes];
        for (int lane = 0; lane < lanes; lane++) {
            int number = lane;
            limbos[lane] = new Limbo(pool, epochs, mapping -> free(number, mapping));
        }
    }

    MappingStore store() {
        return store;
    }

    OutsideAddress outside(int mapping) {
        return outsides.get(store.outside(mapping));
    }

    /** Which address of a pool is the first to be asked. */
    int preferred(Tuple inside, int addresses) {
        return addresses == 1 ? 0 : (int) SeededHash.range(hash.hash(inside.sourceHigh(), inside.sourceLow()), addresses);
    }

    /**
     * The mapping of an inside end, with one session more: the one that there is, or a new one.
     *
     * @param inside its source is the inside end
     * @return its number, or the negative code of a reason to drop
     */
    int acquire(Lane lane, Tuple inside, OutsideAddress[] addresses, Owner owner) {
        int poolNumber = addresses[0].number();
        long at = store.hash(inside, poolNumber);
        int found = acquireExisting(inside, poolNumber, at);
        if (found != NONE) {
            return found;
        }
        int mapping = begin(lane, owner);
        if (mapping < 0) {
            return mapping;
        }
        if (!place(lane, mapping, inside, at, addresses, owner)) {
            cancel(mapping, owner);
            return DropReason.NO_FREE_PORT.code();
        }
        for (int attempt = 0; attempt < ATTEMPTS && !store.enter(mapping, at); attempt++) {
            found = acquireExisting(inside, poolNumber, at);
            if (found != NONE) {
                release(lane, mapping);
                return found;
            }
        }
        return mapping;
    }

    /** Reads the records that are the next to be taken, to have them near. */
    long touchFree(Lane lane, int records) {
        return pool.touch(lane, records);
    }

    /**
     * A port that is tried at random.
     *
     * @param at the inside end's hash
     * @param round which of them, from 0 up
     */
    static int drawn(Lane lane, Tuple inside, long at, int round) {
        int first = firstPort(inside);
        return first + lane.draw(at, round, lastPort(inside) - first + 1);
    }

    private int acquireExisting(Tuple inside, int poolNumber, long at) {
        int found = store.find(inside, poolNumber, at);
        return found != NONE && store.acquire(found) ? found : NONE;
    }

    /** A mapping without a place, counted to its owner; or the negative code of a reason to drop. */
    private int begin(Lane lane, Owner owner) {
        if (!lane.allotment.takePort(owner)) {
            return DropReason.PORT_LIMIT.code();
        }
        int mapping = pool.take(lane);
        if (mapping == RecordPool.NONE) {
            reclaim(Limbo.BATCH);
            mapping = pool.take(lane);
            if (mapping == RecordPool.NONE) {
                owner.releasePort();
                return DropReason.CONNTRACK_FULL.code();
            }
        }
        return mapping;
    }

    /** Undoes a beginning that nobody could see. */
    private void cancel(int mapping, Owner owner) {
        store.release(mapping);
        pool.give(mapping);
        owner.releasePort();
    }

    private static void placed(Lane lane, OutsideAddress outside) {
        outside.hold(lane);
        lane.tally.count(Tally.MAPPED);
    }

    /** Gives a mapping a port of its own. */
    private boolean place(Lane lane, int mapping, Tuple inside, long at, OutsideAddress[] addresses, Owner owner) {
        int preferred = preferred(inside, addresses.length);
        for (int i = 0; i < Math.min(addresses.length, ADDRESSES_TRIED); i++) {
            OutsideAddress outside = addresses[(preferred + i) % addresses.length];
            // Alive before a port's word names it: a word whose mapping has ended may be taken over.
            store.write(mapping, inside, addresses[0].number(), owner.id(), outside.number(), 0, true);
            if (takeKept(mapping, inside, addresses[0].number(), outside)
                    || takeRandom(lane, mapping, inside, at, outside)) {
                placed(lane, outside);
                return true;
            }
        }
        return false;
    }

    /** Takes the port that the inside end has itself, also from a mapping of the same inside end that has just ended. */
    private boolean takeKept(int mapping, Tuple inside, int poolNumber, OutsideAddress outside) {
        int protocol = inside.protocol();
        int port = inside.sourcePort();
        if (port == 0 && !isQuery(protocol)) {
            return false;
        }
        int word = outside.word(protocol, port);
        int holder = OutsideAddress.mapping(word);
        boolean free = word == 0 || !OutsideAddress.isReserved(word) && !store.isAlive(holder)
                && store.isOf(holder, inside, poolNumber);
        if (!free) {
            return false;
        }
        store.port(mapping, port);
        return outside.take(protocol, port, word, mapping);
    }

    private boolean takeRandom(Lane lane, int mapping, Tuple inside, long at, OutsideAddress outside) {
        int protocol = inside.protocol();
        int first = firstPort(inside);
        int ports = lastPort(inside) - first + 1;
        int offset = lane.draw(at, 0, ports);
        for (int probe = 0; probe < PORT_PROBES; probe++) {
            int port = first + offset;
            if (outside.word(protocol, port) == 0) {
                store.port(mapping, port);
                if (outside.take(protocol, port, 0, mapping)) {
                    return true;
                }
            }
            offset = probe < DRAWN_PROBES ? lane.draw(at, probe + 1, ports) : offset + 1 == ports ? 0 : offset + 1;
        }
        return false;
    }

    /**
     * A mapping for one more session of an inside end, on a port that may be another's too, with which no session has this
     * destination. It is the inside end's mapping from now on, if that has none.
     *
     * @param translated the packet as it is to leave, but for its source
     * @param attempt counts from 0 up, where one was refused
     * @return its number, or the negative code of a reason to drop
     */
    int share(Lane lane, SessionTable sessions, Tuple inside, Tuple translated, OutsideAddress[] addresses, Owner owner,
            int attempt) {
        int first = firstPort(inside);
        int ports = lastPort(inside) - first + 1;
        int protocol = inside.protocol();
        int preferred = preferred(inside, addresses.length) + attempt;
        Tuple probe = lane.probe;
        for (int i = 0; i < SHARE_PROBES; i++) {
            OutsideAddress outside = addresses[(preferred + i) % addresses.length];
            int port = first + lane.random(ports);
            int word = outside.word(protocol, port);
            if (OutsideAddress.isReserved(word)) {
                continue;
            }
            probe.invert(translated);
            probe.destination(outside.high(), outside.low(), port);
            if (sessions.look(probe, sessions.store().hash(probe)) == SessionTable.NONE) {
                return shareAt(lane, inside, addresses[0].number(), owner, outside, port, word);
            }
        }
        return DropReason.NO_FREE_PORT.code();
    }

    private int shareAt(Lane lane, Tuple inside, int poolNumber, Owner owner, OutsideAddress outside, int port, int word) {
        int mapping = begin(lane, owner);
        if (mapping < 0) {
            return mapping;
        }
        store.write(mapping, inside, poolNumber, owner.id(), outside.number(), port, true);
        if (word != 0 || !outside.take(inside.protocol(), port, 0, mapping)) {
            store.write(mapping, inside, poolNumber, owner.id(), outside.number(), port, false);
        }
        placed(lane, outside);
        store.enter(mapping, store.hash(inside, poolNumber));
        return mapping;
    }

    /** One session less; the last one ends the mapping. */
    void release(Lane lane, int mapping) {
        if (store.release(mapping)) {
            store.leave(mapping);
            owners.get(store.owner(mapping)).releasePort();
            lane.tally.count(Tally.UNMAPPED);
            limbos[lane.number].add(mapping);
        }
    }

    /** All workers have passed the end of a mapping, which came by way of this lane. */
    private void free(int lane, int mapping) {
        OutsideAddress outside = outside(mapping);
        if (store.isSole(mapping)) {
            outside.give(store.protocol(mapping), store.port(mapping), mapping);
        }
        outside.letGo(lane);
    }

    void reclaim(int budget) {
        SessionTable.reclaim(limbos, budget);
    }

    private static boolean isQuery(int protocol) {
        return protocol == Protocol.ICMP || protocol == Protocol.ICMPV6;
    }

    private static int firstPort(Tuple inside) {
        if (isQuery(inside.protocol())) {
            return 0;
        }
        return inside.sourcePort() < FIRST_OF_UPPER_CLASS ? 1 : FIRST_OF_UPPER_CLASS;
    }

    private static int lastPort(Tuple inside) {
        boolean lower = !isQuery(inside.protocol()) && inside.sourcePort() < FIRST_OF_UPPER_CLASS;
        return lower ? FIRST_OF_UPPER_CLASS - 1 : OutsideAddress.PORTS - 1;
    }

    @Override
    public void close() {
        records.close();
        buckets.close();
    }
}
