package io.footbridge.wire;

/** Protocol numbers of IPv4's protocol field and IPv6's next header field (IANA protocol numbers). */
public final class Protocol {
    /** IPv6 hop-by-hop options. */
    public static final int HOP_BY_HOP = 0;
    /** ICMP for IPv4. */
    public static final int ICMP = 1;
    /** TCP. */
    public static final int TCP = 6;
    /** UDP. */
    public static final int UDP = 17;
    /** IPv6 routing header. */
    public static final int ROUTING = 43;
    /** IPv6 fragment header. */
    public static final int FRAGMENT = 44;
    /** IPsec authentication header. */
    public static final int AUTHENTICATION = 51;
    /** ICMP for IPv6. */
    public static final int ICMPV6 = 58;
    /** IPv6: nothing follows. */
    public static final int NO_NEXT_HEADER = 59;
    /** IPv6 destination options. */
    public static final int DESTINATION_OPTIONS = 60;
    /** SCTP. */
    public static final int SCTP = 132;

    private Protocol() {
    }

    /** The name that people know, else the number. Off the frame path. */
    public static String nameOf(int protocol) {
        return switch (protocol) {
            case ICMP -> "ICMP";
            case TCP -> "TCP";
            case UDP -> "UDP";
            case ICMPV6 -> "ICMPv6";
            case SCTP -> "SCTP";
            default -> "protocol " + protocol;
        };
    }
}
