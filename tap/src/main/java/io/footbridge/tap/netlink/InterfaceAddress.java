package io.footbridge.tap.netlink;

import io.footbridge.tap.AddressText;
import java.net.InetAddress;
import java.util.Set;

/**
 * An address that an interface holds.
 *
 * @param index the interface
 * @param address the local address
 * @param prefixLength bits of the network that it is in
 * @param scope 0 global, 253 link, 254 host (rtnetlink's rt_scope)
 * @param flags those that are known here
 */
public record InterfaceAddress(int index, InetAddress address, int prefixLength, int scope, Set<AddressFlag> flags) {
    /** Keeps a copy of the flags. */
    public InterfaceAddress {
        flags = Set.copyOf(flags);
    }

    /** {@code ADDRESS/LENGTH}. */
    @Override
    public String toString() {
        return AddressText.of(address) + "/" + prefixLength;
    }
}
