package io.footbridge.dataplane;

import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.IpAddress;
import java.util.List;

/**
 * A way out of the networks that name it: a host of its own on a link, with addresses, a MAC, a neighbour table and
 * ports. Made by {@link Engine#addUplink}; any thread.
 *
 * <p>To the engine it is a bridge with one port, the link, on which the uplink's addresses are the gateway's.
 */
public final class Uplink {
    private final Bridge bridge;

    Uplink(Bridge bridge) {
        this.bridge = bridge;
    }

    /** Its name, usually the link's. */
    public String name() {
        return bridge.name();
    }

    /** What it is on its link now. */
    public UplinkSettings settings() {
        throw new UnsupportedOperationException();
    }

    /** Takes another address or gateway, and tells its neighbours; sessions of an address that it no longer has are removed. */
    public void settings(UplinkSettings changed) {
        throw new UnsupportedOperationException();
    }

    /** The link's port, with its counters. */
    public Port port() {
        throw new UnsupportedOperationException();
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
        throw new UnsupportedOperationException();
    }

    /** Takes {@link #publish} back, and removes the range's UDP sessions. */
    public void unpublish(PublishedPort published) {
        throw new UnsupportedOperationException();
    }

    /** What is published now, in the order in which it was. */
    public List<PublishedPort> published() {
        throw new UnsupportedOperationException();
    }

    /**
     * Gives an address of its own, for all protocols and both directions, to one container (1:1).
     *
     * @throws IllegalArgumentException somebody has the address already
     */
    public void assign(Ipv4Address outside, Port container, IpAddress inside) {
        throw new UnsupportedOperationException();
    }

    /** Takes {@link #assign} back and removes the address's sessions. */
    public void withdraw(Ipv4Address outside) {
        throw new UnsupportedOperationException();
    }
}
