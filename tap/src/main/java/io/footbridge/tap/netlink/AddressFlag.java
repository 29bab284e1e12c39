package io.footbridge.tap.netlink;

/** Flags of an address (linux/if_addr.h). */
public enum AddressFlag {
    /** An address of a prefix that has another before it; for IPv6, a temporary one. */
    SECONDARY(0x1),
    /** No duplicate address detection: usable at once. */
    NODAD(0x2),
    /** Found to be in use by another. */
    DADFAILED(0x8),
    /** Past its preferred lifetime. */
    DEPRECATED(0x20),
    /** Being checked for duplicates, not usable yet. */
    TENTATIVE(0x40),
    /** Configured without a lifetime, rather than learnt. */
    PERMANENT(0x80),
    /** Comes without a route to its prefix. */
    NOPREFIXROUTE(0x200);

    private final int bit;

    AddressFlag(int bit) {
        this.bit = bit;
    }

    int bit() {
        return bit;
    }
}
