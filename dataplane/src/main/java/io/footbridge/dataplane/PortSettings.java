package io.footbridge.dataplane;

import java.util.Optional;

/**
 * What a person can set of a port. Immutable; a change is a new record, see {@link Port#settings(PortSettings)}.
 *
 * @param role what stands behind the port
 * @param mtu longest network-layer packet that the port takes, in bytes; a GSO frame counts as its longest segment
 * @param hairpin whether a frame may leave by the port it came from
 * @param isolated whether frames from and to other isolated ports are dropped
 * @param fdbLimit how many MACs may be learned on the port; 0 for the table's own default
 * @param stormLimit broadcast, multicast and unknown-unicast frames taken per second; 0 for no limit
 * @param flowLimit tracked flows that the port may have; 0 for the table's own default
 * @param portLimit outside ports that it may have; 0 for the table's own default
 * @param source who may send here, or empty where anyone may
 */
public record PortSettings(PortRole role, int mtu, boolean hairpin, boolean isolated, int fdbLimit, int stormLimit,
        int flowLimit, int portLimit, Optional<SourceAddresses> source) {
    /** A port of this role with everything else at its default. */
    public static PortSettings of(PortRole role, int mtu) {
        return new PortSettings(role, mtu, false, false, 0, 0, 0, 0, Optional.empty());
    }

    /** The same with another MTU. */
    public PortSettings withMtu(int changed) {
        return new PortSettings(role, changed, hairpin, isolated, fdbLimit, stormLimit, flowLimit, portLimit, source);
    }
}
