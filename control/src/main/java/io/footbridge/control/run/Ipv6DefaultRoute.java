package io.footbridge.control.run;

import io.footbridge.control.network.EndpointView;
import io.footbridge.tap.Errno;
import io.footbridge.tap.SystemCallException;
import io.footbridge.tap.namespace.NetworkNamespace;
import io.footbridge.tap.netlink.Link;
import io.footbridge.tap.netlink.Prefix;
import io.footbridge.tap.netlink.Route;
import io.footbridge.tap.netlink.RouteNetlink;
import io.footbridge.wire.IpAddress;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives COMMAND an IPv6 default route only while the host has one: with a route that leads nowhere, programs try each IPv6
 * address first, and wait.
 */
final class Ipv6DefaultRoute implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Ipv6DefaultRoute.class);
    private static final int PERIOD_SECONDS = 5;

    private final NetworkNamespace namespace;
    private final EndpointView endpoint;
    private final Optional<IpAddress> gateway;
    private final ScheduledExecutorService timer =
        Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().name("ipv6-route").daemon().factory());
    private boolean present = true;

    /** Of an endpoint just attached, which has the route. */
    Ipv6DefaultRoute(NetworkNamespace namespace, EndpointView endpoint) {
        this.namespace = namespace;
        this.endpoint = endpoint;
        this.gateway = endpoint.gateways().stream().filter(address -> !address.isIpv4()).findFirst();
    }

    /** Makes it so now, and keeps it so. */
    void begin() throws IOException {
        if (gateway.isPresent()) {
            follow();
            timer.scheduleWithFixedDelay(this::followAgain, PERIOD_SECONDS, PERIOD_SECONDS, TimeUnit.SECONDS);
        }
    }

    private void followAgain() {
        try {
            follow();
        } catch (IOException | RuntimeException failed) {
            LOG.debug("IPv6 default route", failed);
        }
    }

    private void follow() throws IOException {
        boolean wanted = hostHasOne();
        if (wanted == present) {
            return;
        }
        try (RouteNetlink netlink = RouteNetlink.in(namespace)) {
            Optional<Link> link = netlink.link(endpoint.ifname());
            if (link.isPresent()) {
                Route route = Route.via(Prefix.ALL_IPV6, gateway.orElseThrow().toInetAddress(), link.get().index());
                if (wanted) {
                    netlink.addRoute(route);
                } else {
                    netlink.removeRoute(route);
                }
            }
        } catch (SystemCallException changed) {
            // COMMAND is root there: it may have added or removed it itself.
            if (!changed.is(Errno.EEXIST) && !changed.is(Errno.ESRCH)) {
                throw changed;
            }
        }
        present = wanted;
    }

    private static boolean hostHasOne() throws IOException {
        try (RouteNetlink netlink = RouteNetlink.open()) {
            return netlink.routes().stream().anyMatch(route -> route.destination().equals(Prefix.ALL_IPV6));
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
