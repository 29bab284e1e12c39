package io.footbridge.control.slirp;

import io.footbridge.control.slirp.SlirpOptions.Target;
import io.footbridge.tap.Errno;
import io.footbridge.tap.SystemCallException;
import io.footbridge.tap.TapEndpoint;
import io.footbridge.tap.namespace.NetworkNamespace;
import io.footbridge.tap.netlink.Link;
import io.footbridge.tap.netlink.LinkSetting;
import io.footbridge.tap.netlink.LinkSetting.Mac;
import io.footbridge.tap.netlink.LinkSetting.Mtu;
import io.footbridge.tap.netlink.LinkSetting.State;
import io.footbridge.tap.netlink.LinkSetting.TxQueueLength;
import io.footbridge.tap.netlink.Prefix;
import io.footbridge.tap.netlink.Route;
import io.footbridge.tap.netlink.RouteNetlink;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The target's end of the network: the TAP in its namespace. It is made there, or taken over as it is where a persistent
 * one has the name, and with {@code -c} set up. Unlike elsewhere the device is made in the target's own namespace, since
 * whoever starts us often has no right to another.
 *
 * @param endpoint where its frames enter and leave; the caller's
 * @param mac its MAC in the low 48 bits
 */
record GuestTap(TapEndpoint endpoint, long mac) {
    /** What the target sends while no worker reads waits there; the kernel drops the rest without a word. */
    private static final int QUEUE = 4096;
    private static final int MAX_NAME = 15;

    /** Opens it. */
    static GuestTap open(SlirpOptions options) throws IOException {
        String name = cut(options.tap());
        try (NetworkNamespace namespace = namespace(options.target())) {
            TapEndpoint tap = namespace.<TapEndpoint, SystemCallException>call(() -> TapEndpoint.attach(name));
            try (RouteNetlink netlink = RouteNetlink.in(namespace)) {
                return new GuestTap(tap, configure(netlink, name, options));
            } catch (IOException | RuntimeException failed) {
                tap.close();
                throw failed;
            }
        }
    }

    private static NetworkNamespace namespace(Target target) throws SystemCallException {
        return switch (target) {
            case Target.Process(int pid) -> NetworkNamespace.ofPid(pid);
            case Target.File(String path) -> NetworkNamespace.open(Path.of(path).toAbsolutePath());
        };
    }

    /** As the kernel would: what is too long for a name is left out. */
    private static String cut(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        return bytes.length <= MAX_NAME ? name : new String(Arrays.copyOf(bytes, MAX_NAME), StandardCharsets.UTF_8);
    }

    /** Sets it up as far as the options say; its MAC. */
    private static long configure(RouteNetlink netlink, String name, SlirpOptions options) throws IOException {
        Link link = netlink.link(name).orElseThrow(() -> new SystemCallException("look for interface " + name, Errno.ENODEV.number()));
        if (!options.configure()) {
            netlink.setLink(link.index(), new TxQueueLength(QUEUE));
            return link.mac();
        }
        Optional<Link> loopback = netlink.link("lo");
        if (loopback.isPresent()) {
            netlink.setLink(loopback.get().index(), new State(true));
        }
        List<LinkSetting> settings = new ArrayList<>(List.of(new Mtu(options.mtu()), new TxQueueLength(QUEUE)));
        options.mac().ifPresent(mac -> settings.add(new Mac(mac)));
        settings.add(new State(true));
        netlink.setLink(link.index(), settings);
        SlirpNetwork network = options.network();
        try {
            netlink.addAddress(link.index(), network.guest().toInetAddress(), network.prefix().length());
        } catch (SystemCallException refused) {
            if (!refused.is(Errno.EEXIST)) {
                throw refused;
            }
        }
        netlink.addRoute(Route.via(Prefix.ALL_IPV4, network.gateway().toInetAddress(), link.index()));
        return options.mac().orElse(link.mac());
    }
}
