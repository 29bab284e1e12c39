package io.footbridge.tap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TestNamespacesTest {
    @BeforeEach
    void capable() {
        TestNamespaces.assumeCapable();
    }

    @Test
    void aCommandRunsInsideAndItsOutputErrorsAndExitCodeComeBack() {
        try (TestNamespaces namespaces = new TestNamespaces()) {
            String name = namespaces.create();
            TestNamespaces.Result result =
                    namespaces.exec(name, "sh", "-c", "ip -o link | wc -l; echo oops >&2; exit 3");
            assertThat(result).isEqualTo(new TestNamespaces.Result(3, "1\n", "oops\n"));
            assertThat(namespaces.exec(name, "ping", "-c1", "-W1", "127.0.0.1").succeeded()).isTrue();
        }
    }

    @Test
    void aCommandPastItsLimitIsEndedAndFailsTheTest() {
        try (TestNamespaces namespaces = new TestNamespaces()) {
            String name = namespaces.create();
            assertThatThrownBy(() -> namespaces.exec(Duration.ofMillis(100), name, "sleep", "600"))
                    .isInstanceOf(AssertionError.class).hasMessageContaining("not done within 100 ms");
            assertThat(namespaces.host("ip", "netns", "pids", name).output()).isEmpty();
        }
    }

    @Test
    void closingEndsWhatWasStartedAndDeletesTheNamespaces() {
        TestNamespaces namespaces = new TestNamespaces();
        String name = namespaces.create();
        TestNamespaces.Background background = namespaces.start(name, "sh", "-c", "echo ready; sleep 600 & wait");
        background.awaitText("ready");
        namespaces.close();
        assertThat(background.isAlive()).isFalse();
        assertThat(background.output()).isEqualTo("ready\n");
        assertThat(Files.exists(TestNamespaces.path(name))).isFalse();
    }

    @Test
    void aConditionThatNeverHoldsFailsTheTest() {
        assertThatThrownBy(() -> TestNamespaces.await("pigs to fly", Duration.ofMillis(20), () -> false))
                .isInstanceOf(AssertionError.class).hasMessage("not within 20 ms: pigs to fly");
    }
}
