package io.footbridge.tap;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DescriptorPassingTest {
    private static final int SOCK_STREAM = 1;

    private final CallState state = CallState.ofThread();
    private final int[] pair = new int[2];

    @BeforeEach
    void connect() {
        assertThat(SocketCalls.socketpair(state, SOCK_STREAM | SocketCalls.SOCK_CLOEXEC, pair)).isZero();
    }

    @AfterEach
    void close() {
        FileCalls.close(state, pair[0]);
        FileCalls.close(state, pair[1]);
    }

    @Test
    void aPassedDescriptorIsTheSameOpenFileAndClosedOnExec() throws IOException {
        int original = FileCalls.eventfd(state);
        DescriptorPassing.send(pair[0], original, (byte) 42);
        DescriptorPassing.Received received = DescriptorPassing.receive(pair[1]);
        assertThat(received.data()).isEqualTo((byte) 42);
        assertThat(received.descriptor()).isNotEqualTo(original);
        assertThat(flags(received.descriptor()) & FileCalls.O_CLOEXEC).isNotZero();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment count = arena.allocateFrom(JAVA_LONG, 7L);
            assertThat(FileCalls.write(state, original, count.address(), 8)).isEqualTo(8);
            count.set(JAVA_LONG, 0, 0);
            assertThat(FileCalls.read(state, received.descriptor(), count.address(), 8)).isEqualTo(8);
            assertThat(count.get(JAVA_LONG, 0)).isEqualTo(7);
        }
        FileCalls.close(state, original);
        FileCalls.close(state, received.descriptor());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 3, 28, 29, 100})
    void anyOtherNumberThanOneIsAnErrorThatLeavesNoneOpen(int count) throws IOException {
        int original = FileCalls.eventfd(state);
        sendMany(original, count);
        FileCalls.close(state, original);
        long before = eventDescriptors();
        assertThatThrownBy(() -> DescriptorPassing.receive(pair[1]))
                .isInstanceOf(IOException.class).hasMessageContaining("where one was expected");
        assertThat(eventDescriptors()).isEqualTo(before);
    }

    @Test
    void aPeerThatClosedIsTheEndOfTheStream() {
        int[] other = new int[2];
        assertThat(SocketCalls.socketpair(state, SOCK_STREAM, other)).isZero();
        FileCalls.close(state, other[0]);
        assertThatThrownBy(() -> DescriptorPassing.receive(other[1])).isInstanceOf(EOFException.class);
        assertThatThrownBy(() -> DescriptorPassing.send(other[1], 0, (byte) 0))
                .isInstanceOf(SystemCallException.class).hasMessageContaining("Broken pipe");
        FileCalls.close(state, other[1]);
    }

    @Test
    void aDescriptorThatIsNoneIsRefused() {
        assertThatThrownBy(() -> DescriptorPassing.send(pair[0], -1, (byte) 0))
                .isInstanceOf(SystemCallException.class).hasMessageContaining("Bad file descriptor");
    }

    private static int flags(int descriptor) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/fdinfo/" + descriptor)).stream()
                .filter(line -> line.startsWith("flags:"))
                .mapToInt(line -> Integer.parseInt(line.substring(6).strip(), 8))
                .findFirst().orElseThrow();
    }

    private void sendMany(int descriptor, int count) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment control = MemorySegment.NULL;
            if (count > 0) {
                control = arena.allocate(16 + (count * 4L + 7 & -8L), 8);
                control.set(JAVA_LONG, 0, 16 + count * 4L);
                control.set(JAVA_INT, 8, SocketCalls.SOL_SOCKET);
                control.set(JAVA_INT, 12, 1);
                for (int i = 0; i < count; i++) {
                    control.set(JAVA_INT, 16 + i * 4L, descriptor);
                }
            }
            MessageHeader message = new MessageHeader(arena, MemorySegment.NULL, arena.allocate(1), control);
            assertThat(message.send(state, pair[0], 1, 0)).isEqualTo(1);
        }
    }

    private static long eventDescriptors() throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return all.filter(path -> {
                try {
                    return Files.readSymbolicLink(path).toString().contains("eventfd");
                } catch (IOException closedMeanwhile) {
                    return false;
                }
            }).count();
        }
    }
}
