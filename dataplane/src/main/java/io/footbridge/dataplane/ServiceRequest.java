package io.footbridge.dataplane;

import io.footbridge.wire.IpAddress;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A question that came to one of the gateway's services, by UDP. It ends with one answer or with none; until then it counts
 * against its port's share, so it must end. Any thread.
 */
public final class ServiceRequest {
    private static final int MAX_IPV4 = 65_507;
    private static final int HEADERS_IPV6 = 48;

    private final Services services;
    private final Port port;
    private final Kind kind;
    private final Asker asker;
    private final IpAddress answerer;
    private final byte[] payload;
    private final AtomicBoolean ended = new AtomicBoolean();

    /** The services. */
    public enum Kind {
        /** Names, port 53. */
        DNS(ServiceIntake.DNS_PORT),
        /** IPv4 configuration, port 67. */
        DHCP(ServiceIntake.DHCP_PORT),
        /** IPv6 configuration, port 547. */
        DHCPV6(ServiceIntake.DHCPV6_PORT);

        private static final Kind[] VALUES = values();

        private final int port;

        Kind(int port) {
            this.port = port;
        }

        int port() {
            return port;
        }

        static Kind of(int ordinal) {
            return VALUES[ordinal];
        }
    }

    /**
     * Who asks.
     *
     * @param mac the frame's source MAC
     * @param address the packet's source address; 0.0.0.0 from who has none yet
     * @param port the datagram's source port
     */
    public record Asker(long mac, IpAddress address, int port) {
    }

    /**
     * @param answerer the gateway's address that answers
     */
    ServiceRequest(Services services, Port port, Kind kind, Asker asker, IpAddress answerer, byte[] payload) {
        this.services = services;
        this.port = port;
        this.kind = kind;
        this.asker = asker;
        this.answerer = answerer;
        this.payload = payload;
    }

    /** The port by which it came. */
    public Port port() {
        return port;
    }

    /** Which service it is for. */
    public Kind kind() {
        return kind;
    }

    /** Who asks. */
    public Asker asker() {
        return asker;
    }

    /** What the datagram holds; the caller's to keep. */
    public byte[] payload() {
        return payload;
    }

    /**
     * The most bytes that an answer may have: over IPv6 what is one packet, over IPv4 what is one datagram, which is sent in
     * fragments where it must be.
     */
    public int limit() {
        return answerer.isIpv4() ? MAX_IPV4 : port.policy().mtu - HEADERS_IPV6;
    }

    /** How many questions its port has under way, this one included; at most a hundred or so. */
    public int underWay() {
        return port.services().underWay();
    }

    /** Answers to whom it came from. A second answer, or one after {@link #ignore}, is none. */
    public void answer(byte[] answer) {
        answer(answer, asker);
    }

    /**
     * Answers to somebody else behind the same port.
     *
     * @throws IllegalArgumentException longer than {@link #limit()}
     */
    public void answer(byte[] answer, Asker to) {
        if (answer.length > limit()) {
            throw new IllegalArgumentException(answer.length + " bytes of an answer: at most " + limit() + " can be sent");
        }
        if (ended.compareAndSet(false, true)) {
            services.send(port, new ServiceReply(answerer, kind.port(), to, answer));
        }
    }

    /** Ends it without an answer. */
    public void ignore() {
        if (ended.compareAndSet(false, true)) {
            port.services().giveBack();
        }
    }
}
