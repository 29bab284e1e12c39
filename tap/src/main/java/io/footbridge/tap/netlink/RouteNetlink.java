package io.footbridge.tap.netlink;

import io.footbridge.tap.AddressText;
import io.footbridge.tap.Cures;
import io.footbridge.tap.Errno;
import io.footbridge.tap.InterfaceName;
import io.footbridge.tap.SystemCallException;
import io.footbridge.tap.namespace.NetworkNamespace;
import io.footbridge.tap.netlink.LinkSetting.AddressGeneration;
import io.footbridge.tap.netlink.LinkSetting.Mac;
import io.footbridge.tap.netlink.LinkSetting.Name;
import io.footbridge.tap.netlink.NetlinkExchange.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Links, addresses and routes of one network namespace: one rtnetlink socket, which keeps that namespace alive while it
 * is open. One thread at a time. An error is a {@link SystemCallException} that names what was tried, on which object,
 * and the kernel's own words; after a {@link NetlinkFormatException} the socket is of no more use.
 */
public final class RouteNetlink implements AutoCloseable {
    private static final LinkSetting UP = new LinkSetting.State(true);

    private final NetlinkSocket socket;
    private final String namespace;

    private RouteNetlink(NetlinkSocket socket, String namespace) {
        this.socket = socket;
        this.namespace = namespace;
    }

    /** Of the namespace that the calling thread is in. */
    public static RouteNetlink open() throws SystemCallException {
        return new RouteNetlink(NetlinkSocket.open(), "of this process");
    }

    /** Of another namespace, which the calling thread does not enter. */
    public static RouteNetlink in(NetworkNamespace namespace) throws SystemCallException {
        NetlinkSocket socket = namespace.<NetlinkSocket, SystemCallException>call(NetlinkSocket::open);
        return new RouteNetlink(socket, namespace.toString());
    }

    /** Every link. */
    public List<Link> links() throws IOException {
        Answer<Link> answer = socket.exchange(LinkCodec.all(), LinkCodec::decode);
        return orThrow(answer, "list interfaces", "").replies();
    }

    /** The link of a name, if there is one. */
    public Optional<Link> link(String name) throws IOException {
        return oneLink(LinkCodec.byName(InterfaceName.check(name)), name);
    }

    /** The link of an index, if there is one. */
    public Optional<Link> link(int index) throws IOException {
        if (index <= 0) {
            return Optional.empty();
        }
        return oneLink(LinkCodec.byIndex(index), String.valueOf(index));
    }

    /**
     * Makes a veth here and, in the same message, its peer in another namespace. Our end's alias, address generation and
     * state follow in a second message, since the kernel takes none of them at birth; if it refuses those, the pair is
     * gone again.
     *
     * @param settings of our end, its name among them
     * @param peerSettings of the peer: its name, and its MAC, MTU and queue length if wanted; the rest is set from its
     *     own side
     * @return our end; its {@code peerIndex} is the peer's index over there
     */
    public Link createVeth(List<LinkSetting> settings, NetworkNamespace peerNamespace, List<LinkSetting> peerSettings)
            throws IOException {
        String name = nameIn(settings);
        String peerName = nameIn(peerSettings);
        if (!peerSettings.stream().allMatch(LinkCodec::isTakenAtBirth)) {
            throw new IllegalArgumentException(
                    "a veth's peer is born with name, MAC, MTU and queue length; set the rest from its own side");
        }
        List<LinkSetting> born = settings.stream().filter(LinkCodec::isTakenAtBirth).toList();
        List<LinkSetting> later = settings.stream().filter(setting -> !LinkCodec.isTakenAtBirth(setting)).toList();
        Answer<Void> answer = socket.exchange(
                LinkCodec.createVeth(born, peerNamespace.descriptor(), peerSettings), (_, _) -> { });
        String action = "create veth " + name + " in namespace " + namespace + " with peer " + peerName
                + " in namespace " + peerNamespace;
        if (answer.is(Errno.EEXIST)) {
            String taken = link(name).isPresent() ? taken(name, namespace) : taken(peerName, peerNamespace.toString());
            throw new SystemCallException(action, answer.errno(), taken);
        }
        orThrow(answer, action, "");
        Link made = link(name).orElseThrow(() -> new SystemCallException(action, Errno.ENODEV.number()));
        if (later.isEmpty()) {
            return made;
        }
        try {
            setLink(made.index(), later);
        } catch (IOException refused) {
            try {
                deleteLink(made.index());
            } catch (IOException left) {
                refused.addSuppressed(left);
            }
            throw refused;
        }
        return link(made.index()).orElseThrow(() -> new SystemCallException(action, Errno.ENODEV.number()));
    }

