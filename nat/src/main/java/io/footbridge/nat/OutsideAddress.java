package io.footbridge.nat;

import io.footbridge.memory.Region;
import io.footbridge.memory.Words;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.Ipv6Address;
import io.footbridge.wire.Protocol;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * An address behind which sessions stand, and who has each of its ports: TCP's, UDP's and the identifiers of ICMP queries.
 * Made by {@link ConnectionTable#newOutside}; any thread.
 *
 * <p>Each of the three has 65,536 words of 4 bytes: 0 when free, else the number of the mapping that has it, plus 1. The
 * uppermost bit says that no new mapping is given it.
 */
public final class OutsideAddress {
    static final int PORTS = 1 << 16;
    /** In a word: for no new mapping. */
    static final int RESERVED = Integer.MIN_VALUE;

    private static final int SPACES = 3;

    private final int number;
    private final IpAddress address;
    private final int realm;
    private final long high;
    private final long low;
    private final Region region;
    private final MemorySegment segment;
    /** Of each lane: mappings that name it, and those of them whose records are free again. */
    private final Tally[] tallies;

    OutsideAddress(int number, IpAddress address, int realm, int lanes) throws IOException {
        this.number = number;
        this.address = address;
        this.realm = realm;
        this.high = Tuple.high(address);
        this.low = Tuple.low(address);
        this.region = Region.map("the ports of " + address, (long) SPACES * PORTS * Integer.BYTES);
        this.segment = region.segment();
        this.tallies = Tally.ofLanes(lanes);
    }

    int number() {
        return number;
    }

    /** The address. */
    public IpAddress address() {
        return address;
    }

    /** The uplink's realm. */
    public int realm() {
        return realm;
    }

    boolean isIpv6() {
        return address instanceof Ipv6Address;
    }

    long high() {
        return high;
    }

    long low() {
        return low;
    }

    /** Gives a range of ports to no new mapping. Mappings that have one of them keep it until they end. */
    public void reserve(int protocol, int first, int last) {
        for (int port = first; port <= last; port++) {
            long at = offset(protocol, port);
            int word;
            do {
                word = Words.getIntAcquire(segment, at);
            } while (!Words.casInt(segment, at, word, word | RESERVED));
        }
    }

    /** Takes {@link #reserve} back. */
    public void release(int protocol, int first, int last) {
        for (int port = first; port <= last; port++) {
            long at = offset(protocol, port);
            int word;
            do {
                word = Words.getIntAcquire(segment, at);
            } while (!Words.casInt(segment, at, word, word & ~RESERVED));
        }
    }

    /** How many of a protocol's ports mappings have. Off the frame path. */
    int taken(int protocol) {
        int taken = 0;
        for (int port = 0; port < PORTS; port++) {
            taken += (word(protocol, port) & ~RESERVED) != 0 ? 1 : 0;
        }
        return taken;
    }

    static boolean hasPorts(int protocol) {
        return protocol == Protocol.TCP || protocol == Protocol.UDP || protocol == Protocol.ICMP
                || protocol == Protocol.ICMPV6;
    }

    int word(int protocol, int port) {
        return Words.getIntAcquire(segment, offset(protocol, port));
    }

    /** The mapping that a port's word names, or -1. */
    static int mapping(int word) {
        return (word & ~RESERVED) - 1;
    }

    static boolean isReserved(int word) {
        return word < 0;
    }

    /** Takes a port whose word is this; false when it is not any more. */
    boolean take(int protocol, int port, int word, int mapping) {
        return Words.casInt(segment, offset(protocol, port), word, mapping + 1);
    }

    /** Gives a port back, if this mapping has it still. */
    void give(int protocol, int port, int mapping) {
        long at = offset(protocol, port);
        int word;
        do {
            word = Words.getIntAcquire(segment, at);
            if (mapping(word) != mapping) {
                return;
            }
        } while (!Words.casInt(segment, at, word, word & RESERVED));
    }

    /** A mapping of this lane names it. */
    void hold(Lane lane) {
        tallies[lane.number].count(Tally.MAPPED);
    }

    /** The record of a mapping that named it is free; by whoever frees what comes by way of this lane. */
    void letGo(int lane) {
        tallies[lane].count(Tally.FREED);
    }

    /** Whether a mapping names it whose record is not free; once not, never again, where no worker uses it for new ones. */
    boolean isHeld() {
        // In this order: what was freed was mapped before.
        long freed = Tally.sum(tallies, Tally.FREED);
        return Tally.sum(tallies, Tally.MAPPED) != freed;
    }

    void close() {
        region.close();
    }

    private static long offset(int protocol, int port) {
        int space = switch (protocol) {
            case Protocol.TCP -> 0;
            case Protocol.UDP -> 1;
            case Protocol.ICMP, Protocol.ICMPV6 -> 2;
            default -> throw new IllegalArgumentException(Protocol.nameOf(protocol) + " has no ports");
        };
        return ((long) space * PORTS + port) * Integer.BYTES;
    }
}
