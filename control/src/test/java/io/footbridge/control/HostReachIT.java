package io.footbridge.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.tap.TestNamespaces;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What stands behind a port on the host's side hears nothing of what containers send to it. */
class HostReachIT {
    private static final Pattern MAC = Pattern.compile("link/ether ([0-9a-f:]{17})");

    private static TestNamespaces namespaces;
    private static TestDaemon daemon;

    @BeforeAll
    static void start() {
        TestNamespaces.assumeCapable();
        namespaces = new TestNamespaces();
        daemon = TestDaemon.start(namespaces);
    }

    @AfterAll
    static void stop() {
        if (daemon != null) {
            daemon.close();
            namespaces.close();
        }
    }

    @Test
    void the_hosts_end_of_a_held_link_gives_no_way_to_the_hosts_addresses() {
        String host = daemon.host();
        String station = namespaces.create();
        namespaces.run(host, "ip", "addr", "add", "192.0.2.1/32", "dev", "lo");
        namespaces.run(host, "ip", "link", "set", "lo", "up");
        namespaces.run(host, "ip", "link", "add", "held0", "type", "veth", "peer", "name", "eth0", "netns", station);
        namespaces.run(station, "ip", "addr", "add", "10.60.0.9/24", "dev", "eth0");
        namespaces.run(station, "ip", "link", "set", "eth0", "up");
        daemon.must("network", "create", "reach", "--subnet", "10.60.0.0/24");
        String container = daemon.container("reach", "c");
        daemon.must("attach", "reach", "--link", "held0");
        daemon.awaitPing(container, "10.60.0.9");
        Matcher mac = MAC.matcher(namespaces.run(host, "ip", "link", "show", "held0"));
        assertThat(mac.find()).isTrue();
        for (String sender : new String[] {container, station}) {
            namespaces.run(sender, "ip", "neigh", "replace", "10.60.0.77", "lladdr", mac.group(1), "dev", "eth0");
            namespaces.run(sender, "ip", "route", "add", "192.0.2.1", "via", "10.60.0.77", "dev", "eth0");
            daemon.assertNoPing(sender, "192.0.2.1");
            daemon.assertNoPing(sender, "10.60.0.77");
        }
        // The link's own MAC asked for by name gets no answer, either.
        assertThat(namespaces.exec(container, "arping", "-c", "2", "-w", "2", "-I", "eth0", "192.0.2.1").succeeded()).isFalse();
    }

    @Test
    void our_end_of_a_veth_pair_answers_nobody() {
        daemon.must("network", "create", "ends", "--subnet", "10.61.0.0/24", "--subnet6", "fd61::/64");
        String container = daemon.container("ends", "v", "--type", "veth");
        daemon.awaitPing(container, "10.61.0.1");
        // All nodes on the link: the gateway's address and the container's own are all that may answer.
        String answers = namespaces.exec(container, "ping", "-n", "-6", "-c", "2", "-i", "0.2", "-w", "2", "-I", "eth0", "ff02::1")
                .output();
        assertThat(answers.lines().filter(line -> line.contains("bytes from")).map(line -> line.split(" ")[3]).distinct())
                .hasSizeLessThanOrEqualTo(1);
        assertThat(daemon.must("fdb", "show", "ends").lines().filter(line -> line.contains(" dev v "))).hasSize(1);
    }
}
