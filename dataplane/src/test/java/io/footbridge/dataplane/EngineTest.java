package io.footbridge.dataplane;

import static io.footbridge.tap.TestNamespaces.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.footbridge.tap.CallState;
import io.footbridge.tap.Endpoint;
import io.footbridge.tap.FileCalls;
import io.footbridge.tap.PacketSocketEndpoint;
import io.footbridge.tap.TapEndpoint;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.MacAddress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.SystemNanoClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The engine with its own threads, over socket pairs. */
@Timeout(60)
class EngineTest {
    private static final int EXPERIMENTAL = 0x88b5;
    private static final PortSettings LINK = PortSettings.of(PortRole.LINK, 1500);

    private final List<FarEnd> farEnds = new ArrayList<>();
    private final List<Port> lost = new CopyOnWriteArrayList<>();
    private Engine engine;
    private Bridge bridge;

    @AfterEach
    void close() {
        if (engine != null) {
            engine.close();
        }
        farEnds.forEach(FarEnd::close);
    }

    private void start(int workers) throws IOException {
        engine = Engine.start(new EngineSettings(workers, false, SystemNanoClock.INSTANCE, 42));
        engine.onLost(lost::add);
        bridge = engine.addBridge("net", BridgeSettings.DEFAULT, Optional.empty());
    }

    private FarEnd farEnd() {
        FarEnd far = FarEnd.ofPackets();
        farEnds.add(far);
        return far;
    }

    private Port add(String name, FarEnd far) throws IOException {
        return engine.addPort(bridge, name, TapEndpoint.overDatagrams(far.near()), LINK);
    }

    private static MemorySegment frame(int from, long to, int length) {
        return new SampleFrames(Arena.ofAuto(), TestBridge.mac(from), to).empty(length, EXPERIMENTAL);
    }

    private static MemorySegment broadcast(int from) {
        return frame(from, MacAddress.BROADCAST, 60);
    }

