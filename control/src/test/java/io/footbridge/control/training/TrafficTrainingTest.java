package io.footbridge.control.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.tap.TestNamespaces;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The training is code that nobody sees fail: where it cannot have its namespaces, a cache is made without it. */
class TrafficTrainingTest {
    @Test
    @Timeout(60)
    void itsTrafficPasses() throws IOException {
        TestNamespaces.assumeCapable();
        assertThat(TrafficTraining.run()).isTrue();
    }
}
