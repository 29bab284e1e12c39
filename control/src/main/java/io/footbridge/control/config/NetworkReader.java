package io.footbridge.control.config;

import io.footbridge.control.model.NetworkKey;
import io.footbridge.control.model.NetworkSpec;
import io.footbridge.control.model.RefusedException;
import io.footbridge.control.model.Settings;
import io.footbridge.control.model.SubnetRequest;
import io.footbridge.control.model.Subnets;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv6Prefix;
import java.util.Optional;

/** Reads a network from a document: the names of the options, without their dashes. */
public final class NetworkReader {
    private NetworkReader() {
    }

    /** Reads and takes everything but what {@code fields} had taken before; unknown keys are refused. */
    public static NetworkSpec read(String name, Fields fields) throws RefusedException {
        SubnetRequest subnet = fields.value("subnet", "a subnet such as 10.9.0.0/24, or none", SubnetRequest::parse)
            .orElseGet(SubnetRequest.Automatic::new);
        Optional<Ipv4Address> gateway = fields.value("gateway", "an IPv4 address", Ipv4Address::parse);
        Optional<Ipv6Prefix> subnet6 = fields.value("subnet6", "a subnet such as fd00:9::/64", Subnets::parseIpv6);
        int mtu = fields.whole("mtu", NetworkSpec.MIN_MTU, NetworkSpec.MAX_MTU).orElse(NetworkSpec.DEFAULT_MTU);
        Settings<NetworkKey> settings = SettingsReader.read(NetworkKey.class, fields);
        fields.refuseOthers();
        try {
            return new NetworkSpec(name, subnet, gateway, subnet6, mtu, settings);
        } catch (IllegalArgumentException contradiction) {
            throw fields.refused(contradiction.getMessage());
        }
    }

}
