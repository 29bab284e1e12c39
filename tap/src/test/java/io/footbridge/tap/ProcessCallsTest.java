package io.footbridge.tap;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class ProcessCallsTest {
    private final CallState state = CallState.ofThread();

    @Test
    void aProcessHasADescriptorThroughWhichItsOwnAreReached() throws IOException {
        int pidfd = ProcessCalls.pidfdOpen(state, (int) ProcessHandle.current().pid());
        assertThat(pidfd).isPositive();
        int event = FileCalls.eventfd(state);
        int duplicate = ProcessCalls.pidfdGetfd(state, pidfd, event);
        assertThat(duplicate).isPositive().isNotEqualTo(event);
        assertThat(Errno.EBADF.is(ProcessCalls.pidfdGetfd(state, pidfd, 1 << 20))).isTrue();
        FileCalls.close(state, duplicate);
        FileCalls.close(state, event);
        FileCalls.close(state, pidfd);
    }

    @Test
    void aProcessThatIsNotThereHasNone() {
        // Beyond the kernel's highest process id.
        assertThat(Errno.ESRCH.is(ProcessCalls.pidfdOpen(state, 1 << 23))).isTrue();
    }
}
