package io.footbridge.dataplane;

import io.footbridge.wire.DropReason;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Frames as kernels hand them over, of many segments and with partial checksums, cross the NAT as they are. */
class OffloadedFramesTest {
    private static NatBed bed;
    private NatHost client;
    private NatHost server;

    @BeforeAll
    static void start() {
        bed = new NatBed();
    }

    @AfterAll
    static void stop() {
        bed.close();
    }

    @BeforeEach
    void begin() {
        bed.reset();
        client = bed.client;
        server = bed.server;
    }

    @Test
    void aGsoFrameStaysOneBothWays() {
        TcpTalk talk = TcpTalk.out(bed, client, 4000, server, 80).open();
        String data = client.ip(server.ipv4) + "/TCP(sport=4000,dport=80,flags='PA',seq=1001,ack=500001)/(b'x'*40000)";
        bed.passes(client, "Offload(" + data + ",1448)", server).shows("Virtio.flags", 1, "Virtio.gso_type", 1,
                "Virtio.gso_size", 1448, "IP.src", NatBed.UPLINK4, "IP.len", 40_040, "TCP.sport", talk.shownPort());
        String answer = server.ip(NatBed.UPLINK4) + "/TCP(sport=80,dport=" + talk.shownPort()
                + ",flags='PA',seq=500001,ack=41001)/(b'y'*60000)";
        bed.passes(server, "Offload(" + answer + ",1448)", client).shows("Virtio.gso_size", 1448, "IP.dst", client.ipv4,
                "IP.len", 60_040, "TCP.dport", 4000);
    }

    @Test
    void aGsoFrameOverIpv6StaysOne() {
        TcpTalk talk = TcpTalk.out6(bed, client, 4000, server, 80).open();
        String data = client.ip6(server.ipv6) + "/TCP(sport=4000,dport=80,flags='PA',seq=1001,ack=500001)/(b'x'*40000)";
        bed.passes(client, "Offload(" + data + ",1428)", server).shows("Virtio.gso_type", 4, "Virtio.gso_size", 1428, "IPv6.src",
                NatBed.UPLINK6, "TCP.sport", talk.shownPort());
    }

    @Test
    void aPartialChecksumStaysPartial() {
        Dissection seen = bed.passes(client, "Offload(" + client.udp(4000, server.ipv4, 5000) + ")", server);
        seen.shows("Virtio.flags", 1, "Virtio.gso_type", 0, "IP.src", NatBed.UPLINK4);
        bed.passes(server, "Offload(" + server.answerTo(seen) + ")", client).shows("Virtio.flags", 1, "UDP.dport", 4000);
        bed.passes(client, "Offload(" + client.udp(4000, server.ipv6, 5000) + ")", server).shows("Virtio.flags", 1);
    }

    @Test
    void aUdpChecksumOfZeroStaysZero() {
        String none = client.ip(server.ipv4) + "/UDP(sport=4000,dport=5000,chksum=0)/b'hello'";
        bed.passes(client, none, server).shows("UDP.chksum", 0, "IP.src", NatBed.UPLINK4);
    }

    @Test
    void segmentsOfAGsoFrameThatAreTooLongAreAnswered() {
        bed.mtu(1400);
        TcpTalk.out(bed, client, 4000, server, 80).open();
        String data = client.ip(server.ipv4, "flags='DF'") + "/TCP(sport=4000,dport=80,flags='PA',seq=1001,ack=500001)/(b'x'*40000)";
        bed.drops(DropReason.MTU, () -> client.sends("Offload(" + data + ",1448)"));
        client.receives().shows("ICMP.type", 3, "ICMP.code", 4, "ICMP.nexthopmtu", 1400, "TCPerror.sport", 4000);
        server.receivesNothing();
        bed.passes(client, "Offload(" + data + ",1348)", server).shows("Virtio.gso_size", 1348);
    }

    @Test
    void synsAreClampedToWhatBothLinksTake() {
        bed.mtu(1400);
        for (String offer : List.of("1460", "9000")) {
            String syn = client.ip(server.ipv4) + "/TCP(sport=4000,dport=80,flags='S',seq=1000,options=[('MSS'," + offer + ")])";
            bed.passes(client, syn, server).shows("TCP.options", "[('MSS', 1360)]");
            bed.passes(client, "Offload(" + syn + ")", server).shows("TCP.options", "[('MSS', 1360)]");
        }
        String synAck = server.ip(NatBed.UPLINK4) + "/TCP(sport=80,dport=4000,flags='SA',seq=5000,ack=1001,options=[('MSS',1460)])";
        bed.passes(server, synAck, client).shows("TCP.options", "[('MSS', 1360)]");
        String small = client.ip6(server.ipv6) + "/TCP(sport=4001,dport=80,flags='S',seq=1000,options=[('MSS',1220)])";
        bed.passes(client, small, server).shows("TCP.options", "[('MSS', 1220)]");
    }
}
