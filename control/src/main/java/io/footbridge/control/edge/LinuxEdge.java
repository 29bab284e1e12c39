package io.footbridge.control.edge;

import io.footbridge.control.model.EndpointTarget;
import io.footbridge.control.model.PortRange;
import io.footbridge.control.model.RefusedException;
import io.footbridge.tap.Errno;
import io.footbridge.tap.PacketSocketEndpoint;
import io.footbridge.tap.Reception;
import io.footbridge.tap.SystemCallException;
import io.footbridge.tap.TapEndpoint;
import io.footbridge.tap.namespace.NetworkNamespace;
import io.footbridge.tap.netlink.InterfaceAddress;
import io.footbridge.tap.netlink.Link;
import io.footbridge.tap.netlink.LinkSetting;
import io.footbridge.tap.netlink.LinkSetting.AddressGeneration;
import io.footbridge.tap.netlink.LinkSetting.Alias;
import io.footbridge.tap.netlink.LinkSetting.Mac;
import io.footbridge.tap.netlink.LinkSetting.Mtu;
import io.footbridge.tap.netlink.LinkSetting.Name;
import io.footbridge.tap.netlink.LinkSetting.State;
import io.footbridge.tap.netlink.LinkSetting.TxQueueLength;
import io.footbridge.tap.netlink.Prefix;
import io.footbridge.tap.netlink.Route;
import io.footbridge.tap.netlink.RouteNetlink;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.IpPrefix;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Devices of a real kernel. Our ends live in a private namespace: an AF_PACKET socket only copies, so in the host's own
 * namespace its stack would see every frame as well. When the process ends, however it ends, that namespace goes and
 * takes all devices along.
 */
