package io.footbridge.dataplane;

import io.footbridge.nat.ConnectionTable;
import io.footbridge.nat.Tracking;
import io.footbridge.nat.Tuple;
import io.footbridge.tap.FrameBuffers;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Frame;
import io.footbridge.wire.Icmp;
import io.footbridge.wire.Icmpv6;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Ipv6;
import io.footbridge.wire.Protocol;
import io.footbridge.wire.Udp;
import io.footbridge.wire.VirtioNetHeader;
import java.lang.foreign.MemorySegment;

/**
 * What datagram sockets of the host received, as frames to the container that each socket stands for. The headers are written
 * before the payload, where it was received. Owning worker only.
 *
 * <p>A frame is tracked as a packet of its flow. What is longer than the container's MTU goes in fragments.
 */
final class ContainerFrames {
    /** Room that is needed before a payload: virtio-net, Ethernet, IPv6 and UDP header. */
    static final int HEADROOM = FrameBuffers.VIRTIO_HEADER_LENGTH + Ethernet.HEADER_LENGTH + Ipv6.HEADER_LENGTH + Udp.HEADER_LENGTH;

    private static final int HOPS = 64;
    private static final int MAX_PACKET4 = Ipv4.MAX_LENGTH - Ipv4.MIN_HEADER_LENGTH;

    private final int worker;
    private final MemorySegment memory;
    private final Egress egress;
    private final Answers answers;
    private Tracking tracking;
    private int identification;

    ContainerFrames(int worker, FrameBuffers buffers, Egress egress) {
        this.worker = worker;
        this.memory = buffers.memory();
        this.egress = egress;
        this.answers = new Answers(worker, buffers, egress);
    }

    void enable(ConnectionTable table, long seed) {
        tracking = new Tracking(table);
        identification = (int) seed;
    }

    /**
     * Sends a datagram.
     *
     * @param flow that it is of, in its direction
     * @param from its tuple: who it is from, and the container that it is for
     * @param payload where it lies, with {@link #HEADROOM} before it
     * @param segment bytes of each datagram where there are several in a row, else 0
     */
    void datagram(Port container, long mac, int flow, Tuple from, long payload, int length, int segment, int tick) {
        int transport = Udp.HEADER_LENGTH + length;
        long udp = payload - Udp.HEADER_LENGTH;
        if (transport > (from.isIpv6() ? Ipv6.MAX_PAYLOAD_LENGTH : MAX_PACKET4)) {
            drop(container, DropReason.OVERSIZE.code());
            return;
        }
        Udp.write(memory, udp, from.sourcePort(), from.destinationPort(), transport);
        boolean several = segment > 0 && segment < length;
        long frame = packet(container, mac, from, Protocol.UDP, udp, transport);
        if (frame < 0) {
            drop(container, (int) frame);
            return;
        }
        long header = frame - VirtioNetHeader.LENGTH;
        long network = frame + Ethernet.HEADER_LENGTH;
        // The container's kernel takes it as one that it need not check.
        VirtioNetHeader.flags(memory, header, VirtioNetHeader.NEEDS_CSUM);
        VirtioNetHeader.checksumStart(memory, header, (int) (udp - frame));
        VirtioNetHeader.checksumOffset(memory, header, Udp.CHECKSUM);
        Udp.checksum(memory, udp, from.isIpv6() ? Ipv6.pseudoHeader(memory, network, Protocol.UDP, transport)
                : Ipv4.pseudoHeader(memory, network, Protocol.UDP, transport));
        if (several) {
            VirtioNetHeader.gsoType(memory, header, VirtioNetHeader.GSO_UDP_L4);
            VirtioNetHeader.gsoSize(memory, header, segment);
            VirtioNetHeader.headerLength(memory, header, (int) (payload - frame));
        }
        send(container, flow, frame, (int) (payload - frame), length, several ? segment : length, tick);
    }

    /**
     * Sends an ICMP or ICMPv6 message.
     *
     * @param flow that it is of, in its direction
     * @param from its tuple: who it is from, and the container that it is for
     * @param message where it lies, with {@link #HEADROOM} before it
     */
    void icmp(Port container, long mac, int flow, Tuple from, long message, int length, int tick) {
        if (length > MAX_PACKET4) {
            drop(container, DropReason.OVERSIZE.code());
            return;
        }
        long frame = packet(container, mac, from, from.protocol(), message, length);
        if (frame < 0) {
            drop(container, (int) frame);
            return;
        }
        if (from.isIpv6()) {
            Icmpv6.writeChecksum(memory, frame + Ethernet.HEADER_LENGTH, message, length);
        } else {
            Icmp.writeChecksum(memory, message, length);
        }
        send(container, flow, frame, (int) (message - frame), length, length, tick);
    }

    /** Writes virtio-net, Ethernet and IP header; the frame, or the negative code of a reason to drop. */
    private long packet(Port container, long mac, Tuple from, int protocol, long transport, int length) {
        GatewayAddresses gateway = container.bridge().gatewayAddresses();
        if (gateway == null) {
            return DropReason.NO_EGRESS.code();
        }
        boolean ipv6 = from.isIpv6();
        long network = transport - (ipv6 ? Ipv6.HEADER_LENGTH : Ipv4.MIN_HEADER_LENGTH);
        long frame = network - Ethernet.HEADER_LENGTH;
        VirtioNetHeader.clear(memory, frame - VirtioNetHeader.LENGTH);
        Ethernet.write(memory, frame, mac, gateway.mac, ipv6 ? Ethernet.IPV6 : Ethernet.IPV4);
        if (ipv6) {
            Ipv6.write(memory, network, from.sourceHigh(), from.sourceLow(), from.destinationHigh(), from.destinationLow(),
                    protocol, HOPS, length);
        } else {
            Ipv4.write(memory, network, (int) from.sourceLow(), (int) from.destinationLow(), protocol, HOPS,
                    Ipv4.MIN_HEADER_LENGTH + length);
        }
        return frame;
    }

    /** Tracks a frame and sends it; {@code part} is the payload of its longest packet. */
    private void send(Port container, int flow, long frame, int headers, int length, int part, int tick) {
        long parsed = Frame.parse(memory, frame, headers + length);
        int refused = parsed < 0 ? (int) parsed : tracking.packet(flow, memory, frame, parsed, false, tick);
        if (refused < 0) {
            drop(container, refused);
            return;
        }
        int mtu = container.policy().mtu;
        if (headers - Ethernet.HEADER_LENGTH + part > mtu) {
            mayFragment(frame, parsed);
            egress.fragment(container, frame, headers + length, mtu);
        } else {
            answers.send(container.bridge(), container, frame, headers + length);
        }
    }

    private void mayFragment(long frame, long parsed) {
        if (Frame.etherType(parsed) == Ethernet.IPV4) {
            long network = frame + Ethernet.HEADER_LENGTH;
            Ipv4.identification(memory, network, ++identification);
            Ipv4.flagsAndFragmentOffset(memory, network, 0);
            Ipv4.writeChecksum(memory, network);
        }
    }

    /** Counts what a container does not get. */
    void drop(Port container, int code) {
        container.lane(worker).counters.dropped(code);
    }
}
