package io.footbridge.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.tap.TestNamespaces;
import io.footbridge.tap.TestNamespaces.Background;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LifecycleIT {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final String RP_FILTER = "/proc/sys/net/ipv4/conf/fbl0/rp_filter";
    private static final String FORWARDING = "/proc/sys/net/ipv4/conf/fbl0/forwarding";

    private TestNamespaces namespaces;
    private TestDaemon daemon;

    @BeforeEach
    void start() {
        TestNamespaces.assumeCapable();
        namespaces = new TestNamespaces();
        daemon = TestDaemon.start(namespaces);
    }

    @AfterEach
    void stop() {
        if (daemon != null) {
            daemon.close();
            namespaces.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tap", "veth"})
    void when_a_namespace_goes_its_endpoint_goes_within_a_second_and_nothing_keeps_the_namespace(String type) {
        daemon.container("bridge", "stays");
        String namespace = daemon.container("bridge", "goes", "--type", type);
        long inode = Long.parseLong(namespaces.run(namespace, "stat", "-Lc", "%i", "/proc/self/ns/net").strip());
        namespaces.delete(namespace);
        TestNamespaces.await("the endpoint to go", SECOND, () -> !daemon.must("stats").contains("goes"));
        assertThat(daemon.must("neigh", "bridge")).doesNotContain("172.30.0.3");
        assertThat(namespaces.host("lsns", "-t", "net", "-n", "-o", "NS").output()).doesNotContain(String.valueOf(inode));
        assertThat(openNamespaces(daemon.process().pid(), inode)).isZero();
        assertThat(daemon.container("bridge", "next")).isNotEmpty();
        assertThat(daemon.must("neigh", "bridge")).as("its address is given out again").contains("172.30.0.3");
    }

    @Test
    void detaching_removes_the_interface_and_frees_name_and_address() {
        String namespace = daemon.container("bridge", "c");
        daemon.must("detach", "bridge", "c");
        assertThat(namespaces.exec(namespace, "ip", "link", "show", "eth0").succeeded()).isFalse();
        assertThat(daemon.attach("bridge", "c", namespace)).contains("172.30.0.2/16");
    }

    @Test
    void what_is_refused_half_way_leaves_nothing_behind() {
        String namespace = namespaces.create();
        namespaces.run(namespace, "ip", "link", "add", "eth0", "type", "veth", "peer", "name", "other");
        TestDaemon.Result refused = daemon.footbridge("attach", "bridge", "--netns", TestNamespaces.path(namespace).toString());
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.errors()).startsWith("footbridge: interface eth0 already exists").hasLineCount(1);
        assertThat(daemon.must("stats").lines()).as("only the titles").hasSize(1);
        assertThat(daemon.attach("bridge", "c", namespace, "--ifname", "eth1")).contains("172.30.0.2/16");
    }

    @Test
    void sigterm_ends_it_with_0_and_leaves_nothing_behind() {
        String container = daemon.container("bridge", "c");
        String veth = daemon.container("bridge", "v", "--type", "veth");
        daemon.must("attach", "bridge", "--host", "fbr0");
        holdLink();
        long start = System.nanoTime();
        assertThat(daemon.terminate(Duration.ofSeconds(10))).isZero();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
        assertThat(daemon.socket()).doesNotExist();
        assertThat(namespaces.exec(container, "ip", "link", "show", "eth0").succeeded()).isFalse();
        assertThat(namespaces.exec(veth, "ip", "link", "show", "eth0").succeeded()).isFalse();
        assertThat(namespaces.exec(daemon.host(), "ip", "link", "show", "fbr0").succeeded()).isFalse();
        assertLinkIsAsBefore();
    }

    @Test
    void after_kill_9_the_next_one_on_the_socket_puts_everything_back() {
        String container = daemon.container("bridge", "c");
        String veth = daemon.container("bridge", "v", "--type", "veth");
        daemon.must("attach", "bridge", "--host", "fbr0");
        holdLink();
        daemon.kill();
        TestNamespaces.await("the kernel to remove the devices",
            () -> !namespaces.exec(container, "ip", "link", "show", "eth0").succeeded()
                && !namespaces.exec(veth, "ip", "link", "show", "eth0").succeeded()
                && !namespaces.exec(daemon.host(), "ip", "link", "show", "fbr0").succeeded());
        assertThat(namespaces.run(daemon.host(), "cat", RP_FILTER)).isEqualTo("1\n");
        daemon.begin();
        assertLinkIsAsBefore();
        daemon.attach("bridge", "c", container);
        daemon.awaitPing(container, "172.30.0.1");
    }

    @Test
    void a_link_is_put_back_under_the_name_that_it_has_by_then() {
        holdLink();
        namespaces.run(daemon.host(), "ip", "link", "set", "fbl0", "name", "fbr9");
        assertThat(daemon.terminate(Duration.ofSeconds(10))).isZero();
        namespaces.run(daemon.host(), "ip", "link", "set", "fbr9", "name", "fbl0");
        assertLinkIsAsBefore();
        assertThat(daemon.directory().resolve("c.sock.d/links")).doesNotExist();
    }

    @Test
    void a_link_is_held_once_and_is_put_back_to_what_it_was_before() {
        holdLink();
        daemon.must("network", "create", "other", "--subnet", "none");
        assertRefused(daemon, "other", "fbl0", "link fbl0 is already a port of network bridge");
        namespaces.run(daemon.host(), "ip", "link", "set", "fbl0", "name", "fbr9");
        assertRefused(daemon, "other", "fbr9", "link fbr9 is already a port of another network");
        try (TestDaemon sibling = TestDaemon.prepare(namespaces, daemon.host()).begin()) {
            assertRefused(sibling, "bridge", "fbr9", "link fbr9 is already a port of another network");
            namespaces.run(daemon.host(), "ip", "link", "set", "fbr9", "name", "fbl0");
            daemon.kill();
            sibling.must("attach", "bridge", "--link", "fbl0");
            assertThat(sibling.terminate(Duration.ofSeconds(10))).isZero();
        }
        daemon.begin();
        assertLinkIsAsBefore();
        daemon.must("attach", "bridge", "--link", "fbl0", "--name", "again");
        daemon.must("detach", "bridge", "again");
        daemon.must("attach", "bridge", "--link", "fbl0");
    }

    @Test
    void an_interface_of_ours_is_no_link_for_a_network() {
        daemon.must("attach", "bridge", "--host", "fbr0");
        daemon.must("network", "create", "other", "--subnet", "none");
        assertRefused(daemon, "other", "fbr0", "link fbr0 is an interface of a footbridge network itself");
    }

    private static void assertRefused(TestDaemon daemon, String network, String link, String message) {
        TestDaemon.Result refused = daemon.footbridge("attach", network, "--link", link);
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.errors()).startsWith("footbridge: " + message).hasLineCount(1);
    }

    @Test
    void what_a_dead_instance_left_is_removed_and_a_living_siblings_is_not() throws IOException {
        TestDaemon sibling = TestDaemon.prepare(namespaces, daemon.host()).begin();
        try (sibling) {
            sibling.must("attach", "bridge", "--host", "fbsib0");
            daemon.kill();
            String dead = Files.readString(daemon.directory().resolve("c.sock.d/instance")).strip();
            // As if somebody else still held it open.
            namespaces.run(daemon.host(), "ip", "link", "add", "fbdead0", "type", "veth", "peer", "name", "fbdead1");
            namespaces.run(daemon.host(), "ip", "link", "set", "fbdead0", "alias", "footbridge:" + dead);
            daemon.begin();
            assertThat(namespaces.exec(daemon.host(), "ip", "link", "show", "fbdead0").succeeded()).isFalse();
            assertThat(namespaces.exec(daemon.host(), "ip", "link", "show", "fbsib0").succeeded()).isTrue();
        }
    }

    @Test
    void two_daemons_live_side_by_side_and_a_second_on_the_same_socket_is_refused() {
        try (TestDaemon other = TestDaemon.prepare(namespaces, daemon.host()).begin()) {
            daemon.must("network", "create", "web");
            assertThat(other.footbridge("network", "inspect", "web").exitCode()).isEqualTo(1);
            other.must("network", "create", "web");
            Background second = daemon.launch();
            TestNamespaces.Result refused = second.awaitEnd(TestNamespaces.LIMIT);
            assertThat(refused.exitCode()).isEqualTo(1);
            assertThat(refused.errors()).startsWith("footbridge: a daemon already runs on " + daemon.socket()).hasLineCount(1);
            assertThat(daemon.must("network", "ls")).contains("web");
        }
    }

    @Test
    void the_default_network_avoids_what_the_host_has() {
        String host = namespaces.create();
        namespaces.run(host, "ip", "link", "add", "d0", "type", "veth", "peer", "name", "d1");
        namespaces.run(host, "ip", "addr", "add", "172.30.5.1/24", "dev", "d0");
        namespaces.run(host, "ip", "link", "set", "d0", "up");
        namespaces.run(host, "ip", "route", "add", "172.31.0.0/20", "dev", "d0");
        try (TestDaemon other = TestDaemon.prepare(namespaces, host).begin()) {
            assertThat(other.must("network", "inspect", "bridge")).contains("\"Subnet\": \"172.29.0.0/16\"");
            other.must("network", "create", "next");
            assertThat(other.must("network", "inspect", "next")).contains("\"Subnet\": \"172.28.0.0/16\"");
        }
    }

    @Test
    void the_socket_is_its_owners_alone() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(daemon.socket()))).isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(daemon.directory().resolve("c.sock.d"))))
            .isEqualTo("rwx------");
    }

    private void holdLink() {
        namespaces.run(daemon.host(), "ip", "link", "add", "fbl0", "type", "veth", "peer", "name", "fbl1");
        namespaces.run(daemon.host(), "sysctl", "-qw", "net.ipv4.conf.fbl0.rp_filter=2");
        namespaces.run(daemon.host(), "sysctl", "-qw", "net.ipv4.conf.fbl0.forwarding=1");
        daemon.must("attach", "bridge", "--link", "fbl0");
        assertThat(namespaces.run(daemon.host(), "cat", RP_FILTER, FORWARDING)).isEqualTo("1\n0\n");
    }

    private void assertLinkIsAsBefore() {
        assertThat(namespaces.run(daemon.host(), "cat", RP_FILTER, FORWARDING)).isEqualTo("2\n1\n");
    }

    private static long openNamespaces(int pid, long inode) {
        try (var descriptors = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            return descriptors.filter(descriptor -> {
                try {
                    return Files.readSymbolicLink(descriptor).toString().equals("net:[" + inode + "]");
                } catch (IOException closedMeanwhile) {
                    return false;
                }
            }).count();
        } catch (IOException failed) {
            throw new AssertionError(failed);
        }
    }
}