    private static MemorySegment awaitFrame(FarEnd far) {
        List<MemorySegment> frames = new ArrayList<>();
        await("a frame", () -> {
            far.receive().ifPresent(frames::add);
            return !frames.isEmpty();
        });
        return frames.getFirst();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void framesCrossBetweenPortsWhoeverOwnsThem(int workers) throws IOException {
        start(workers);
        for (int i = 0; i < 4; i++) {
            FarEnd far = farEnd();
            Endpoint endpoint = i % 2 == 0 ? TapEndpoint.overDatagrams(far.near())
                    : PacketSocketEndpoint.overDatagrams(far.near());
            engine.addPort(bridge, "p" + i, endpoint, LINK);
        }
        for (int i = 0; i < 4; i++) {
            assertThat(farEnds.get(i).send(broadcast(i))).isZero();
            for (int j = 0; j < 4; j++) {
                if (j != i) {
                    assertThat(TestFrames.bytes(awaitFrame(farEnds.get(j)))).isEqualTo(TestFrames.bytes(broadcast(i)));
                }
            }
        }
        for (int i = 0; i < 4; i++) {
            MemorySegment unicast = frame(i, TestBridge.mac((i + 1) % 4), 100 + i);
            assertThat(farEnds.get(i).send(unicast)).isZero();
            assertThat(TestFrames.bytes(awaitFrame(farEnds.get((i + 1) % 4)))).isEqualTo(TestFrames.bytes(unicast));
        }
        assertThat(farEnds).allMatch(far -> far.receive().isEmpty());
        assertThat(bridge.ports()).allMatch(port -> port.statistics().drops().isEmpty());
        assertThat(bridge.fdb()).hasSize(4);
        assertThat(lost).isEmpty();
    }

    @Test
    void aWarmEngineForwards() throws IOException {
        engine = Engine.start(new EngineSettings(1, true, SystemNanoClock.INSTANCE, 42));
        bridge = engine.addBridge("net", BridgeSettings.DEFAULT, Optional.empty());
        add("a", farEnd());
        add("b", farEnd());
        farEnds.get(0).send(broadcast(0));
        awaitFrame(farEnds.get(1));
    }

    @Test
    void anEndpointWhoseOtherSideEndsIsLostOnce() throws IOException {
        start(2);
        Port a = add("a", farEnd());
        Port b = add("b", farEnd());
        farEnds.get(0).close();
        await("the first to be lost", () -> lost.contains(a));
        farEnds.get(1).close();
        await("the second to be lost", () -> lost.contains(b));
        assertThat(lost).containsExactly(a, b);
        assertThat(bridge.ports()).as("they stay until they are removed").containsExactly(a, b);
        engine.removePort(a);
        engine.removePort(b);
        assertThat(bridge.ports()).isEmpty();
    }

    @Test
    void aGoneEndpointIsLostOnceAndReadNoMore() throws IOException {
        start(1);
        FarEnd far = farEnd();
        ScriptedEndpoint endpoint = new ScriptedEndpoint(far);
        Port port = engine.addPort(bridge, "a", endpoint, LINK);
        endpoint.report(Endpoint.GONE, false);
        for (int i = 0; i < 10; i++) {
            far.send(broadcast(0));
        }
        await("the loss", () -> !lost.isEmpty());
        assertThat(lost).containsExactly(port);
        assertThat(far.isNearClosed()).isFalse();
        engine.removePort(port);
        assertThat(endpoint.closings()).isOne();
        assertThat(far.isNearClosed()).isTrue();
        assertThat(lost).containsExactly(port);
    }

    @Test
    void aLinkThatIsDownIsLostOnlyWhenItDoesNotExistAnyMore() throws IOException {
        start(1);
        FarEnd far = farEnd();
        ScriptedEndpoint endpoint = new ScriptedEndpoint(far);
        Port port = engine.addPort(bridge, "a", endpoint, LINK);
        endpoint.report(Endpoint.DOWN, true);
        far.send(broadcast(0));
        await("somebody to look", () -> endpoint.looks() > 0);
        assertThat(lost).isEmpty();
        endpoint.report(Endpoint.DOWN, false);
        await("the loss", () -> !lost.isEmpty());
        assertThat(lost).containsExactly(port);
    }

    @Test
    void whoIsToldOfALossMayRemoveThePort() throws IOException {
        start(1);
        engine.onLost(port -> engine.removePort(port));
        add("a", farEnd());
        farEnds.getFirst().close();
        await("the removal", () -> bridge.ports().isEmpty());
    }

    @Test
    void aRemovedPortIsClosedAndForgottenWhenTheCallReturns() throws IOException {
        start(2);
        Port a = add("a", farEnd());
        add("b", farEnd());
        farEnds.get(0).send(broadcast(0));
        awaitFrame(farEnds.get(1));
        bridge.addFdb(0x0242_ffff_0001L, 0, a, FdbEntry.Kind.PERMANENT, true);
        assertThat(bridge.fdb()).hasSize(2);
        engine.removePort(a);
        assertThat(farEnds.get(0).isNearClosed()).isTrue();
        assertThat(bridge.fdb()).isEmpty();
        assertThat(bridge.ports()).extracting(Port::name).containsExactly("b");
        engine.removePort(a);
        assertThat(bridge.ports()).hasSize(1);
    }

    @Test
    void aNameIsGivenOnceAndTheEndpointOfTheRefusedIsClosed() throws IOException {
        start(1);
        add("a", farEnd());
        FarEnd second = farEnd();
        assertThatThrownBy(() -> add("a", second)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has a port a already");
        assertThat(second.isNearClosed()).isTrue();
        assertThat(bridge.ports()).hasSize(1);
    }

    @Test
    void thereIsOneHostInterface() throws IOException {
        start(1);
        PortSettings host = PortSettings.of(PortRole.HOST, 1500);
        engine.addPort(bridge, "a", TapEndpoint.overDatagrams(farEnd().near()), host);
        FarEnd second = farEnd();
        assertThatThrownBy(() -> engine.addPort(bridge, "b", TapEndpoint.overDatagrams(second.near()), host))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("has a host interface already: a");
        assertThat(second.isNearClosed()).isTrue();
        assertThatThrownBy(() -> bridge.ports().getFirst().settings(LINK)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aDescriptorThatCannotBeWaitedForMakesNoPort() throws IOException {
        start(1);
        int file = FileCalls.open(CallState.ofThread(), "/proc/self/exe", FileCalls.O_RDONLY | FileCalls.O_CLOEXEC);
        assertThat(file).isPositive();
        assertThatThrownBy(() -> engine.addPort(bridge, "a", TapEndpoint.overDatagrams(file), LINK))
                .isInstanceOf(IOException.class).hasMessageContaining("Operation not permitted");
        assertThat(bridge.ports()).isEmpty();
        add("a", farEnd());
    }

    @Test
    void aRemovedBridgeHasNoPortsAndTakesNone() throws IOException {
        start(2);
        add("a", farEnd());
        engine.removeBridge(bridge);
        assertThat(engine.bridges()).isEmpty();
        assertThat(farEnds.getFirst().isNearClosed()).isTrue();
        FarEnd late = farEnd();
        assertThatThrownBy(() -> add("b", late)).isInstanceOf(IllegalStateException.class).hasMessageContaining("is gone");
        assertThat(late.isNearClosed()).isTrue();
        engine.removeBridge(bridge);
    }

    @Test
    void containersHearFromTheirRouterUnasked() throws IOException {
        start(1);
        bridge.gateway(Optional.of(new GatewaySettings(TestBridge.GATEWAY_MAC, Optional.empty(),
                Optional.of(TestBridge.GATEWAY_IPV6), 1500, true)));
        engine.addPort(bridge, "a", TapEndpoint.overDatagrams(farEnd().near()), TestBridge.container());
        assertThat(io.footbridge.wire.Icmpv6.type(awaitFrame(farEnds.getFirst()), TestFrames.TRANSPORT6)).isEqualTo(134);
    }

    @Test
    void closeIsPromptBusyOrIdleAndClosesAll() throws IOException {
        start(2);
        for (int i = 0; i < 20; i++) {
            add("p" + i, farEnd());
        }
        for (int i = 0; i < 200; i++) {
            farEnds.get(i % 20).send(broadcast(i % 20));
        }
        long start = System.nanoTime();
        engine.close();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
        assertThat(farEnds).allMatch(FarEnd::isNearClosed);
        assertThat(Thread.getAllStackTraces().keySet()).extracting(Thread::getName)
                .doesNotContain("footbridge-worker-0", "footbridge-worker-1", "footbridge-housekeeping");
        engine.close();
        FarEnd late = farEnd();
        assertThatThrownBy(() -> add("late", late)).isInstanceOf(IllegalStateException.class);
        assertThat(late.isNearClosed()).isTrue();
        assertThatThrownBy(() -> engine.addBridge("late", BridgeSettings.DEFAULT, Optional.empty()))
                .isInstanceOf(IllegalStateException.class);
        // Its tables are no memory any more.
        assertThatThrownBy(() -> engine.routeBySockets(bridge, Optional.of(SocketsSettings.DEFAULT)))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void closeOnAnInterruptedThreadClosesAllAndKeepsTheInterrupt() throws IOException {
        start(2);
        add("a", farEnd());
        Thread.currentThread().interrupt();
        engine.close();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(farEnds.getFirst().isNearClosed()).isTrue();
        assertThat(Thread.getAllStackTraces().keySet()).extracting(Thread::getName)
                .doesNotContain("footbridge-worker-0", "footbridge-worker-1");
    }

    @Test
    void closeWhileALossIsBeingToldDoesNotWaitForIt() throws IOException {
        start(1);
        engine.onLost(port -> engine.close());
        add("a", farEnd());
        farEnds.getFirst().close();
        await("the end of the workers", () -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith("footbridge-worker")));
    }

    @Test
    void aCaptureEndsWithItsPortItsBridgeOrTheEngine() throws Exception {
        start(2);
        Port a = add("a", farEnd());
        add("b", farEnd());
        Bridge other = engine.addBridge("other", BridgeSettings.DEFAULT, Optional.empty());
        List<CompletableFuture<Integer>> copies = List.of(copying(engine.capture(bridge, Optional.of(a))),
                copying(engine.capture(other, Optional.empty())), copying(engine.capture(bridge, Optional.empty())));
        farEnds.get(0).send(broadcast(0));
        awaitFrame(farEnds.get(1));
        engine.removePort(a);
        assertThat(copies.get(0).get(10, TimeUnit.SECONDS)).isGreaterThan(28 + 60);
        engine.removeBridge(other);
        assertThat(copies.get(1).get(10, TimeUnit.SECONDS)).isEqualTo(28);
        assertThat(copies.get(2)).isNotDone();
        engine.close();
        assertThat(copies.get(2).get(10, TimeUnit.SECONDS)).isGreaterThan(28 + 60);
        assertThatThrownBy(() -> engine.capture(bridge, Optional.empty())).isInstanceOf(IllegalStateException.class);
    }

    private static CompletableFuture<Integer> copying(Capture capture) {
        return CompletableFuture.supplyAsync(() -> {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try {
                capture.copyTo(out, 0);
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
            return out.size();
        }, task -> Thread.ofPlatform().daemon().start(task));
    }

    @Test
    void whatAFullQueueRefusesIsCountedAtTheEgress() throws IOException {
        start(1);
        add("a", farEnd());
        Port b = add("b", farEnd());
        await("the queue of b to be full", () -> {
            farEnds.get(0).send(broadcast(0));
            return b.statistics().drops().getOrDefault(DropReason.EGRESS_FULL, 0L) > 0;
        });
        assertThat(b.statistics().drops()).containsOnlyKeys(DropReason.EGRESS_FULL);
        assertThat(b.statistics().transmittedFrames()).isPositive();
    }
}
