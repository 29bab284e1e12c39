package io.footbridge.control.network;

import io.footbridge.control.edge.Attachment;
import io.footbridge.control.model.EndpointKey;
import io.footbridge.control.model.EndpointTarget;
import io.footbridge.control.model.Settings;
import io.footbridge.dataplane.Port;
import io.footbridge.wire.IpPrefix;
import java.util.List;

/**
 * An endpoint on a network.
 *
 * @param id 64 hexadecimal digits
 * @param name its name on the network
 * @param aliases what else it is called there
 * @param target what it is attached to
 * @param ifname its interface's name
 * @param addresses its addresses with their subnets' lengths
 * @param attachment its device
 * @param port its port
 * @param settings what was set
 */
record AttachedEndpoint(String id, String name, List<String> aliases, EndpointTarget target, String ifname, List<IpPrefix> addresses,
    Attachment attachment, Port port, Settings<EndpointKey> settings) {
    long mac() {
        return attachment.mac();
    }

    int mtu() {
        return attachment.mtu();
    }

    AttachedEndpoint with(Settings<EndpointKey> changed) {
        return new AttachedEndpoint(id, name, aliases, target, ifname, addresses, attachment, port, changed);
    }
}
