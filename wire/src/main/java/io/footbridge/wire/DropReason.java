package io.footbridge.wire;

/**
 * Why a frame was not forwarded. Every frame that enters and does not leave is counted under exactly one of these,
 * per port; the text of {@link #label()} is what a person reads in {@code footbridge stats}.
 *
 * <p>A step of the frame path that yields a length, an offset or a port yields a negative number instead of one when
 * it must drop: {@link #code()}, turned back by {@link #ofCode(int)}. So a check costs one comparison and no object.
 */
public enum DropReason {
    /** Shorter than an Ethernet header, or than the headers its own fields promise. */
    RUNT("runt"),
    /** Longer than any frame may be. */
    OVERSIZE("oversize"),
    /** The buffer was too short for the frame: the kernel cut it. */
    TRUNCATED("truncated"),
    /** The virtio-net header contradicts the frame it stands before. */
    BAD_VIRTIO_HEADER("bad-virtio-header"),
    /** A header field contradicts the frame: version, header length, total length. */
    BAD_HEADER("bad-header"),
    /** A checksum is wrong where we are the receiver. */
    BAD_CHECKSUM("bad-checksum"),
    /** The source MAC is multicast or zero. */
    BAD_SOURCE_MAC("bad-source-mac"),
    /** The source MAC is the gateway's own, or bound to another port by a permanent entry. */
    BOUND_MAC("bound-mac"),
    /** Source check: the MAC is not the endpoint's. */
    SOURCE_MAC("source-mac"),
    /** Source check: the IP address is not the endpoint's. */
    SOURCE_ADDRESS("source-address"),
    /** Source check: the sender inside an ARP or neighbour discovery message is not the endpoint. */
    SOURCE_NEIGHBOUR("source-neighbour"),
    /** The source MAC is bound to another port by a sticky entry. */
    STICKY("sticky"),
    /** Sent to 01:80:c2:00:00:0x, which a bridge does not forward. */
    LINK_LOCAL("link-local"),
    /** The only way out is the port it came from, and hairpin is off there. */
    REFLECTION("reflection"),
    /** Both ports are isolated, or inter-container traffic is off. */
    ISOLATED("isolated"),
    /** Longer than the egress port's MTU (a GSO frame: than its segments may be). */
    MTU("mtu"),
    /** Over the storm limit of the ingress port. */
    STORM("storm"),
    /** Flooded, and no other port is there to take it. */
    NO_EGRESS("no-egress"),
    /** For an address elsewhere, and the network has no uplink. */
    NO_UPLINK("no-uplink"),
    /** For the gateway, and not anything that it serves. */
    NOT_SERVED("not-served"),
    /** The endpoint has all the questions under way that it may have at the gateway's services, or all have. */
    SERVICE_LIMIT("service-limit"),
    /** From or to an address that must not be routed. */
    MARTIAN("martian"),
    /** Between two networks that are kept apart. */
    OTHER_NETWORK("other-network"),
    /** Its time to live, or hop limit, was used up. */
    TTL("ttl"),
    /** The next hop does not answer ARP or neighbour discovery, or too many frames wait for it. */
    NEIGHBOUR("neighbour"),
    /** From outside, and nobody inside asked for it or has published that port. */
    UNSOLICITED("unsolicited"),
    /** TCP flags that do not occur together, or a segment that fits no state of its flow. */
    BAD_STATE("bad-state"),
    /** A TCP segment outside its flow's window. */
    BAD_WINDOW("bad-window"),
    /** An ICMP error that quotes no packet of ours. */
    BAD_QUOTE("bad-quote"),
    /** The connection table is full of flows that may not be evicted. */
    CONNTRACK_FULL("conntrack-full"),
    /** The endpoint has all the flows that it may have. */
    FLOW_LIMIT("flow-limit"),
    /** The endpoint has all the outside ports that it may have. */
    PORT_LIMIT("port-limit"),
    /** No outside port is free for this destination. */
    NO_FREE_PORT("no-free-port"),
    /** The host gives no socket for the flow. */
    NO_SOCKET("no-socket"),
    /** A fragment that overlaps another, is too small, or for which the memory for fragments has no room. */
    FRAGMENT("fragment"),
    /** The egress queue was full. */
    EGRESS_FULL("egress-full"),
    /** The egress link is down or gone. */
    EGRESS_DOWN("egress-down"),
    /** The kernel refused the frame. */
    EGRESS_REFUSED("egress-refused");

    private static final DropReason[] VALUES = values();

    private final String label;

    DropReason(String label) {
        this.label = label;
    }

    /** The name that people see: lower case, words joined by a hyphen. */
    public String label() {
        return label;
    }

    /** This reason as a negative number, for results where a length or index is zero or more. */
    public int code() {
        return -1 - ordinal();
    }

    /** The reason behind a negative result. */
    public static DropReason ofCode(int code) {
        return VALUES[-1 - code];
    }

    /** How many reasons there are: the width of a table of counters. */
    public static int count() {
        return VALUES.length;
    }
}