    /**
     * Moves a link to another namespace and sets it up there, in one message. Should the kernel refuse a part of it (a
     * name that is taken there, say), the link is brought back and has its old name, though it is down then and may keep
     * settings that came before the refused one. The move may change its index.
     *
     * @param settings what it is to be there; its name is the old one where none is among them. Address generation does
     *     not go together with up: the kernel would bring the link up first and give it an address already
     */
    public void moveLink(int index, NetworkNamespace target, List<LinkSetting> settings) throws IOException {
        if (settings.contains(UP) && settings.stream().anyMatch(AddressGeneration.class::isInstance)) {
            throw new IllegalArgumentException("a link is moved with address generation first and set up then");
        }
        String action = "move interface " + index + " from namespace " + namespace + " to namespace " + target;
        Link before = link(index).orElseThrow(() -> new SystemCallException(action, Errno.ENODEV.number()));
        Answer<Void> answer = change(index, OptionalInt.of(target.descriptor()), settings);
        if (answer.errno() == 0) {
            return;
        }
        String name = findName(settings).orElse(before.name());
        SystemCallException refused =
                refusal(answer, action, answer.is(Errno.EEXIST) ? taken(name, target.toString()) : "");
        try {
            // A name that is taken is not the link's own, and its holder there may look just like it.
            bringBack(before, target, answer.is(Errno.EEXIST) ? before.name() : name, macIn(settings));
        } catch (IOException lost) {
            refused.addSuppressed(lost);
        }
        throw refused;
    }

    /** Changes a link; where it is to come up, that is a second message. An error may leave some settings done. */
    public void setLink(int index, List<LinkSetting> settings) throws IOException {
        List<LinkSetting> first = settings.stream().filter(setting -> !setting.equals(UP)).toList();
        if (!first.isEmpty()) {
            setAtOnce(index, first);
        }
        if (first.size() < settings.size()) {
            setAtOnce(index, List.of(UP));
        }
    }

    /** As {@link #setLink(int, List)}. */
    public void setLink(int index, LinkSetting... settings) throws IOException {
        setLink(index, Arrays.asList(settings));
    }

    /** Removes a link, and a veth's peer with it. */
    public void deleteLink(int index) throws IOException {
        Answer<Void> answer = socket.exchange(LinkCodec.delete(index), (_, _) -> { });
        orThrow(answer, "delete interface " + index + " in namespace " + namespace, "");
    }

    /** The addresses of a link, of both families. */
    public List<InterfaceAddress> addresses(int index) throws IOException {
        Answer<InterfaceAddress> answer = socket.exchange(AddressCodec.all(index), AddressCodec::decode);
        return orThrow(answer, "list addresses of interface " + index + " in namespace " + namespace, "")
                .replies().stream().filter(address -> address.index() == index).toList();
    }

    /** Gives a link an address; of IPv4 with the broadcast address of its prefix. */
    public void addAddress(int index, InetAddress address, int prefixLength, AddressFlag... flags)
            throws IOException {
        Answer<Void> answer = socket.exchange(
                AddressCodec.add(index, address, prefixLength, Set.of(flags)), (_, _) -> { });
        String cure = answer.is(Errno.EACCES) && answer.text().contains("IPv6")
                ? "set net.ipv6.conf.*.disable_ipv6=0 there first"
                : "";
        orThrow(answer, "add address " + AddressText.of(address) + "/" + prefixLength + " to interface " + index
                + " in namespace " + namespace, cure);
    }

    /** Takes an address from a link. */
    public void removeAddress(int index, InetAddress address, int prefixLength) throws IOException {
        Answer<Void> answer = socket.exchange(AddressCodec.remove(index, address, prefixLength), (_, _) -> { });
        orThrow(answer, "remove address " + AddressText.of(address) + "/" + prefixLength + " from interface " + index
                + " in namespace " + namespace, "");
    }

    /** The routes of the main table, of both families. */
    public List<Route> routes() throws IOException {
        List<Route> routes = new ArrayList<>();
        for (int family : new int[] {AddressCodec.AF_INET, AddressCodec.AF_INET6}) {
            Answer<Route> answer = socket.exchange(RouteCodec.all(family), RouteCodec::decode);
            // The table is made with its first route, and a family may be missing altogether.
            if (!answer.is(Errno.ENOENT) && !answer.is(Errno.EAFNOSUPPORT) && !answer.is(Errno.EOPNOTSUPP)) {
                orThrow(answer, "list routes of namespace " + namespace, "");
            }
            routes.addAll(answer.replies().stream()
                    .filter(route -> route.destination().isIpv6() == (family == AddressCodec.AF_INET6)).toList());
        }
        return routes;
    }

