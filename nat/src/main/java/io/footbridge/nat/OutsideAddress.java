package io.footbridge.nat;

import io.footbridge.wire.IpAddress;

/**
 * An address behind which sessions stand, and who has each of its ports: TCP's, UDP's and the identifiers of ICMP queries.
 * Made by {@link ConnectionTable#newOutside}; any thread.
 */
public final class OutsideAddress {
    private final IpAddress address;
    private final int realm;

    OutsideAddress(IpAddress address, int realm) {
        this.address = address;
        this.realm = realm;
    }

    /** The address. */
    public IpAddress address() {
        return address;
    }

    /** The uplink's realm. */
    public int realm() {
        return realm;
    }

    /** Gives a range of ports to no new mapping. Mappings that have one of them keep it until they end. */
    public void reserve(int protocol, int first, int last) {
        throw new UnsupportedOperationException();
    }

    /** Takes {@link #reserve} back. */
    public void release(int protocol, int first, int last) {
        throw new UnsupportedOperationException();
    }
}
