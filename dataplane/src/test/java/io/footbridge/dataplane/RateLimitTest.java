package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class RateLimitTest {
    private static final long SECOND = 1_000_000_000L;

    @Example
    void theBurstThenOneForEachInterval() {
        RateLimit limit = new RateLimit(100, 50, 7);
        int taken = 0;
        for (int i = 0; i < 100; i++) {
            taken += limit.allows(7) ? 1 : 0;
        }
        assertThat(taken).isEqualTo(50);
        assertThat(limit.allows(7 + SECOND / 100 - 1)).isFalse();
        assertThat(limit.allows(7 + SECOND / 100)).isTrue();
        assertThat(limit.allows(7 + SECOND / 100)).isFalse();
    }

    @Example
    void aClockBelowZeroAndOneThatWrapsAreTakenAsTheyCome() {
        for (long start : new long[] {-5 * SECOND, Long.MAX_VALUE - SECOND}) {
            RateLimit limit = new RateLimit(10, 10, start);
            assertThat(taken(limit, start, 100)).isEqualTo(10);
            assertThat(taken(limit, start + SECOND / 2, 100)).isEqualTo(5);
            assertThat(taken(limit, start + 9 * SECOND, 100)).isEqualTo(10);
        }
    }

    private static int taken(RateLimit limit, long now, int attempts) {
        int taken = 0;
        for (int i = 0; i < attempts; i++) {
            taken += limit.allows(now) ? 1 : 0;
        }
        return taken;
    }

    @Property
    void neverMoreThanTheBurstAndWhatHasFlownIn(@ForAll @IntRange(min = 1, max = 2_000_000_000) int perSecond,
            @ForAll @IntRange(min = 1, max = 50) int burst, @ForAll @IntRange(max = 6) int scale,
            @ForAll @Size(min = 50, max = 300) List<@IntRange(max = 20) Integer> steps) {
        RateLimit limit = new RateLimit(perSecond, burst, 0);
        long now = 0;
        long taken = 0;
        for (int step : steps) {
            now += step * (long) Math.pow(10, scale);
            taken += taken(limit, now, 60);
            assertThat((double) taken).isLessThanOrEqualTo(burst + (double) perSecond * now / SECOND);
        }
    }

    @Property
    void whoAsksOftenGetsWhatIsSet(@ForAll @IntRange(min = 1, max = 10_000) int perSecond) {
        RateLimit limit = new RateLimit(perSecond, 1, 0);
        int taken = 0;
        for (long now = 0; now <= 2 * SECOND; now += SECOND / (4L * perSecond) + 1) {
            taken += limit.allows(now) ? 1 : 0;
        }
        assertThat(taken).isBetween((int) (2 * perSecond * 0.75), 2 * perSecond + 1);
    }

    @Example
    void betweenThreadsNoTokenIsGivenTwice() throws InterruptedException {
        RateLimit limit = new RateLimit(1, 1000, 0);
        AtomicInteger taken = new AtomicInteger();
        Runnable task = () -> {
            for (int i = 0; i < 100_000; i++) {
                if (limit.allows(0)) {
                    taken.incrementAndGet();
                }
            }
        };
        Thread other = Thread.ofPlatform().start(task);
        task.run();
        other.join();
        assertThat(taken.get()).isEqualTo(1000);
    }
}
