package io.footbridge.control.config;

import io.footbridge.control.model.DeviceType;
import io.footbridge.control.model.EndpointKey;
import io.footbridge.control.model.EndpointSpec;
import io.footbridge.control.model.EndpointTarget;
import io.footbridge.control.model.Names;
import io.footbridge.control.model.Quoted;
import io.footbridge.control.model.RefusedException;
import io.footbridge.control.model.Settings;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv6Address;
import io.footbridge.wire.MacAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads an endpoint from a document: the names of the options, without their dashes. */
public final class EndpointReader {
    private EndpointReader() {
    }

    /** An endpoint whose target the document names. */
    public static EndpointSpec read(Optional<String> name, Fields fields) throws RefusedException {
        List<EndpointTarget> targets = Stream.of(
            fields.value("netns", "the path of a namespace", EndpointReader::namespaceFile),
            fields.whole("pid", 1, Integer.MAX_VALUE).map(pid -> (EndpointTarget) new EndpointTarget.Process(pid)),
            fields.value("host", "an interface name", ifname -> (EndpointTarget) new EndpointTarget.HostInterface(ifname)),
            fields.value("link", "an interface name", ifname -> (EndpointTarget) new EndpointTarget.HostLink(ifname)))
            .flatMap(Optional::stream).toList();
        if (targets.size() != 1) {
            throw fields.refused("one of netns, pid, host and link is needed");
        }
        return read(name, targets.getFirst(), fields);
    }

    /** An endpoint whose descriptor comes beside the document. */
    public static EndpointSpec readForDescriptor(Optional<String> name, Fields fields) throws RefusedException {
        return read(name, new EndpointTarget.Descriptor(), fields);
    }

    private static EndpointSpec read(Optional<String> name, EndpointTarget target, Fields fields) throws RefusedException {
        Optional<String> ifname = fields.value("ifname", "an interface name", Names::checkedInterface);
        Optional<Ipv4Address> ip = fields.value("ip", "an IPv4 address", Ipv4Address::parse);
        Optional<Ipv6Address> ip6 = fields.value("ip6", "an IPv6 address", Ipv6Address::parse);
        Optional<Long> mac = fields.value("mac", "a MAC address", MacAddress::parse);
        Optional<DeviceType> type = fields.value("type", "tap or veth", DeviceType::parse);
        List<String> aliases = fields.values("alias", "a name", Names::checked);
        Settings<EndpointKey> settings = SettingsReader.read(EndpointKey.class, fields);
        fields.refuseOthers();
        try {
            return new EndpointSpec(name, aliases, target, ifname, ip, ip6, mac, type, settings);
        } catch (IllegalArgumentException contradiction) {
            throw fields.refused(contradiction.getMessage());
        }
    }

    private static EndpointTarget namespaceFile(String text) {
        if (!text.startsWith("/") || text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("expected an absolute path such as /run/netns/NAME, got " + Quoted.of(text));
        }
        return new EndpointTarget.NamespaceFile(Path.of(text));
    }
}
