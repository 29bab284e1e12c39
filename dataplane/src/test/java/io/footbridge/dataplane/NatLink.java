package io.footbridge.dataplane;

import io.footbridge.wire.Arp;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Fragment;
import io.footbridge.wire.Frame;
import io.footbridge.wire.Icmpv6;
import io.footbridge.wire.Ipv6;
import io.footbridge.wire.MacAddress;
import io.footbridge.wire.NeighbourDiscovery;
import io.footbridge.wire.Protocol;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is plugged into one port of a {@link NatBed}: a container alone, or a whole link with many hosts. Its hosts answer
 * ARP and neighbour discovery by themselves, as kernels do; what else they are sent waits until they ask for it.
 */
final class NatLink {
    private static final int H = TestFrames.HEADER;

    final QueueEndpoint endpoint = new QueueEndpoint();
    private final List<NatHost> hosts = new ArrayList<>();
    private final List<MemorySegment> inbox = new ArrayList<>();
    private Port port;
    private long sent;
    private boolean silent;

    /** The port, once there is one. */
    Port port() {
        return port;
    }

    void port(Port made) {
        port = made;
    }

    void add(NatHost host) {
        hosts.add(host);
    }

    /** Whether nobody here answers ARP and neighbour discovery. */
    void silent(boolean quiet) {
        silent = quiet;
    }

    void send(MemorySegment frame) {
        sent++;
        endpoint.offer(frame);
    }

    /** Whether the engine has taken all that was sent. */
    boolean isTaken() {
        return port == null || port.statistics().receivedFrames() >= sent;
    }

    /** Takes what has come; true when that made somebody answer. */
    boolean drain() {
        long before = sent;
        Optional<MemorySegment> next;
        while ((next = endpoint.poll()).isPresent()) {
            MemorySegment frame = next.get();
            long parsed = Frame.parse(frame, H, (int) frame.byteSize() - H);
            if (parsed >= 0 && isNeighbourTalk(frame, parsed)) {
                answer(frame, parsed);
            } else {
                inbox.add(frame);
            }
        }
        return sent > before;
    }

    /** What waits, for hosts to pick from. */
    List<MemorySegment> inbox() {
        return inbox;
    }

    /** Whether a frame is ARP or neighbour discovery. */
    static boolean isNeighbourTalk(MemorySegment frame, long parsed) {
        return Frame.etherType(parsed) == Ethernet.ARP || Frame.protocol(parsed) == Protocol.ICMPV6
                && Frame.fragment(parsed) != Fragment.LATER
                && NeighbourDiscovery.isMessage(Icmpv6.type(frame, H + (long) Frame.transportOffset(parsed)));
    }

    private void answer(MemorySegment frame, long parsed) {
        if (Frame.etherType(parsed) == Ethernet.ARP) {
            answerArp(frame);
        } else {
            long message = H + (long) Frame.transportOffset(parsed);
            if (Icmpv6.type(frame, message) == NeighbourDiscovery.NEIGHBOUR_SOLICITATION) {
                answerSolicitation(frame, H + (long) Frame.networkOffset(parsed), message);
            }
        }
    }

    private void answerArp(MemorySegment frame) {
        int asked = Arp.targetAddress(frame, TestFrames.PACKET);
        int asker = Arp.senderAddress(frame, TestFrames.PACKET);
        if (Arp.operation(frame, TestFrames.PACKET) == Arp.REQUEST && !silent) {
            hosts.stream().filter(host -> host.address4() == asked).findFirst().ifPresent(host -> send(
                    new SampleFrames(Arena.ofAuto(), host.mac(), Ethernet.source(frame, H)).arpReply(asked, asker)));
        }
    }

    private void answerSolicitation(MemorySegment frame, long packet, long message) {
        long high = NeighbourDiscovery.targetHigh(frame, message);
        long low = NeighbourDiscovery.targetLow(frame, message);
        long askerHigh = Ipv6.sourceHigh(frame, packet);
        long askerLow = Ipv6.sourceLow(frame, packet);
        if (!silent && (askerHigh | askerLow) != 0) {
            hosts.stream().filter(host -> host.has6(high, low)).findFirst().ifPresent(host -> send(
                    TestFrames.advertisement(new SampleFrames(Arena.ofAuto(), host.mac(), Ethernet.source(frame, H)), high,
                            low, askerHigh, askerLow, NeighbourDiscovery.SOLICITED_FLAG | NeighbourDiscovery.OVERRIDE_FLAG,
                            high, low, host.mac())));
        }
    }

    /** Whether a frame is for a MAC, or for all. */
    static boolean isFor(MemorySegment frame, long mac) {
        long destination = Ethernet.destination(frame, H);
        return destination == mac || MacAddress.isMulticast(destination);
    }
}
