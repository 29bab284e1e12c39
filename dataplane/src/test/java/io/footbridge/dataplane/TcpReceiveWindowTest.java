package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How much of a send buffer's space a container is told of. */
class TcpReceiveWindowTest {
    private static final int BUFFER = 87_040;

    /** Whatever was measured before, an empty buffer's window is no less than half of the largest (RFC 9293 section 3.8.6.2.1). */
    @Property
    void anEmptyBufferLetsEverySenderGoOn(@ForAll @Size(max = 50) List<@IntRange(min = 0, max = BUFFER) Integer> payloads) {
        int fill = 0;
        int largest = TcpReceiveWindow.told(BUFFER, fill);
        for (int payload : payloads) {
            fill = TcpReceiveWindow.fill(fill, payload, BUFFER);
            assertThat(TcpReceiveWindow.told(BUFFER, fill)).isGreaterThanOrEqualTo(largest / 2);
            largest = Math.max(largest, TcpReceiveWindow.told(BUFFER, fill));
        }
    }

    @Test
    void aLowerFillCountsAtOnceAndAHigherOneByAndBy() {
        int high = 0;
        for (int i = 0; i < 50; i++) {
            int next = TcpReceiveWindow.fill(high, BUFFER, BUFFER);
            assertThat(next).isBetween(high, 256);
            high = next;
        }
        assertThat(high).isEqualTo(256);
        assertThat(TcpReceiveWindow.fill(high, BUFFER * 5 / 8, BUFFER)).isEqualTo(160);
        assertThat(TcpReceiveWindow.fill(160, BUFFER, BUFFER)).isEqualTo(172);
    }

    @Test
    void neverIsMoreToldThanThereIs() {
        assertThat(TcpReceiveWindow.told(BUFFER, 256)).isLessThan(BUFFER);
        assertThat(TcpReceiveWindow.told(0, 256)).isZero();
        assertThat(TcpReceiveWindow.told(0, 0)).isZero();
    }
}
