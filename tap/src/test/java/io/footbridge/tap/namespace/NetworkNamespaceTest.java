package io.footbridge.tap.namespace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.footbridge.tap.SystemCallException;
import io.footbridge.tap.TestNamespaces;
import io.footbridge.tap.netlink.Link;
import io.footbridge.tap.netlink.LinkSetting;
import io.footbridge.tap.netlink.RouteNetlink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetworkNamespaceTest {
    private TestNamespaces namespaces;

    @BeforeEach
    void begin() {
        TestNamespaces.assumeCapable();
        namespaces = new TestNamespaces();
    }

    @AfterEach
    void end() {
        if (namespaces != null) {
            namespaces.close();
        }
    }

    @Test
    void onePathOneProcessAndTheThreadInsideAreTheSameNamespace() throws IOException {
        String name = namespaces.create();
        int pid = namespaces.start(name, "sleep", "600").pid();
        try (NetworkNamespace byPath = NetworkNamespace.open(TestNamespaces.path(name))) {
            TestNamespaces.await("the process to be inside", () -> {
                try (NetworkNamespace byPid = NetworkNamespace.ofPid(pid)) {
                    return byPid.isSameAs(byPath);
                }
            });
            long seenInside = byPath.call(() -> {
                try (NetworkNamespace current = NetworkNamespace.current()) {
                    return current.inode();
                }
            });
            assertThat(seenInside).isEqualTo(byPath.inode());
            try (NetworkNamespace own = NetworkNamespace.current()) {
                assertThat(own.isSameAs(byPath)).isFalse();
                assertThat(Files.readSymbolicLink(Path.of("/proc/self/ns/net")))
                        .hasToString("net:[" + own.inode() + "]");
            }
        }
    }

    @Test
    void whatIsNotThereIsNamedInTheError() {
        assertThatThrownBy(() -> NetworkNamespace.open(Path.of("/run/netns/fbt-none")))
                .isInstanceOf(SystemCallException.class)
                .hasMessage("no such namespace: /run/netns/fbt-none: No such file or directory");
        assertThatThrownBy(() -> NetworkNamespace.ofPid(1 << 23))
                .isInstanceOf(SystemCallException.class).hasMessageStartingWith("no such process: 8388608");
        assertThat(NetworkNamespace.exists(Path.of("/run/netns/fbt-none"))).isFalse();
    }

    @Test
    void whatIsNoNetworkNamespaceIsRefused(@TempDir Path directory) throws IOException {
        Path plain = Files.createFile(directory.resolve("plain"));
        for (Path path : List.of(plain, directory, Path.of("/dev/null"), Path.of("/proc/self/ns/mnt"))) {
            assertThatThrownBy(() -> NetworkNamespace.open(path))
                    .isInstanceOf(SystemCallException.class)
                    .hasMessageContaining(path + " is not a network namespace").hasMessageContaining("/run/netns/NAME");
            assertThat(NetworkNamespace.exists(path)).isFalse();
        }
        assertThat(NetworkNamespace.exists(Path.of("/proc/self/ns/net"))).isTrue();
    }

    @Test
    void noThreadOfOursIsLeftInAnotherNamespace() throws IOException {
        try (NetworkNamespace other = NetworkNamespace.createPrivate()) {
            String before = ownNamespace();
            other.call(() -> InterfaceSysctl.ipv4("lo", "forwarding").read());
            assertThat(ownNamespace()).isEqualTo(before);
            TestNamespaces.await("every thread to stand in " + before, () -> namespacesOfThreads().allMatch(before::equals));
        }
    }

    @Test
    void whatATaskThrowsIsThrownToItsCaller() throws IOException {
        try (NetworkNamespace other = NetworkNamespace.createPrivate()) {
            TimeoutException checked = new TimeoutException("late");
            assertThatThrownBy(() -> other.call(() -> {
                throw checked;
            })).isSameAs(checked);
            AssertionError error = new AssertionError("wrong");
            assertThatThrownBy(() -> other.call(() -> {
                throw error;
            })).isSameAs(error);
        }
    }

    @Test
    void anInterruptNeitherEndsACallNorIsLost() throws IOException {
        try (NetworkNamespace other = NetworkNamespace.createPrivate()) {
            Thread.currentThread().interrupt();
            assertThat(other.<Integer, RuntimeException>call(() -> 5)).isEqualTo(5);
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void aClosedNamespaceCannotBeEntered() throws IOException {
        NetworkNamespace closed = NetworkNamespace.createPrivate();
        closed.close();
        closed.close();
        assertThatThrownBy(closed::descriptor).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> closed.call(() -> 1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aPrivateNamespaceHasADownLoopbackAndNoIpv6() throws IOException {
        try (NetworkNamespace own = NetworkNamespace.createPrivate(); RouteNetlink netlink = RouteNetlink.in(own)) {
            assertThat(netlink.links()).singleElement().satisfies(link -> {
                assertThat(link.name()).isEqualTo("lo");
                assertThat(link.up()).isFalse();
            });
            assertThat(InterfaceSysctl.ipv6("all", "disable_ipv6").read(own)).hasValue("1");
            assertThat(InterfaceSysctl.ipv6("default", "disable_ipv6").read(own)).hasValue("1");
            assertThat(InterfaceSysctl.ipv6("lo", "disable_ipv6").read(own)).hasValue("1");
        }
    }

    @Test
    void aPrivateNamespaceEndsWhenItIsClosed() throws IOException {
        String name = namespaces.create();
        try (NetworkNamespace other = NetworkNamespace.open(TestNamespaces.path(name));
                RouteNetlink observer = RouteNetlink.in(other)) {
            NetworkNamespace own = NetworkNamespace.createPrivate();
            connect(own, other);
            assertThat(observer.link("eth0")).isPresent();
            own.close();
            TestNamespaces.await("the private end to take its peer along", () -> observer.link("eth0").isEmpty());
        }
    }

    @Test
    void aDeletedNamespaceEndsOnceWeHaveLetGo() throws IOException {
        String name = namespaces.create();
        try (NetworkNamespace own = NetworkNamespace.createPrivate(); RouteNetlink observer = RouteNetlink.in(own)) {
            NetworkNamespace target = NetworkNamespace.open(TestNamespaces.path(name));
            Link ours = connect(own, target);
            try (RouteNetlink inside = RouteNetlink.in(target)) {
                assertThat(inside.links()).hasSize(2);
            }
            InterfaceSysctl.ipv4("eth0", "forwarding").write(target, "1");
            namespaces.delete(name);
            assertThat(observer.link(ours.index())).as("held by our descriptor").isPresent();
            target.close();
            TestNamespaces.await("the namespace to end", () -> observer.link(ours.index()).isEmpty());
        }
    }

    private static Link connect(NetworkNamespace ours, NetworkNamespace theirs) throws IOException {
        try (RouteNetlink netlink = RouteNetlink.in(ours)) {
            return netlink.createVeth(List.of(new LinkSetting.Name("fb0")), theirs, List.of(new LinkSetting.Name("eth0")));
        }
    }

    private static String ownNamespace() throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/thread-self/ns/net")).toString();
    }

    private static Stream<String> namespacesOfThreads() throws IOException {
        try (Stream<Path> threads = Files.list(Path.of("/proc/self/task"))) {
            return threads.toList().stream().flatMap(thread -> {
                try {
                    return Stream.of(Files.readSymbolicLink(thread.resolve("ns/net")).toString());
                } catch (NoSuchFileException ended) {
                    return Stream.empty();
                } catch (IOException failed) {
                    throw new UncheckedIOException(failed);
                }
            });
        }
    }
}
