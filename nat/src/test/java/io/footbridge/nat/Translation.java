package io.footbridge.nat;

import io.footbridge.wire.Checksum;

/** A tuple before and after, and the differences that its rewriting adds: what a flow holds, made apart from a table. */
record Translation(Tuple before, Tuple after) {
    static Tuple tuple(Packet packet) {
        Tuple tuple = new Tuple();
        tuple.readAddresses(java.lang.foreign.MemorySegment.ofArray(packet.packet()), 0, packet.ipv6);
        boolean query = packet.protocol == 1 || packet.protocol == 58;
        boolean ports = query || packet.protocol == 6 || packet.protocol == 17;
        tuple.protocol(packet.protocol, packet.ipv6);
        tuple.realm(1);
        boolean reply = query && (packet.icmpType == 0 || packet.icmpType == 129);
        int request = packet.protocol == 58 ? 128 : 8;
        tuple.source(tuple.sourceHigh(), tuple.sourceLow(), !ports ? 0 : reply ? request : packet.sourcePort);
        tuple.destination(tuple.destinationHigh(), tuple.destinationLow(),
                !ports ? 0 : reply ? packet.sourcePort : query ? request : packet.destinationPort);
        return tuple;
    }

    /** The flow from one packet's tuple to another's. */
    static Translation of(Packet before, Packet after) {
        return new Translation(tuple(before), tuple(after));
    }

    Translation back() {
        return new Translation(after, before);
    }

    int addressDelta() {
        return Checksum.add(
                Checksum.delta128(before.sourceHigh(), low(before.sourceLow()), after.sourceHigh(), low(after.sourceLow())),
                Checksum.delta128(before.destinationHigh(), low(before.destinationLow()), after.destinationHigh(),
                        low(after.destinationLow())));
    }

    private long low(long address) {
        return before.isIpv6() ? address : address & 0xFFFF_FFFFL;
    }

    int portDelta() {
        return Checksum.add(Checksum.delta16(before.sourcePort(), after.sourcePort()),
                Checksum.delta16(before.destinationPort(), after.destinationPort()));
    }
}