public final class LinuxEdge implements Edge, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LinuxEdge.class);
    private static final String ALIAS = "footbridge:";
    // A TAP's queue holds what the host's stack sends while no worker reads.
    private static final int TAP_QUEUE = 4096;
    private static final Path CLAIMS = Path.of("/run/footbridge/links.lock");
    private static final int SYSCTL_LENGTH = 64;
    private static final Path EPHEMERAL_PORTS = Path.of("/proc/sys/net/ipv4/ip_local_port_range");

    private final NetworkNamespace host;
    private final NetworkNamespace own;
    private final String alias;
    private final HeldLinks links;
    private int devices;

    /**
     * Takes the calling thread's namespace as the host's.
     *
     * @param instance by which this process's devices are known from those of others
     * @param records where the originals of a held link's settings are kept, for a successor if this process is killed
     */
    public LinuxEdge(String instance, Path records) throws IOException {
        this.alias = ALIAS + instance;
        this.host = NetworkNamespace.current();
        this.own = NetworkNamespace.createPrivate();
        this.links = new HeldLinks(host, ALIAS, records, CLAIMS);
    }

    /** Removes what an instance that is dead for sure left on the host. */
    public void removeLeftovers(String deadInstance) throws IOException {
        try (RouteNetlink netlink = RouteNetlink.in(host)) {
            for (Link link : netlink.links()) {
                if (link.alias().equals(ALIAS + deadInstance)) {
                    LOG.info("removing interface {}, left by an instance that is dead", link.name());
                    netlink.deleteLink(link.index());
                }
            }
        }
        links.restoreAll();
    }

    @Override
    public Attachment attachContainer(ContainerInterface wanted) throws IOException, RefusedException {
        try (NetworkNamespace target = open(wanted.target())) {
            if (target.isSameAs(host)) {
                throw RefusedException.invalid(
                    "namespace " + target + " is the host's own; use --host IFNAME for an interface there");
            }
            refuseTaken(target, wanted.ifname(), "choose another with --ifname");
            Attachment attachment = switch (wanted.type()) {
                case TAP -> tap(target, wanted.ifname(), wanted.mac(), wanted.mtu(), AddressGeneration.Mode.EUI64);
                case VETH -> veth(target, wanted);
            };
            try (InterfaceSetup setup = new InterfaceSetup(target, wanted.ifname())) {
                setup.kernelSettings(wanted.addresses());
                setup.addresses(wanted.addresses());
                setup.up();
                setup.defaultRoutes(wanted.routers());
                return attachment;
            } catch (IOException | RuntimeException failed) {
                attachment.discard();
                throw failed;
            }
        }
    }

    @Override
    public Attachment attachHost(HostInterface wanted) throws IOException, RefusedException {
        refuseTaken(host, wanted.ifname(), "choose another name");
        Attachment attachment = tap(host, wanted.ifname(), wanted.mac(), wanted.mtu(), AddressGeneration.Mode.NONE);
        try (InterfaceSetup setup = new InterfaceSetup(host, wanted.ifname())) {
            setup.kernelSettings(wanted.addresses());
            setup.addresses(wanted.addresses());
            setup.interfaceUp();
            return attachment;
        } catch (IOException | RuntimeException failed) {
            attachment.discard();
            throw failed;
        }
    }

    @Override
    public Attachment attachLink(String ifname, boolean withAddresses) throws IOException, RefusedException {
        return links.take(ifname, withAddresses, "-o addresses=allow", _ -> new Reception.Promiscuous());
    }

    @Override
    public Attachment attachUplink(String ifname, long mac, boolean withAddresses) throws IOException, RefusedException {
        return links.takeForUplink(ifname, mac, withAddresses);
    }

    @Override
    public LinkConfiguration linkConfiguration(String ifname) throws IOException, RefusedException {
        return links.configuration(ifname);
    }

    @Override
    public OptionalInt linkMtu(String ifname) throws IOException {
        try (RouteNetlink netlink = RouteNetlink.in(host)) {
            return netlink.link(ifname).stream().mapToInt(Link::mtu).findFirst();
        }
    }

    @Override
    public void addRoute(HostRoute route) throws IOException {
        try (RouteNetlink netlink = RouteNetlink.in(host)) {
            Link link = netlink.link(route.ifname())
                .orElseThrow(() -> new SystemCallException("look for interface " + route.ifname(), Errno.ENODEV.number()));
            netlink.addRoute(route(route, link));
        }
    }

    @Override
    public void removeRoute(HostRoute route) throws IOException {
        try (RouteNetlink netlink = RouteNetlink.in(host)) {
            Optional<Link> link = netlink.link(route.ifname());
            if (link.isPresent()) {
                netlink.removeRoute(route(route, link.get()));
            }
        } catch (SystemCallException failed) {
            if (!failed.is(Errno.ESRCH)) {
                throw failed;
            }
        }
    }

    private static Route route(HostRoute route, Link link) {
        InetAddress destination = route.destination().toInetAddress();
        return Route.direct(Prefix.containing(destination, route.destination().bits()), link.index())
            .withSource(route.source().toInetAddress());
    }

    @Override
    public List<IpPrefix> prefixesOfHost() throws IOException {
        List<IpPrefix> prefixes = new ArrayList<>();
        try (RouteNetlink netlink = RouteNetlink.in(host)) {
            for (Route route : netlink.routes()) {
                if (!route.destination().isDefault()) {
                    prefixes.add(IpPrefix.of(IpAddress.ofInetAddress(route.destination().address()), route.destination().length()));
                }
            }
            for (Link link : netlink.links()) {
                for (InterfaceAddress address : netlink.addresses(link.index())) {
                    prefixes.add(IpPrefix.of(IpAddress.ofInetAddress(address.address()), address.prefixLength()).network());
                }
            }
        }
        return prefixes;
    }

    @Override
    public PortRange ephemeralPorts() throws IOException {
        String[] ends = host.<String, IOException>call(LinuxEdge::ephemeralPortsHere).strip().split("\\s+");
        return new PortRange(Integer.parseInt(ends[0]), Integer.parseInt(ends[1]));
    }

    /** In one read: to a second one such a file has nothing to say. */
    private static String ephemeralPortsHere() throws IOException {
        try (SeekableByteChannel file = Files.newByteChannel(EPHEMERAL_PORTS)) {
            ByteBuffer text = ByteBuffer.allocate(SYSCTL_LENGTH);
            int length = file.read(text);
            return new String(text.array(), 0, Math.max(0, length), StandardCharsets.US_ASCII);
        }
    }

    private Attachment tap(NetworkNamespace target, String ifname, long mac, int mtu, AddressGeneration.Mode generation)
        throws IOException {
        String temporary = deviceName();
        TapEndpoint endpoint = own.<TapEndpoint, SystemCallException>call(() -> TapEndpoint.create(temporary));
        try (RouteNetlink netlink = RouteNetlink.in(own)) {
            Link link = netlink.link(temporary)
                .orElseThrow(() -> new SystemCallException("make TAP device " + temporary, Errno.ENODEV.number()));
            netlink.moveLink(link.index(), target, List.of(new Name(ifname), new Mac(mac), new Mtu(mtu),
                new TxQueueLength(TAP_QUEUE), new Alias(alias), new AddressGeneration(generation)));
            return new Attachment(endpoint, mac, mtu, () -> { });
        } catch (IOException | RuntimeException failed) {
            endpoint.close();
            throw failed;
        }
    }

    private Attachment veth(NetworkNamespace target, ContainerInterface wanted) throws IOException {
        List<LinkSetting> ours = List.of(new Name(deviceName()), new Mtu(wanted.mtu()), new Alias(alias),
            new AddressGeneration(AddressGeneration.Mode.NONE));
        List<LinkSetting> theirs = List.of(new Name(wanted.ifname()), new Mac(wanted.mac()), new Mtu(wanted.mtu()));
        try (RouteNetlink netlink = RouteNetlink.in(own)) {
            Link link = netlink.createVeth(ours, target, theirs);
            try {
                netlink.setLink(link.index(), new State(true));
                PacketSocketEndpoint endpoint = own.<PacketSocketEndpoint, SystemCallException>call(
                    () -> PacketSocketEndpoint.open(link.index(), wanted.ifname(), new Reception.Promiscuous()));
                return new Attachment(endpoint, wanted.mac(), wanted.mtu(), () -> deleteOwn(link.index()));
            } catch (IOException | RuntimeException failed) {
                try {
                    netlink.deleteLink(link.index());
                } catch (IOException again) {
                    failed.addSuppressed(again);
                }
                throw failed;
            }
        }
    }

    private void deleteOwn(int index) {
        try (RouteNetlink netlink = RouteNetlink.in(own)) {
            netlink.deleteLink(index);
        } catch (SystemCallException failed) {
            // It goes with the container's namespace, too.
            if (!failed.is(Errno.ENODEV)) {
                LOG.warn("{}", failed.getMessage());
            }
        } catch (IOException failed) {
            LOG.warn("{}", failed.getMessage());
        }
    }

    private static void refuseTaken(NetworkNamespace namespace, String ifname, String cure) throws IOException, RefusedException {
        try (RouteNetlink netlink = RouteNetlink.in(namespace)) {
            Optional<Link> taken = netlink.link(ifname);
            if (taken.isPresent()) {
                throw RefusedException.conflict("interface " + ifname + " already exists in namespace " + namespace + "; " + cure);
            }
        }
    }

    private static NetworkNamespace open(EndpointTarget target) throws IOException {
        return switch (target) {
            case EndpointTarget.NamespaceFile(Path path) -> NetworkNamespace.open(path);
            case EndpointTarget.Process(int pid) -> NetworkNamespace.ofPid(pid);
            default -> throw new IllegalArgumentException("no namespace is meant by " + target);
        };
    }

    private String deviceName() {
        return "fb" + devices++;
    }

    /**
     * Puts the settings of all held links back, quickly: for the beginning of a stop, which may be cut short. The links
     * themselves are still held after that.
     */
    public void restoreLinks() {
        links.restoreAll();
    }

    /** Lets the namespaces go. Endpoints are closed by then. */
    @Override
    public void close() throws IOException {
        links.close();
        own.close();
        host.close();
    }
}
