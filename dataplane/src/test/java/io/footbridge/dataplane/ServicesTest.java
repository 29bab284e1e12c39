package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.footbridge.tap.TestNamespaces;
import io.footbridge.wire.Arp;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv6;
import io.footbridge.wire.Ipv6Address;
import io.footbridge.wire.MacAddress;
import io.footbridge.wire.Protocol;
import io.footbridge.wire.Udp;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.agrona.concurrent.SystemNanoClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Questions to the gateway's services and their answers, through an engine with its own threads. */
@Timeout(60)
class ServicesTest {
    private static final int GATEWAY = TestBridge.GATEWAY_IPV4.address();
    private static final long HIGH = TestBridge.HIGH;
    private static final int T4 = TestFrames.TRANSPORT4;
    private static final int T6 = TestFrames.TRANSPORT6;

    private final Queue<ServiceRequest> requests = new ConcurrentLinkedQueue<>();
    private final QueueEndpoint endpoint = new QueueEndpoint();
    private final SampleFrames frames = new SampleFrames(Arena.ofAuto(), TestBridge.mac(0), TestBridge.GATEWAY_MAC);
    private Engine engine;
    private Port port;

    @BeforeEach
    void start() throws IOException {
        engine = Engine.start(new EngineSettings(2, false, SystemNanoClock.INSTANCE, 42));
        engine.serve(requests::add);
        Bridge bridge = engine.addBridge("net", BridgeSettings.DEFAULT, Optional.of(new GatewaySettings(TestBridge.GATEWAY_MAC,
                Optional.of(TestBridge.GATEWAY_IPV4), Optional.of(TestBridge.GATEWAY_IPV6), 1500, true, true)));
        port = engine.addPort(bridge, "a", endpoint, TestBridge.container());
    }

    @AfterEach
    void stop() {
        engine.close();
    }

    private ServiceRequest asked(MemorySegment frame) {
        endpoint.offer(frame);
        TestNamespaces.await("the question", () -> !requests.isEmpty());
        return requests.remove();
    }

    /** The next frame that is not a router advertisement, which goes out now and then. */
    private MemorySegment answered() {
        List<MemorySegment> seen = new ArrayList<>();
        TestNamespaces.await("the answer", () -> {
            endpoint.poll().filter(frame -> Ethernet.destination(frame, TestFrames.HEADER) == TestBridge.mac(0)).ifPresent(seen::add);
            return !seen.isEmpty();
        });
        return seen.getFirst();
    }

