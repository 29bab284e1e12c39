package io.footbridge.control.network;

import io.footbridge.dataplane.FdbEntry;

/**
 * A line of a forwarding database.
 *
 * @param network the network's name
 * @param endpoint the name of the endpoint behind the port; the network's own for the gateway
 * @param mac the MAC in the low 48 bits
 * @param vlan VLAN id, 0 on a VLAN-unaware network
 * @param kind how the entry came
 * @param sticky whether learning may not move it
 */
public record FdbView(String network, String endpoint, long mac, int vlan, FdbEntry.Kind kind, boolean sticky) {
}
