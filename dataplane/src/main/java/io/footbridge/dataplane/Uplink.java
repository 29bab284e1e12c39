package io.footbridge.dataplane;

import io.footbridge.nat.OutsideAddress;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.Ipv4Address;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A way out of the networks that name it: a host of its own on a link, with addresses, a MAC, a neighbour table and
 * ports. Made by {@link Engine#addUplink}; any thread.
 *
 * <p>To the engine it is a bridge with one port, the link, on which the uplink's addresses are the gateway's.
 */
public final class Uplink {
    private final Bridge bridge;
    private final Routing routing;
    /** What follows is changed by {@link #routing} alone, under its lock. */
    private final Map<IpAddress, OutsideAddress> outsides = new LinkedHashMap<>();
    private final List<PublishedPort> published = new ArrayList<>();
    private final Map<IpAddress, Assignment> assignments = new LinkedHashMap<>();
    private boolean active;
    private List<IpAddress> answered = List.of();
    private UplinkSettings answeredAs;
    private volatile UplinkSettings settings;
    private volatile Port port;

    Uplink(Bridge bridge, Routing routing, UplinkSettings settings) {
        this.bridge = bridge;
        this.routing = routing;
        this.settings = settings;
    }

    /** Its name, usually the link's. */
    public String name() {
        return bridge.name();
    }

    /** What it is on its link now. */
    public UplinkSettings settings() {
        return settings;
    }

    /**
     * Takes another address or gateway, and tells its neighbours; sessions of an address that it no longer has are removed.
     * The MAC stays.
     *
     * @throws IllegalArgumentException the MAC is another, or an address is another uplink's
     */
    public void settings(UplinkSettings changed) {
        routing.settings(this, changed);
    }

    /** The link's port, with its counters. */
    public Port port() {
        return port;
    }

    /** The bridge whose only port the link is, with the neighbour table. */
    public Bridge bridge() {
        return bridge;
    }

    /**
     * Leads a range of ports to a container. Sessions of others that use one of them stay until they end, UDP's are
     * removed at once.
     *
     * @throws IllegalArgumentException one of the ports is published already
     */
    public PublishedPort publish(PortForward forward) {
        return routing.publishing().publish(this, forward);
    }

    /** Takes {@link #publish} back, and removes the range's UDP sessions. */
    public void unpublish(PublishedPort port) {
        routing.publishing().unpublish(this, port);
    }

    /** What is published now, in the order in which it was. */
    public List<PublishedPort> published() {
        return routing.publishing().published(this);
    }

    /**
     * Gives an address of its own, for all protocols and both directions, to one container (1:1). The address is probed
     * first, which takes about half a second.
     *
     * @throws IllegalArgumentException somebody has the address already
     */
    public Assignment assign(Ipv4Address outside, Port container, IpAddress inside) {
        return routing.publishing().assign(this, outside, container, inside);
    }

    /** Takes {@link #assign} back and removes the address's sessions. */
    public void withdraw(Ipv4Address outside) {
        routing.publishing().withdraw(this, outside);
    }

    void port(Port link) {
        port = link;
    }

    /** Whether its addresses have been found free. */
    boolean isActive() {
        return active;
    }

    void activate() {
        active = true;
    }

    /** Answers on its link for these addresses, its own among them; limits go on where nothing changes. */
    void answerFor(List<IpAddress> addresses, long now) {
        if (!addresses.equals(answered) || answeredAs != settings) {
            bridge.gatewayAddresses(new GatewayAddresses(settings, addresses, now));
            answered = addresses;
            answeredAs = settings;
        }
    }

    void replace(UplinkSettings changed) {
        settings = changed;
    }

    /** The addresses that it answers for, each with its ports. */
    Map<IpAddress, OutsideAddress> outsides() {
        return outsides;
    }

    List<PublishedPort> publishedPorts() {
        return published;
    }

    /** By outside address. */
    Map<IpAddress, Assignment> assignments() {
        return assignments;
    }
}
