package io.footbridge.dataplane;

import java.time.Duration;

/**
 * What a person can set of a bridge. Immutable.
 *
 * @param ageing after how long without a frame a learned MAC is forgotten; zero learns nothing
 * @param fdbLimit how many MACs the forwarding database holds; fixed when the bridge is made
 * @param vlanAware whether MACs are kept apart by VLAN id; if not, tags pass through and the VLAN is 0
 */
public record BridgeSettings(Duration ageing, int fdbLimit, boolean vlanAware) {
    /** A bridge as Linux makes it: 300 s, VLAN-unaware. */
    public static final BridgeSettings DEFAULT = new BridgeSettings(Duration.ofSeconds(300), 16_384, false);
}
