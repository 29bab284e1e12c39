package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** The warm-up is code that nobody sees fail. */
class WarmUpTest {
    @Test
    void itRoutesPacketsToo() throws IOException {
        assertThat(WarmUp.run()).isGreaterThan(50);
    }
}
