package io.footbridge.dataplane;

import java.util.Optional;

/**
 * One line of a bridge's forwarding database.
 *
 * @param mac 48-bit MAC
 * @param vlan VLAN id, 0 on a VLAN-unaware bridge
 * @param port the port behind which the MAC is, or empty for the gateway's own
 * @param kind how the entry came and how long it stays
 * @param sticky whether learning may not move it to another port
 * @param idleSeconds since when no frame came from that MAC
 */
public record FdbEntry(long mac, int vlan, Optional<Port> port, Kind kind, boolean sticky, long idleSeconds) {
    /** How an entry came and how long it stays. */
    public enum Kind {
        /** Learned, and forgotten when it ages. */
        DYNAMIC,
        /** Set by hand; never ages, but learning may move it unless it is sticky. */
        STATIC,
        /** Set by hand or the gateway's own; never ages and never moves. */
        PERMANENT
    }
}
