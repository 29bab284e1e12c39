package io.footbridge.proxy;

import io.footbridge.tap.SystemCallException;
import io.footbridge.tap.namespace.NetworkNamespace;
import java.net.InetAddress;
import java.util.Optional;

/**
 * Where a relay sends its clients: an address, perhaps as seen from inside a network namespace.
 *
 * @param address the back end's address, never unspecified
 * @param port 1 to 65535
 * @param door the way into the namespace to connect in; empty for the proxy's own
 * @param header what the back end is told of its client; TCP only
 * @param here whether it is known to be on this machine
 */
public record BackEnd(InetAddress address, int port, Optional<Door> door, ProxyProtocol header, boolean here) {
    /**
     * Opens the namespace that a back end is in. It is asked anew for each batch of connections and what it gives is
     * closed at once, so that a relay keeps no namespace alive by waiting.
     */
    @FunctionalInterface
    public interface Door {
        /** The namespace as it is now. Called by a thread of the proxy's own, one at a time. */
        NetworkNamespace open() throws SystemCallException;
    }

    /** Checks the ranges. */
    public BackEnd {
        if (address.isAnyLocalAddress() && door.isPresent() || port < 0 || port > 65535) {
            throw new IllegalArgumentException("no back end can be at " + address.getHostAddress() + " port " + port);
        }
    }

    /** A back end that is known to be on this machine only if its address says so. */
    public BackEnd(InetAddress address, int port, Optional<Door> door, ProxyProtocol header) {
        this(address, port, door, header, address.isLoopbackAddress() || address.isAnyLocalAddress());
    }

    /** A back end reached from where the proxy itself is. */
    public static BackEnd at(InetAddress address, int port) {
        return new BackEnd(address, port, Optional.empty(), ProxyProtocol.NONE);
    }

    /**
     * A back end reached from inside its namespace. Not at a loopback address: a service that trusts its own loopback
     * would take every client for a local one (CVE-2021-20199).
     */
    public static BackEnd inside(Door door, InetAddress address, int port) {
        if (address.isLoopbackAddress()) {
            throw new IllegalArgumentException(address.getHostAddress() + " is the namespace's own loopback, where every"
                    + " client would pass for a local one; ask for it by name if that is meant");
        }
        return insideOrLoopback(door, address, port);
    }

    /** As {@link #inside}, for those who mean the namespace's loopback. */
    public static BackEnd insideOrLoopback(Door door, InetAddress address, int port) {
        return new BackEnd(address, port, Optional.of(door), ProxyProtocol.NONE);
    }

    /** The same, told of its clients by this header. */
    public BackEnd withHeader(ProxyProtocol other) {
        return new BackEnd(address, port, door, other, here);
    }

    /** The same at another port. */
    public BackEnd withPort(int other) {
        return new BackEnd(address, other, door, header, here);
    }

    /** The same, known to be on this machine, as a container is. */
    public BackEnd onThisMachine() {
        return new BackEnd(address, port, door, header, true);
    }
}
