package io.footbridge.fdb;

/**
 * One entry as it stood when it was read, for listings.
 *
 * @param vlan 0 when untagged, else 1 to 4094
 * @param mac 48 bits, first octet uppermost
 * @param port the port's index
 * @param kind how it came and when it goes
 * @param sticky does not move to another port
 * @param age ticks of 100 ms since its address was last seen as a source, or since it was made
 */
public record ForwardingEntry(int vlan, long mac, int port, EntryKind kind, boolean sticky, int age) {
    static ForwardingEntry of(long key, long value, int now) {
        return new ForwardingEntry(ForwardingTable.vlan(key), ForwardingTable.mac(key), Entry.port(value),
                EntryKind.ofCode(Entry.kind(value)), Entry.isSticky(value), Math.max(0, now - Entry.tick(value)));
    }
}
