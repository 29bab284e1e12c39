package io.footbridge.dataplane;

/** Where one packet goes, as {@link NextHops} found it. Owning worker only. */
final class NextHop {
    /** The network or uplink that it goes to. */
    Bridge to;
    /** The port; null where it goes to all, since nothing was heard from the neighbour's MAC. */
    Port port;
    /** The neighbour's MAC. */
    long mac;
    /** The MAC that it comes from. */
    long sourceMac;
    /** The longest packet that goes there. */
    int mtu;
}
