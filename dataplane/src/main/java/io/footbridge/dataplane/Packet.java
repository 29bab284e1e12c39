package io.footbridge.dataplane;

import io.footbridge.nat.Tuple;
import io.footbridge.tap.FrameBuffers;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Fragment;
import io.footbridge.wire.Frame;
import io.footbridge.wire.Icmp;
import io.footbridge.wire.Icmpv6;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Ipv6;
import io.footbridge.wire.Protocol;
import java.lang.foreign.MemorySegment;

/**
 * The packet that a worker is routing: where it stands, where it came from, what it was found to be. A worker has one
 * and sets it anew for each packet. Owning worker only.
 */
final class Packet {
    final MemorySegment memory;

    Topology topology = Topology.NONE;
    /** The cycle's time in nanoseconds. */
    long now;
    /** The same in the connection table's ticks. */
    int tick;
    /** The port that it came in by, which counts it and gets the errors. */
    Port ingress;
    /** The network or uplink in whose realm it reads as it does. */
    Bridge from;
    /** Offset of the Ethernet header. */
    long frame;
    /** Bytes from the Ethernet header to the end of the packet, without padding. */
    int length;
    /** What is held against an MTU. */
    int size;
    /** What Frame.parse made of it. */
    long parsed;
    /** What it is looked up by. */
    Tuple tuple;
    /** Of a fragment: the IPv4 identification that all fragments of its packet get with another source address. */
    int identification;

    Packet(MemorySegment memory) {
        this.memory = memory;
    }

    /** Moves on to another packet of the same batch. */
    void set(long atFrame, int ofSize, long asParsed, Tuple ofTuple) {
        frame = atFrame;
        length = Frame.packetEnd(asParsed);
        size = ofSize;
        parsed = asParsed;
        tuple = ofTuple;
    }

    /** Offset of the virtio-net header. */
    long header() {
        return frame - FrameBuffers.VIRTIO_HEADER_LENGTH;
    }

    /** Offset of the IP header. */
    long network() {
        return frame + Frame.networkOffset(parsed);
    }

    /** Offset of the transport header. */
    long transport() {
        return frame + Frame.transportOffset(parsed);
    }

    boolean isIpv6() {
        return Frame.etherType(parsed) == Ethernet.IPV6;
    }

    int protocol() {
        return Frame.protocol(parsed);
    }

    /** Whether the transport header is not there. */
    boolean isLaterFragment() {
        return Frame.fragment(parsed) == Fragment.LATER;
    }

    boolean isFragment() {
        return Frame.fragment(parsed) != Fragment.WHOLE;
    }

    /** Whether a router may pass it on: more than one hop is left. */
    boolean hasHopsLeft() {
        return (isIpv6() ? Ipv6.hopLimit(memory, network()) : Ipv4.timeToLive(memory, network())) > 1;
    }

    /** Takes one hop off. */
    void takeHop() {
        long at = network();
        if (isIpv6()) {
            Ipv6.hopLimit(memory, at, Ipv6.hopLimit(memory, at) - 1);
        } else {
            Ipv4.decrementTimeToLive(memory, at);
        }
    }

    /** Whether it is an ICMP or ICMPv6 error, which quotes a packet. */
    boolean isIcmpError() {
        if (isFragment()) {
            return false;
        }
        return switch (protocol()) {
            case Protocol.ICMP -> !isIpv6() && Icmp.isError(Icmp.type(memory, transport()));
            case Protocol.ICMPV6 -> isIpv6() && Icmpv6.isError(Icmpv6.type(memory, transport()));
            default -> false;
        };
    }

    /** Whether it is an echo request; of a later fragment, whether its first one was. */
    boolean isEchoRequest() {
        int request = isIpv6() ? Icmpv6.ECHO_REQUEST : Icmp.ECHO_REQUEST;
        if (protocol() != (isIpv6() ? Protocol.ICMPV6 : Protocol.ICMP)) {
            return false;
        }
        return isLaterFragment() ? tuple.destinationPort() == request
                : Icmp.type(memory, transport()) == request && Icmp.code(memory, transport()) == 0;
    }
}
