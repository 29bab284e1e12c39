package io.footbridge.dataplane;

import io.footbridge.tap.FrameBuffers;
import io.footbridge.wire.Arp;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.VirtioNetHeader;
import java.lang.foreign.MemorySegment;

/** Frames that the gateway itself sends: where they are built, and their way to a port. Owning worker only. */
final class Answers {
    /** Bytes of a frame with an ARP message. */
    static final int ARP_LENGTH = Ethernet.HEADER_LENGTH + Arp.LENGTH;

    private final int worker;
    private final FrameBuffers buffers;
    private final Egress egress;

    Answers(int worker, FrameBuffers buffers, Egress egress) {
        this.worker = worker;
        this.buffers = buffers;
        this.egress = egress;
    }

    MemorySegment memory() {
        return buffers.memory();
    }

    /** Begins a frame; what follows the Ethernet header is for the caller to write. Returns the frame's offset. */
    long begin(int length, long destination, long source, int etherType) {
        long offset = egress.allocate(length);
        MemorySegment memory = buffers.memory();
        VirtioNetHeader.clear(memory, offset - VirtioNetHeader.LENGTH);
        Ethernet.write(memory, offset, destination, source, etherType);
        return offset;
    }

    /** Turns a received frame round, so that it goes back where it came from, complete and unsegmented. */
    void turnRound(long offset, long gatewayMac) {
        MemorySegment memory = buffers.memory();
        VirtioNetHeader.clear(memory, offset - VirtioNetHeader.LENGTH);
        Ethernet.destination(memory, offset, Ethernet.source(memory, offset));
        Ethernet.source(memory, offset, gatewayMac);
    }

    /** Sends an ARP request; from 0.0.0.0 it is a probe, for the sender's own address an announcement (RFC 5227). */
    void sendArpRequest(Bridge bridge, Port port, long destination, long mac, int sender, int target) {
        long request = arpRequest(destination, mac, sender, target);
        send(bridge, port, request, ARP_LENGTH);
    }

    /** Writes an ARP request of {@link #ARP_LENGTH}. */
    long arpRequest(long destination, long mac, int sender, int target) {
        long request = begin(ARP_LENGTH, destination, mac, Ethernet.ARP);
        Arp.writeRequest(buffers.memory(), request + Ethernet.HEADER_LENGTH, mac, sender, target);
        return request;
    }

    /** Sends a frame that is ready. */
    void send(Bridge bridge, Port port, long offset, int length) {
        CapturePoint captures = bridge.captures();
        if (captures.isActive()) {
            captures.record(worker, buffers.memory(), offset, length, 0, Capture.OUTBOUND);
        }
        egress.send(port, offset, length);
    }

    /** As {@link #send}, of an IPv4 packet that is longer than {@code mtu}: in fragments. */
    void fragment(Bridge bridge, Port port, long offset, int length, int mtu) {
        CapturePoint captures = bridge.captures();
        if (captures.isActive()) {
            captures.record(worker, buffers.memory(), offset, length, 0, Capture.OUTBOUND);
        }
        egress.fragment(port, offset, length, mtu);
    }

    /** Sends what waits, outside a batch. */
    void flush() {
        egress.flush();
    }
}
