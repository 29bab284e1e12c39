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
    boolean ipv6;
    /** The container's port of the bridge. */
    Port container;
    /** The MAC that the container was last heard to have. */
    long mac;
    /** Who has paid for it. */
    Owner owner;
    /** Sessions that go by it. */
    int sessions;
    /** Whether the kernel is to refuse what is longer than the path's MTU. */
    boolean keepsWhole;

    MappedSocket(int number) {
        this.number = number;
    }

    boolean isOpen() {
        return descriptor >= 0;
    }

    boolean isOf(long ofHigh, long ofLow, int ofPort, int ofRealm) {
        return low == ofLow && high == ofHigh && port == ofPort && realm == ofRealm;
    }
}