    private static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 7);
        }
        return bytes;
    }

    @Test
    void aQuestionIsAnsweredToWhereItCameFrom() {
        ServiceRequest request = asked(frames.udp4(TestBridge.ipv4(0), GATEWAY, 53, 21, 0));
        assertThat(request.port()).isSameAs(port);
        assertThat(request.kind()).isEqualTo(ServiceRequest.Kind.DNS);
        assertThat(request.payload()).hasSize(21);
        assertThat(request.asker())
                .isEqualTo(new ServiceRequest.Asker(TestBridge.mac(0), new Ipv4Address(TestBridge.ipv4(0)), 5201));
        assertThat(port.services().underWay()).isOne();
        request.answer(bytes(77));
        request.answer(bytes(78));
        MemorySegment answer = answered();
        assertThat(Ethernet.source(answer, TestFrames.HEADER)).isEqualTo(TestBridge.GATEWAY_MAC);
        assertThat(Ipv4.verify(answer, TestFrames.PACKET)).isTrue();
        assertThat(Ipv4.source(answer, TestFrames.PACKET)).isEqualTo(GATEWAY);
        assertThat(Ipv4.destination(answer, TestFrames.PACKET)).isEqualTo(TestBridge.ipv4(0));
        assertThat(Udp.source(answer, T4)).isEqualTo(53);
        assertThat(Udp.destination(answer, T4)).isEqualTo(5201);
        assertThat(Udp.checksum(answer, T4)).isNotZero();
        assertThat(Udp.verify(answer, T4, Ipv4.pseudoHeader(answer, TestFrames.PACKET, Protocol.UDP, 85))).isTrue();
        assertThat(answer.asSlice(T4 + 8L).toArray(ValueLayout.JAVA_BYTE)).isEqualTo(bytes(77));
        assertThat(port.services().underWay()).isZero();
    }

    @Test
    void overIpv6TheAddressThatWasAskedAnswers() {
        asked(TestFrames.udp6(frames, HIGH, 10, HIGH, 1, 53, 21)).answer(bytes(50));
        MemorySegment answer = answered();
        assertThat(Ipv6.sourceLow(answer, TestFrames.PACKET)).isEqualTo(1);
        assertThat(Ipv6.destinationLow(answer, TestFrames.PACKET)).isEqualTo(10);
        assertThat(Udp.verify(answer, T6, Ipv6.pseudoHeader(answer, TestFrames.PACKET, Protocol.UDP, 58))).isTrue();
        SampleFrames toServers = new SampleFrames(Arena.ofAuto(), TestBridge.mac(0), 0x3333_0001_0002L);
        asked(TestFrames.udp6(toServers, Ipv6.LINK_LOCAL_HIGH, 7, Ipv6.LINK_MULTICAST_HIGH, 0x1_0002, 547, 60)).answer(bytes(9));
        MemorySegment second = answered();
        assertThat(new Ipv6Address(Ipv6.sourceHigh(second, TestFrames.PACKET), Ipv6.sourceLow(second, TestFrames.PACKET)))
                .hasToString("fe80::42:aff:fe00:201");
        assertThat(Udp.source(second, T6)).isEqualTo(547);
    }

    @Test
    void aLongAnswerComesInFragmentsOverIpv4AndIsRefusedOverIpv6() {
        asked(frames.udp4(TestBridge.ipv4(0), GATEWAY, 53, 21, 0)).answer(bytes(4000));
        byte[] whole = new byte[4008];
        int got = 0;
        for (int i = 0; i < 3; i++) {
            MemorySegment fragment = answered();
            assertThat(Ipv4.verify(fragment, TestFrames.PACKET)).isTrue();
            assertThat(Ipv4.totalLength(fragment, TestFrames.PACKET)).isLessThanOrEqualTo(1500);
            assertThat(Ipv4.moreFragments(fragment, TestFrames.PACKET)).isEqualTo(i < 2);
            byte[] part = fragment.asSlice(T4).toArray(ValueLayout.JAVA_BYTE);
            System.arraycopy(part, 0, whole, Ipv4.fragmentOffset(fragment, TestFrames.PACKET), part.length);
            got += part.length;
        }
        assertThat(got).isEqualTo(whole.length);
        assertThat(MemorySegment.ofArray(whole).asSlice(8).toArray(ValueLayout.JAVA_BYTE)).isEqualTo(bytes(4000));
        ServiceRequest request = asked(TestFrames.udp6(frames, HIGH, 10, HIGH, 1, 53, 21));
        assertThat(request.limit()).isEqualTo(1452);
        assertThatThrownBy(() -> request.answer(bytes(1453))).isInstanceOf(IllegalArgumentException.class);
        request.answer(bytes(1452));
        assertThat(Ipv6.payloadLength(answered(), TestFrames.PACKET)).isEqualTo(1460);
    }

    @Test
    void whatIsIgnoredGivesItsPlaceBackOnceAndAnAnswerForAPortThatIsGoneIsNone() {
        ServiceRequest ignored = asked(frames.udp4(TestBridge.ipv4(0), GATEWAY, 53, 21, 0));
        ignored.ignore();
        ignored.ignore();
        ignored.answer(bytes(3));
        assertThat(port.services().underWay()).isZero();
        ServiceRequest late = asked(frames.udp4(TestBridge.ipv4(0), GATEWAY, 53, 21, 0));
        engine.removePort(port);
        late.answer(bytes(3));
        TestNamespaces.await("its place back", () -> port.services().underWay() == 0);
        engine.close();
        late.answer(bytes(3));
        assertThat(endpoint.poll().filter(frame -> Ethernet.etherType(frame, TestFrames.HEADER) == Ethernet.IPV4)).isEmpty();
    }

    @Test
    void everyQuestionOfAFloodIsTakenOrCountedAndTheServiceComesToRest() {
        int many = 20_000;
        for (int i = 0; i < many; i++) {
            endpoint.offer(frames.udp4(TestBridge.ipv4(0), GATEWAY, 53, 21, 0));
        }
        long[] answered = {0};
        TestNamespaces.await("all accounted for", () -> {
            ServiceRequest request;
            while ((request = requests.poll()) != null) {
                request.ignore();
                answered[0]++;
            }
            long dropped = port.statistics().drops().values().stream().mapToLong(Long::longValue).sum();
            return answered[0] + dropped == many;
        });
        assertThat(answered[0]).isGreaterThanOrEqualTo(ServiceShare.LIMIT);
        assertThat(port.services().underWay()).isZero();
    }

    @Test
    void aNameServerWithAnAddressOfItsOwnIsFoundAndAskedThere() {
        Ipv4Address server = new Ipv4Address(GATEWAY + 77);
        Ipv6Address server6 = new Ipv6Address(HIGH, 77);
        port.bridge().gateway(Optional.of(new GatewaySettings(TestBridge.GATEWAY_MAC, Optional.of(TestBridge.GATEWAY_IPV4),
                Optional.of(TestBridge.GATEWAY_IPV6), 1500, true, true, List.of(server, server6), false)));
        SampleFrames toAll = new SampleFrames(Arena.ofAuto(), TestBridge.mac(0), MacAddress.BROADCAST);
        endpoint.offer(toAll.arpRequest(TestBridge.ipv4(0), server.address()));
        MemorySegment found = answered();
        assertThat(Arp.senderAddress(found, TestFrames.PACKET)).isEqualTo(server.address());
        assertThat(Arp.senderMac(found, TestFrames.PACKET)).isEqualTo(TestBridge.GATEWAY_MAC);
        asked(frames.udp4(TestBridge.ipv4(0), server.address(), 53, 21, 0)).answer(bytes(10));
        assertThat(Ipv4.source(answered(), TestFrames.PACKET)).isEqualTo(server.address());
        asked(TestFrames.udp6(frames, HIGH, 9, HIGH, 77, 53, 31)).answer(bytes(10));
        assertThat(Ipv6.sourceLow(answered(), TestFrames.PACKET)).isEqualTo(77);
        endpoint.offer(frames.echo4(TestBridge.ipv4(0), server.address(), 56));
        assertThat(Ipv4.source(answered(), TestFrames.PACKET)).isEqualTo(server.address());
        asked(frames.udp4(TestBridge.ipv4(0), GATEWAY, 53, 21, 0)).ignore();
    }
}
