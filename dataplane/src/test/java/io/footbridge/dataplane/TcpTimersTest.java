package io.footbridge.dataplane;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.agrona.concurrent.SystemNanoClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Connections' records and the wheel that they stand in. */
class TcpTimersTest {
    private static final long MILLI = 1_000_000L;
    private static final int LIMIT = 400;

    private Engine engine;
    private Port port;
    private TcpRecords records;
    private TcpTimers timers;

    @BeforeEach
    void begin() throws IOException {
        engine = Engine.start(new EngineSettings(1, false, SystemNanoClock.INSTANCE, 42));
        Bridge bridge = engine.addBridge("net", BridgeSettings.DEFAULT, Optional.empty());
        port = engine.addPort(bridge, "port", new QueueEndpoint(), PortSettings.of(PortRole.CONTAINER, 1500));
        records = new TcpRecords(0, LIMIT);
        timers = new TcpTimers(records);
    }

    @AfterEach
    void end() {
        records.close();
        engine.close();
    }

    private int take() {
        int c = records.take(port);
        if (c >= 0) {
            records.timerSlot(c, TcpRecords.NONE);
        }
        return c;
    }

    @Test
    void aRecordIsUsedAgainOnlyAfterTheCycleAndOnePortHasThreeQuartersOfThem() {
        List<Integer> taken = new ArrayList<>();
        for (int c = take(); c >= 0; c = take()) {
            taken.add(c);
        }
        assertThat(taken).hasSize(LIMIT / 4 * 3).doesNotHaveDuplicates();
        int freed = taken.get(77);
        records.release(freed);
        int other = take();
        assertThat(other).isNotEqualTo(freed);
        records.recycle();
        records.release(other);
        assertThat(take()).isEqualTo(freed);
    }

    @Test
    void fieldsDoNotOverlapAndGrowKeepsThem() {
        int first = take();
        records.due(first, -1);
        records.heard(first, 0x1122_3344_5566_7788L);
        records.life(first, 0x8877_6655_4433_2211L);
        records.sndUna(first, 1);
        records.rcvScale(first, 14);
        records.flags(first, TcpState.AWAITS_SPACE);
        records.memory().set(JAVA_BYTE, records.template(first), (byte) 9);
        for (int i = 0; i < 150; i++) {
            records.due(take(), i);
        }
        assertThat(records.due(first)).isEqualTo(-1);
        assertThat(records.heard(first)).isEqualTo(0x1122_3344_5566_7788L);
        assertThat(records.life(first)).isEqualTo(0x8877_6655_4433_2211L);
        assertThat(records.sndUna(first)).isEqualTo(1);
        assertThat(records.sndNxt(first)).isZero();
        assertThat(records.rcvScale(first)).isEqualTo(14);
        assertThat(records.is(first, TcpState.AWAITS_SPACE)).isTrue();
        assertThat(records.is(first, TcpState.QUEUED)).isFalse();
        assertThat(records.memory().get(JAVA_BYTE, records.template(first))).isEqualTo((byte) 9);
    }

    @Test
    void eachIsVisitedInTimeAndNeverBeforeItStandsInNoSlot() {
        SplittableRandom random = new SplittableRandom(5);
        Map<Integer, Long> wanted = new HashMap<>();
        long[] now = {12_345 * MILLI};
        for (int i = 0; i < 100; i++) {
            int c = take();
            long due = now[0] + random.nextLong(30_000) * MILLI;
            timers.set(c, due, now[0]);
            wanted.put(c, due);
        }
        int[] visits = {0};
        for (int step = 0; step < 4000 && !wanted.isEmpty(); step++) {
            now[0] += random.nextInt(20) * MILLI;
            long before = timers.deadline();
            timers.advance(now[0], (c, at) -> {
                visits[0]++;
                assertThat(records.timerSlot(c)).isEqualTo(TcpRecords.NONE);
                if (records.due(c) - at <= 0) {
                    assertThat(at - wanted.remove(c)).isBetween(0L, 60 * MILLI);
                } else {
                    timers.set(c, records.due(c), at);
                }
            });
            assertThat(visits[0] == 0 || before <= now[0] || timers.deadline() > 0).isTrue();
            if (!wanted.isEmpty() && random.nextInt(4) == 0) {
                int c = wanted.keySet().iterator().next();
                long due = now[0] + random.nextLong(10_000) * MILLI;
                if (due > wanted.get(c) || random.nextBoolean()) {
                    timers.set(c, due, now[0]);
                    wanted.put(c, due);
                } else {
                    timers.remove(c);
                    wanted.remove(c);
                }
            }
        }
        assertThat(wanted).isEmpty();
        assertThat(timers.deadline()).isEqualTo(Long.MAX_VALUE);
    }
}
