package io.footbridge.dataplane;

import io.footbridge.nat.Owner;

/**
 * A datagram socket of the host that stands for one address and port (or ICMP identifier) of a container, whomever it speaks
 * with. Objects are used again, never made per datagram. Owning worker only.
 */
final class MappedSocket {
    /** Its number among those of its protocol; part of its epoll token. */
    final int number;
    /** Negative where it is not open. */
    int descriptor = -1;
    /** The container's address, in the form of a tuple. */
    long high;
    /** The container's address, in the form of a tuple. */
    long low;
    /** The container's port, or ICMP identifier. */
    int port;
    /** The realm of the container's network. */
    int realm;
    /** Whether the socket is of IPv6; of a published port the container may be of the other family. */
    boolean ipv6;
    /** The container's port of the bridge. */
    Port container;
    /** The MAC that the container was last heard to have. */
    long mac;
    /** Who has paid for it; null of a published port. */
    Owner owner;
    /** The published port that it stands for; null where it was opened for the container. */
    PublishedPort published;
    /** Whether it is found by what it stands for. */
    boolean indexed;
    /** The session by which the container sent last. */
    DatagramSession last;
    /** Sessions that go by it. */
    int sessions;
    /** Whether the kernel is to refuse what is longer than the path's MTU. */
    boolean keepsWhole;

    MappedSocket(int number) {
        this.number = number;
    }

    /** Becomes one that stands for the same. */
    void set(MappedSocket other) {
        high = other.high;
        low = other.low;
        port = other.port;
        realm = other.realm;
        ipv6 = other.ipv6;
        container = other.container;
        mac = other.mac;
    }

    /** Whether the container's address is an IPv6 one. */
    boolean isInsideIpv6() {
        return high != 0 || low >>> Integer.SIZE != 0xFFFF;
    }

    boolean isOpen() {
        return descriptor >= 0;
    }

    boolean isOf(long ofHigh, long ofLow, int ofPort, int ofRealm) {
        return low == ofLow && high == ofHigh && port == ofPort && realm == ofRealm;
    }
}
