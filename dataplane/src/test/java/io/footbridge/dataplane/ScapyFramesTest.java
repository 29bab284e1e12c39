package io.footbridge.dataplane;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.footbridge.wire.Frame;
import io.footbridge.wire.VirtioNetHeader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The second opinion: it sees what is wrong, and where nothing is, it says so. */
class ScapyFramesTest {
    private static final String ETHER = "Ether(src='02:00:00:00:00:01',dst='02:00:00:00:00:02')/";
    private static final String IP = ETHER + "IP(src='10.0.2.10',dst='203.0.113.5')/";
    private static final String IPV6 = ETHER + "IPv6(src='fd00::a',dst='2001:db8::5')/";

    private static ScapyFrames scapy;

    @BeforeAll
    static void start() {
        scapy = ScapyFrames.start();
    }

    @AfterAll
    static void stop() {
        scapy.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "IP.chksum | 24 | UDP(sport=4000,dport=53)/b'hello'",
        "UDP.chksum | 40 | UDP(sport=4000,dport=53)/b'hello'",
        "TCP.chksum | 50 | TCP(sport=4000,dport=80,flags='S')",
        "ICMP.chksum | 36 | ICMP(id=7)/b'hello'",
        "quoted IP.chksum | 52 | ICMP(type=3,code=3)/IP(src='1.1.1.1',dst='2.2.2.2')/UDP(sport=1,dport=2)/b'hello'",
        "quoted UDP.chksum | 68 | ICMP(type=3,code=3)/IP(src='1.1.1.1',dst='2.2.2.2')/UDP(sport=1,dport=2)/b'hello'"})
    void aWrongChecksumIsSeen(String fault, int at, String upper) {
        MemorySegment frame = scapy.frame(IP + upper);
        assertThat(scapy.dissect(frame).faults()).isEmpty();
        byte before = frame.get(JAVA_BYTE, TestFrames.HEADER + (long) at);
        frame.set(JAVA_BYTE, TestFrames.HEADER + (long) at, (byte) (before ^ 0x40));
        assertThat(scapy.dissect(frame).faults()).contains(fault);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "UDP.chksum | 60 | UDP(sport=4000,dport=53)/b'hello'",
        "TCP.chksum | 70 | TCP(sport=4000,dport=80,flags='S')",
        "ICMPv6.cksum | 56 | ICMPv6EchoRequest(id=7,data=b'hello')",
        "quoted UDP.chksum | 108 | ICMPv6TimeExceeded()/IPv6(src='fd00::1',dst='fd00::2')/UDP(sport=1,dport=2)/b'hello'"})
    void aWrongChecksumOverIpv6IsSeen(String fault, int at, String upper) {
        MemorySegment frame = scapy.frame(IPV6 + upper);
        assertThat(scapy.dissect(frame).faults()).isEmpty();
        byte before = frame.get(JAVA_BYTE, TestFrames.HEADER + (long) at);
        frame.set(JAVA_BYTE, TestFrames.HEADER + (long) at, (byte) (before ^ 0x40));
        assertThat(scapy.dissect(frame).faults()).contains(fault);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "TCP.partial | 50 | Offload(Ether()/IP(src='10.0.2.10',dst='1.2.3.4')/TCP()/(b'x'*3000),1448)",
        "UDP.partial | 40 | Offload(Ether()/IP(src='10.0.2.10',dst='1.2.3.4')/UDP()/b'hello')",
        "TCP.partial | 70 | Offload(Ether()/IPv6(src='fd00::a',dst='fd00::b')/TCP()/(b'x'*3000),1428)"})
    void aWrongPartialChecksumIsSeen(String fault, int at, String offload) {
        MemorySegment frame = scapy.frame(offload);
        assertThat(scapy.dissect(frame).faults()).isEmpty();
        int length = (int) frame.byteSize() - TestFrames.HEADER;
        assertThat(VirtioNetHeader.check(frame, 0, TestFrames.HEADER, length)).isNotNegative();
        assertThat(Frame.parse(frame, TestFrames.HEADER, length)).isNotNegative();
        frame.set(JAVA_BYTE, TestFrames.HEADER + (long) at, (byte) ~frame.get(JAVA_BYTE, TestFrames.HEADER + (long) at));
        assertThat(scapy.dissect(frame).faults()).containsExactly(fault);
    }

    @Test
    void framesOfOursAreReadAsTheyWereMeant() {
        SampleFrames ours = new SampleFrames(Arena.ofAuto(), TestBridge.mac(0), TestBridge.GATEWAY_MAC);
        Dissection read = scapy.dissect(ours.tcp4(TestBridge.ipv4(0), 0x0808_0808, 4000, 1448));
        read.shows("IP.src", "10.0.2.10", "IP.dst", "8.8.8.8", "TCP.dport", 5201, "TCP.flags", "A", "Virtio.gso_size", 1448);
        assertThat(read.faults()).isEmpty();
        assertThat(scapy.dissect(ours.echo6(TestBridge.HIGH, 10, TestBridge.HIGH, 11, 40)).faults()).isEmpty();
    }

    @Test
    void aListIsSeveralFrames() {
        List<MemorySegment> pieces = scapy.frames("fragment(" + IP + "UDP(sport=1,dport=2)/(b'x'*3000),1480)");
        assertThat(pieces).hasSize(3);
        scapy.dissect(pieces.get(1)).shows("IP.frag", 185, "IP.flags", "MF");
    }

    @Test
    void anExpressionThatMeansNothingIsAnError() {
        assertThatThrownBy(() -> scapy.frame("IPvFour()")).hasMessageContaining("NameError").hasMessageContaining("IPvFour");
    }
}