    /** Adds a route to the main table. */
    public void addRoute(Route route) throws IOException {
        Answer<Void> answer = socket.exchange(RouteCodec.add(route), (_, _) -> { });
        String cure = "";
        if (answer.is(Errno.ENETDOWN)) {
            cure = "set the interface up first";
        } else if (answer.is(Errno.ENETUNREACH) || answer.is(Errno.EHOSTUNREACH)) {
            cure = "give the interface an address on the gateway's network first, or ask for an on-link route";
        }
        orThrow(answer, "add route " + route + " in namespace " + namespace, cure);
    }

    /** Removes a route from the main table. */
    public void removeRoute(Route route) throws IOException {
        Answer<Void> answer = socket.exchange(RouteCodec.remove(route), (_, _) -> { });
        orThrow(answer, "remove route " + route + " in namespace " + namespace, "");
    }

    /** Closes the socket. A second close does nothing. */
    @Override
    public void close() {
        socket.close();
    }

    private Optional<Link> oneLink(NetlinkRequest request, String which) throws IOException {
        Answer<Link> answer = socket.exchange(request, LinkCodec::decode);
        if (answer.is(Errno.ENODEV)) {
            return Optional.empty();
        }
        return orThrow(answer, "look for interface " + which + " in namespace " + namespace, "")
                .replies().stream().findFirst();
    }

    private void setAtOnce(int index, List<LinkSetting> settings) throws IOException {
        Answer<Void> answer = change(index, OptionalInt.empty(), settings);
        String cure = answer.is(Errno.EEXIST)
                ? findName(settings).map(name -> taken(name, namespace)).orElse("")
                : "";
        orThrow(answer, "set interface " + index + " in namespace " + namespace, cure);
    }

    private Answer<Void> change(int index, OptionalInt target, List<LinkSetting> settings) throws IOException {
        return socket.exchange(LinkCodec.change(index, target, settings), (_, _) -> { });
    }

    /** Fetches a link whose move failed half way; over there it may have its old name and MAC or the new ones. */
    private void bringBack(Link link, NetworkNamespace from, String newName, long newMac) throws IOException {
        if (link(link.index()).isPresent()) {
            return;
        }
        try (RouteNetlink there = RouteNetlink.in(from); NetworkNamespace here = socket.namespace(namespace)) {
            for (Link other : there.links()) {
                boolean named = other.name().equals(link.name()) || other.name().equals(newName);
                boolean same = other.mac() == link.mac() || other.mac() == newMac;
                if (named && same && other.kind().equals(link.kind())) {
                    orThrow(there.change(other.index(), OptionalInt.of(here.descriptor()),
                            List.of(new Name(link.name()))), "bring interface " + link.name() + " back", "");
                    return;
                }
            }
        }
    }

    private static <T> Answer<T> orThrow(Answer<T> answer, String action, String cure) throws SystemCallException {
        if (answer.errno() != 0) {
            throw refusal(answer, action, cure);
        }
        return answer;
    }

    private static SystemCallException refusal(Answer<?> answer, String action, String cure) {
        String remedy = cure.isEmpty() && answer.text().isEmpty() ? Cures.of(answer.errno()) : cure;
        String said = answer.text().isEmpty() ? "" : "the kernel says: " + answer.text();
        String separator = said.isEmpty() || remedy.isEmpty() ? "" : "; ";
        return new SystemCallException(action, answer.errno(), said + separator + remedy);
    }

    private static String taken(String name, String where) {
        return "interface " + name + " exists in namespace " + where;
    }

    private static Optional<String> findName(List<LinkSetting> settings) {
        return settings.stream().filter(Name.class::isInstance).map(setting -> ((Name) setting).name()).findFirst();
    }

    private static long macIn(List<LinkSetting> settings) {
        return settings.stream().filter(Mac.class::isInstance).mapToLong(setting -> ((Mac) setting).mac()).findFirst()
                .orElse(0);
    }

    private static String nameIn(List<LinkSetting> settings) {
        return findName(settings)
                .orElseThrow(() -> new IllegalArgumentException("a veth needs a name for each of its ends"));
    }
}
