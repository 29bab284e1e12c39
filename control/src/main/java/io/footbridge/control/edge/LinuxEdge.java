package io.footbridge.control.edge;

import io.footbridge.control.model.EndpointTarget;
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
import io.footbridge.tap.netlink.Route;
import io.footbridge.tap.netlink.RouteNetlink;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.IpPrefix;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
    private static final int SCOPE_UNIVERSE = 0;

    private final NetworkNamespace host;
    private final NetworkNamespace own;
    private final String alias;
    private final DeafLinks deafLinks;
    private final LinkClaims claims;
    private int devices;

    /**
     * Takes the calling thread's namespace as the host's.
     *
     * @param instance by which this process's devices are known from those of others
     * @param links where the originals of a held link's settings are kept, for a successor if this process is killed
     */
    public LinuxEdge(String instance, Path links) throws IOException {
        this.alias = ALIAS + instance;
        this.host = NetworkNamespace.current();
        this.own = NetworkNamespace.createPrivate();
        this.deafLinks = new DeafLinks(host, links);
        this.claims = new LinkClaims(host, CLAIMS);
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
        deafLinks.restoreAll();
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
        try (RouteNetlink netlink = RouteNetlink.in(host)) {
            Link link = netlink.link(ifname).orElseThrow(() -> RefusedException.notFound("Cannot find device \"" + ifname + "\""));
            if (link.alias().startsWith(ALIAS)) {
                throw RefusedException.conflict("link " + ifname
                    + " is an interface of a footbridge network itself: frames would go round without end; take another link");
            }
            if (link.master() != 0) {
                throw RefusedException.conflict("link " + ifname + " is a port of another bridge; release it first: ip link set "
                    + ifname + " nomaster");
            }
            List<InterfaceAddress> addresses = netlink.addresses(link.index()).stream()
                .filter(address -> address.scope() == SCOPE_UNIVERSE).toList();
            if (!addresses.isEmpty() && !withAddresses) {
                throw RefusedException.conflict("link " + ifname + " has address " + addresses.getFirst()
                    + ", which the host would lose; remove it first, or give -o addresses=allow");
            }
            Runnable claim = claims.claim(link.index()).orElseThrow(() -> RefusedException.conflict("link " + ifname
                + " is already a port of another network, maybe another daemon's; detach it there first"));
            try {
                return attachLink(netlink, link, claim);
            } catch (IOException | RuntimeException failed) {
                claim.run();
                throw failed;
            }
        }
    }

    private Attachment attachLink(RouteNetlink netlink, Link link, Runnable claim) throws IOException {
        PacketSocketEndpoint endpoint = host.<PacketSocketEndpoint, SystemCallException>call(
            () -> PacketSocketEndpoint.open(link.index(), link.name(), new Reception.Promiscuous()));
        try {
            deafLinks.silence(link);
            netlink.setLink(link.index(), new State(true));
            return new Attachment(endpoint, link.mac(), link.mtu(), () -> {
                deafLinks.restore(link.index());
                claim.run();
            });
        } catch (IOException | RuntimeException failed) {
            endpoint.close();
            deafLinks.restore(link.index());
            throw failed;
        }
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
        deafLinks.restoreAll();
    }

    /** Lets the namespaces go. Endpoints are closed by then. */
    @Override
    public void close() throws IOException {
        deafLinks.restoreAll();
        claims.close();
        own.close();
        host.close();
    }
}
