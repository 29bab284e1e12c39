package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Frame;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv6;
import io.footbridge.wire.Ipv6Address;
import io.footbridge.wire.MacAddress;
import io.footbridge.wire.VirtioNetHeader;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** A host of a {@link NatBed}: a container, or somebody outside. It speaks in scapy's expressions. */
final class NatHost {
    private static final int H = TestFrames.HEADER;

    final String ipv4;
    final String ipv6;

    private final NatBed bed;
    private final NatLink link;
    private final long mac;
    private final long nextHop;
    private final int address4;
    private final Ipv6Address address6;

    /** @param nextHop the MAC that it sends to */
    NatHost(NatBed bed, NatLink link, long mac, String ipv4, String ipv6, long nextHop) {
        this.bed = bed;
        this.link = link;
        this.mac = mac;
        this.ipv4 = ipv4;
        this.ipv6 = ipv6;
        this.nextHop = nextHop;
        this.address4 = Ipv4Address.parse(ipv4).address();
        this.address6 = Ipv6Address.parse(ipv6);
        link.add(this);
    }

    long mac() {
        return mac;
    }

    int address4() {
        return address4;
    }

    boolean has6(long high, long low) {
        return address6.high() == high && address6.low() == low;
    }

    Port port() {
        return link.port();
    }

    NatLink link() {
        return link;
    }

    /** Ethernet to the next hop, and nothing above. */
    String ether() {
        return "Ether(src='%s',dst='%s')".formatted(MacAddress.format(mac), MacAddress.format(nextHop));
    }

    /** An IPv4 packet of this host up to its IP header, for a {@code '/'} and more. */
    String ip(String destination) {
        return ip(destination, "");
    }

    /** As {@link #ip(String)} with more fields: {@code ttl=1,flags='DF'}. */
    String ip(String destination, String fields) {
        return "%s/IP(src='%s',dst='%s'%s)".formatted(ether(), ipv4, destination, fields.isEmpty() ? "" : "," + fields);
    }

    /** As {@link #ip(String)} over IPv6. */
    String ip6(String destination) {
        return "%s/IPv6(src='%s',dst='%s')".formatted(ether(), ipv6, destination);
    }

    /** A datagram with five bytes. */
    String udp(int port, String destination, int destinationPort) {
        return (destination.indexOf(':') < 0 ? ip(destination) : ip6(destination))
                + "/UDP(sport=%d,dport=%d)/b'hello'".formatted(port, destinationPort);
    }

    /** A segment without options. */
    String tcp(int port, String destination, int destinationPort, String flags) {
        return (destination.indexOf(':') < 0 ? ip(destination) : ip6(destination))
                + "/TCP(sport=%d,dport=%d,flags='%s',seq=1000)".formatted(port, destinationPort, flags);
    }

    /** An echo request. */
    String echo(int identifier, String destination) {
        return destination.indexOf(':') < 0 ? ip(destination) + "/ICMP(type=8,id=%d,seq=1)/b'hello'".formatted(identifier)
                : ip6(destination) + "/ICMPv6EchoRequest(id=%d,seq=1,data=b'hello')".formatted(identifier);
    }

    /** Sends what an expression makes, and waits until the engine has done with it. */
    void sends(String expression) {
        sends(bed.scapy.frames(expression));
    }

    void sends(List<MemorySegment> frames) {
        frames.forEach(link::send);
        bed.settle();
    }

    /** The one frame that it was sent since it was last asked. */
    Dissection receives() {
        List<Dissection> all = receivesAll();
        assertThat(all).as(() -> this + " receives one frame; drops: " + bed.drops()).hasSize(1);
        return all.getFirst();
    }

    void receivesNothing() {
        assertThat(receivesAll()).as(() -> this + " receives nothing").isEmpty();
    }

    /** All frames that it was sent since it was last asked, found right by scapy and by our own wire classes. */
    List<Dissection> receivesAll() {
        List<Dissection> all = new ArrayList<>();
        for (Iterator<MemorySegment> waiting = link.inbox().iterator(); waiting.hasNext();) {
            MemorySegment frame = waiting.next();
            if (NatLink.isFor(frame, mac) && (!bed.isShared(link) || isForAddress(frame))) {
                waiting.remove();
                all.add(judged(frame));
            }
        }
        return all;
    }

    private Dissection judged(MemorySegment frame) {
        Dissection read = bed.scapy.dissect(frame);
        assertThat(read.faults()).as(read::toString).isEmpty();
        int length = (int) frame.byteSize() - H;
        assertThat(VirtioNetHeader.check(frame, 0, H, length)).as(read::toString).isNotNegative();
        assertThat(Frame.parse(frame, H, length)).as(read::toString).isNotNegative();
        return read;
    }

    private boolean isForAddress(MemorySegment frame) {
        return switch (Ethernet.etherType(frame, H)) {
            case Ethernet.IPV4 -> Ipv4.destination(frame, TestFrames.PACKET) == address4;
            case Ethernet.IPV6 -> has6(Ipv6.destinationHigh(frame, TestFrames.PACKET),
                    Ipv6.destinationLow(frame, TestFrames.PACKET));
            default -> false;
        };
    }

    /** Sends a datagram, segment or echo reply back to where one came from. */
    void answers(Dissection seen) {
        sends(answerTo(seen));
    }

    /** A datagram, or echo reply, back to where one came from; of TCP a SYN-ACK. */
    String answerTo(Dissection seen) {
        String ip = seen.has("IP.src") ? ip(seen.text("IP.src")) : ip6(seen.text("IPv6.src"));
        if (seen.has("UDP.sport")) {
            return ip + "/UDP(sport=%s,dport=%s)/b'answer'".formatted(seen.text("UDP.dport"), seen.text("UDP.sport"));
        }
        if (seen.has("TCP.sport")) {
            return ip + "/TCP(sport=%s,dport=%s,flags='SA',seq=5000,ack=%d)".formatted(seen.text("TCP.dport"),
                    seen.text("TCP.sport"), seen.number("TCP.seq") + 1);
        }
        return seen.has("ICMP.id") ? ip + "/ICMP(type=0,id=%s,seq=%s)/b'answer'".formatted(seen.text("ICMP.id"), seen.text("ICMP.seq"))
                : ip + "/ICMPv6EchoReply(id=%s,seq=1,data=b'answer')".formatted(seen.text("ICMPv6EchoRequest.id"));
    }

    @Override
    public String toString() {
        return ipv4;
    }
}
