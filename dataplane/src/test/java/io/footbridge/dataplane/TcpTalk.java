package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A TCP connection between two hosts of a {@link NatBed}, one of which sees the other as the NAT shows it. Each segment is
 * sent, received and found to carry what was sent.
 */
final class TcpTalk {
    private final NatBed bed;
    private final NatHost opener;
    private final NatHost listener;
    private final int openerPort;
    private final int listenerPort;
    private final String target;
    private final int targetPort;
    private int openerSequence = 1_000;
    private int listenerSequence = 500_000;
    private String shownAddress;
    private int shownPort;

    /**
     * @param target the address that the opener connects to
     * @param targetPort the port that the opener connects to
     * @param listenerPort the port at which the listener is reached
     */
    TcpTalk(NatBed bed, NatHost opener, int openerPort, String target, int targetPort, NatHost listener, int listenerPort) {
        this.bed = bed;
        this.opener = opener;
        this.openerPort = openerPort;
        this.target = target;
        this.targetPort = targetPort;
        this.listener = listener;
        this.listenerPort = listenerPort;
    }

    /** A connection from a container to somebody outside. */
    static TcpTalk out(NatBed bed, NatHost container, int port, NatHost outside, int outsidePort) {
        return new TcpTalk(bed, container, port, outside.ipv4, outsidePort, outside, outsidePort);
    }

    /** As {@link #out} over IPv6. */
    static TcpTalk out6(NatBed bed, NatHost container, int port, NatHost outside, int outsidePort) {
        return new TcpTalk(bed, container, port, outside.ipv6, outsidePort, outside, outsidePort);
    }

    /** SYN, SYN-ACK, ACK. */
    TcpTalk open() {
        openerSays("S");
        listenerSays("SA");
        openerSays("A");
        return this;
    }

    /** A FIN from each, each acknowledged. */
    TcpTalk close() {
        openerSays("FA");
        listenerSays("A");
        listenerSays("FA");
        openerSays("A");
        return this;
    }

    /** Sends a segment of the opener's and receives it at the listener's. */
    Dissection openerSays(String flags) {
        return openerSays(flags, "");
    }

    Dissection openerSays(String flags, String payload) {
        Dissection seen = bed.passes(opener, openerSegment(flags, payload), listener);
        assertThat(seen.payload()).isEqualTo(payload);
        seen.shows("TCP.flags", flags, "TCP.seq", Integer.toUnsignedString(openerSequence), "TCP.dport", listenerPort);
        openerSequence += consumed(flags, payload);
        shownAddress = seen.text(isIpv6(target) ? "IPv6.src" : "IP.src");
        shownPort = seen.number("TCP.sport");
        return seen;
    }

    /** Sends a segment of the listener's and receives it at the opener's, from where the opener connected to. */
    Dissection listenerSays(String flags) {
        return listenerSays(flags, "");
    }

    Dissection listenerSays(String flags, String payload) {
        Dissection seen = bed.passes(listener, listenerSegment(flags, payload), opener);
        assertThat(seen.payload()).isEqualTo(payload);
        seen.shows("TCP.flags", flags, "TCP.seq", Integer.toUnsignedString(listenerSequence), "TCP.sport", targetPort,
                "TCP.dport", openerPort, isIpv6(target) ? "IPv6.src" : "IP.src", target);
        listenerSequence += consumed(flags, payload);
        return seen;
    }

    /** A segment of the opener's that is not sent yet. */
    String openerSegment(String flags, String payload) {
        return segment(opener, openerPort, target, targetPort, flags, openerSequence, listenerSequence, payload);
    }

    /** A segment of the listener's that is not sent yet. */
    String listenerSegment(String flags, String payload) {
        return segment(listener, listenerPort, shownAddress, shownPort, flags, listenerSequence, openerSequence, payload);
    }

    private static String segment(NatHost from, int port, String to, int toPort, String flags, int sequence, int acknowledged,
            String payload) {
        return (isIpv6(to) ? from.ip6(to) : from.ip(to))
                + "/TCP(sport=%d,dport=%d,flags='%s',seq=%s,ack=%s)".formatted(port, toPort, flags,
                        Integer.toUnsignedString(sequence), flags.contains("A") ? Integer.toUnsignedString(acknowledged) : "0")
                + (payload.isEmpty() ? "" : "/b'" + payload + "'");
    }

    /** The address that the listener sees. */
    String shownAddress() {
        return shownAddress;
    }

    /** The port that the listener sees. */
    int shownPort() {
        return shownPort;
    }

    private static boolean isIpv6(String address) {
        return address.indexOf(':') >= 0;
    }

    private static int consumed(String flags, String payload) {
        return payload.length() + (flags.contains("S") || flags.contains("F") ? 1 : 0);
    }
}
