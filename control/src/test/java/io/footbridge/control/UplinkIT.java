package io.footbridge.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.tap.TestNamespaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An uplink's life: taken up, shared, changed, lost with its link and found again. */
class UplinkIT {
    private TestNamespaces namespaces;
    private TestServers servers;
    private TestDaemon daemon;
    private String outside;

    @BeforeEach
    void prepare() {
        TestNamespaces.assumeCapable();
        namespaces = new TestNamespaces();
        servers = new TestServers();
        daemon = TestDaemon.prepare(namespaces, namespaces.create());
        outside = TestLan.make(namespaces, daemon.host());
    }

    @AfterEach
    void stop() throws IOException {
        if (daemon != null) {
            servers.close();
            daemon.close();
            namespaces.close();
        }
    }

    private void assertRefused(String expected, String... command) {
        TestDaemon.Result result = daemon.footbridge(command);
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.errors()).startsWith("footbridge: " + expected).hasLineCount(1);
    }

    private void create(String network, String subnet, String uplink) {
        daemon.must("network", "create", network, "--subnet", subnet, "--uplink", uplink);
    }

    private Path write(String text) throws IOException {
        return Files.writeString(daemon.directory().resolve("footbridge.yaml"), text);
    }

    @Test
    void an_address_that_somebody_has_is_refused_and_nothing_is_left_behind() {
        daemon.begin();
        String mac = namespaces.run(outside, "cat", "/sys/class/net/eth0/address").strip();
        assertRefused("network web: address 198.51.100.20 on up0 is in use by " + mac, "network", "create", "web", "--uplink",
            "frames:up0,addr=198.51.100.20/24");
        assertRefused("network web: address 2001:db8::20 on up0 is in use by " + mac, "network", "create", "web", "--uplink",
            "frames:up0,addr=198.51.100.10/24,addr6=2001:db8::20/64");
        assertThat(daemon.must("network", "ls")).doesNotContain("web");
        assertThat(namespaces.run(daemon.host(), "cat", "/proc/sys/net/ipv4/conf/up0/arp_ignore")).isEqualTo("0\n");
        create("web", "10.9.0.0/24", TestLan.UPLINK);
        daemon.awaitPing(daemon.container("web", "c"), TestLan.WORLD);
    }

    @Test
    void networks_share_an_uplink_that_is_made_with_the_first_and_goes_with_the_last() {
        daemon.begin();
        assertRefused("network web: uplink up0 is not there yet; give its address", "network", "create", "web", "--uplink", "frames:up0");
        create("web", "10.9.0.0/24", TestLan.UPLINK);
        create("same", "10.10.0.0/24", TestLan.UPLINK);
        create("bare", "10.11.0.0/24", "frames:up0");
        assertRefused("network other: uplink up0 is addr=198.51.100.10/24,addr6=2001:db8::10/64,gw=198.51.100.20,gw6=2001:db8::20 already, "
            + "for network web, same, bare; name it frames:up0 alone, or with the same options",
            "network", "create", "other", "--uplink", "frames:up0,addr=198.51.100.11/24");
        assertRefused("network web: uplink up0 is addr=", "network", "set", "web", "uplink=frames:up0,addr=198.51.100.11/24");
        daemon.must("network", "rm", "web");
        daemon.must("network", "rm", "same");
        daemon.awaitPing(daemon.container("bare", "c"), TestLan.WORLD);
        daemon.must("detach", "bare", "c");
        daemon.must("network", "rm", "bare");
        assertThat(daemon.must("stats")).doesNotContain("up0");
        daemon.assertNoPing(outside, TestLan.ADDRESS);
        assertThat(namespaces.run(daemon.host(), "cat", "/proc/sys/net/ipv4/conf/up0/arp_ignore")).isEqualTo("0\n");
    }

    @Test
    void what_cannot_be_an_uplink_is_refused() {
        daemon.begin();
        String host = daemon.host();
        assertRefused("network web: Cannot find device \"nosuch0\"", "network", "create", "web", "--uplink",
            "frames:nosuch0,addr=10.0.0.1/24");
        assertRefused("network web: link up0 has no address that addr=auto could take", "network", "create", "web", "--uplink",
            "frames:up0,addr=auto");
        String mac = namespaces.run(host, "cat", "/sys/class/net/up0/address").strip();
        assertRefused("network web: MAC address " + mac + " is link up0's own", "network", "create", "web", "--uplink",
            "frames:up0,addr=198.51.100.10/24,mac=" + mac);
        assertRefused("network web: the subnet of 10.9.0.99/16 on link up0 overlaps network web's 10.9.0.0/24", "network", "create", "web",
            "--subnet", "10.9.0.0/24", "--uplink", "frames:up0,addr=10.9.0.99/16");
        assertRefused("uplink: an internal network has no uplink", "network", "create", "web", "--internal", "--uplink", TestLan.UPLINK);
        assertRefused("uplink: a network without subnet", "network", "create", "web", "--subnet", "none", "--uplink", TestLan.UPLINK);
        daemon.must("attach", "bridge", "--link", "up0", "--name", "held");
        assertRefused("network web: link up0 is already a port of another network", "network", "create", "web", "--uplink", TestLan.UPLINK);
        daemon.must("detach", "bridge", "held");
        namespaces.run(host, "ip", "addr", "add", "198.51.100.9/24", "dev", "up0");
        assertRefused("network web: link up0 has address 198.51.100.9/24, which the host would lose; remove it first, or give addr=auto",
            "network", "create", "web", "--uplink", TestLan.UPLINK);
    }

    @Test
    void the_links_own_address_is_taken_followed_and_given_back() {
        String host = daemon.host();
        namespaces.run(host, "ip", "link", "set", "up0", "up");
        namespaces.run(host, "ip", "addr", "add", "198.51.100.30/24", "dev", "up0");
        namespaces.run(host, "ip", "addr", "add", "2001:db8::30/64", "dev", "up0", "nodad");
        namespaces.run(host, "ip", "route", "add", "default", "via", "198.51.100.20", "dev", "up0");
        namespaces.run(outside, "ip", "addr", "add", "192.0.2.1/32", "dev", "lo");
        daemon.begin();
        create("web", "10.9.0.0/24", "frames:up0,addr=auto");
        String client = daemon.container("web", "c");
        servers.web(outside, 80);
        daemon.awaitPing(client, "192.0.2.1");
        assertThat(namespaces.run(client, "curl", "-sS", "-m5", "http://192.0.2.1/")).isEqualTo("198.51.100.30\n");
        daemon.awaitPing(outside, "2001:db8::30");
        daemon.must("publish", "web", "198.51.100.30:8080:80", "c");
        daemon.must("publish", "web", "8081:80", "c");
        namespaces.run(host, "ip", "addr", "del", "198.51.100.30/24", "dev", "up0");
        namespaces.run(host, "ip", "addr", "add", "198.51.100.31/24", "dev", "up0");
        TestNamespaces.await("the new address", () ->
            namespaces.exec(client, "curl", "-sS", "-m2", "http://198.51.100.20/").output().equals("198.51.100.31\n"));
        daemon.process().awaitText("publish 198.51.100.30:8080:80/tcp c of network web waits: 198.51.100.30 is no address "
            + "of uplink up0 now");
        assertThat(daemon.must("ports")).contains("0.0.0.0:8081->80/tcp").doesNotContain("198.51.100.30:8080");
        servers.web(client, 80);
        namespaces.run(host, "ip", "addr", "del", "198.51.100.31/24", "dev", "up0");
        namespaces.run(host, "ip", "addr", "add", "198.51.100.30/24", "dev", "up0");
        TestNamespaces.await("the page at the old address", () ->
            namespaces.exec(outside, "curl", "-sS", "-m2", "http://198.51.100.30:8080/").output().equals("198.51.100.20\n"));
        assertThat(daemon.must("ports")).contains("198.51.100.30:8080->80/tcp");
        daemon.must("detach", "web", "c");
        daemon.must("network", "rm", "web");
        assertThat(namespaces.run(host, "ip", "-6", "addr", "show", "dev", "up0")).contains("2001:db8::30/64");
    }

    @Test
    void a_links_mtu_is_followed() {
        daemon.begin();
        create("web", "10.9.0.0/24", TestLan.UPLINK);
        String client = daemon.container("web", "c");
        daemon.awaitPing(client, TestLan.WORLD);
        namespaces.run(daemon.host(), "ip", "link", "set", "up0", "mtu", "1300");
        namespaces.run(outside, "ip", "link", "set", "eth0", "mtu", "1300");
        daemon.process().awaitText("uplink up0 is 198.51.100.10/24, 2001:db8::10/64, MTU 1300 now");
        assertThat(namespaces.exec(client, "ping", "-n", "-c1", "-W2", "-M", "do", "-s", "1400", TestLan.WORLD).output())
            .contains("mtu = 1300");
        assertThat(namespaces.run(client, "ping", "-n", "-c3", "-i0.2", "-W2", "-s", "1400", TestLan.WORLD)).contains(" 0% packet loss");
    }

    @Test
    void a_link_that_goes_and_comes_back_is_taken_up_again_with_all_that_was_published() {
        daemon.begin();
        create("web", "10.9.0.0/24", TestLan.UPLINK);
        String db = daemon.container("web", "db", "-o", "static-nat=198.51.100.50");
        servers.web(db, 80);
        daemon.must("publish", "web", "8080:80", "db");
        daemon.must("attach", "web", "--host", "fbr0");
        namespaces.run(daemon.host(), "ip", "link", "del", "up0");
        daemon.process().awaitText("link up0 of uplink up0 of network web is gone; it is taken up again when it is back");
        assertRefused("link up0 of uplink up0 is not there now", "publish", "web", "8081:80", "db");
        assertThat(namespaces.run(daemon.host(), "ip", "route")).doesNotContain("198.51.100.10");
        assertThat(daemon.must("ports")).contains("0.0.0.0:8080->80/tcp");
        daemon.process().awaitText("uplink up0 of network web waits: Cannot find device \"up0\"");
        TestLan.make(namespaces, daemon.host(), outside);
        daemon.process().awaitText("uplink up0 is up as 198.51.100.10/24, 2001:db8::10/64");
        TestNamespaces.await("the page", () ->
            namespaces.exec(outside, "curl", "-sS", "-m2", "http://198.51.100.10:8080/").output().equals("198.51.100.20\n"));
        assertThat(namespaces.run(outside, "curl", "-sS", "-m2", "http://198.51.100.50/")).isEqualTo("198.51.100.20\n");
        assertThat(namespaces.run(daemon.host(), "ip", "route")).contains("198.51.100.10 dev fbr0 scope link src 10.9.0.1");
    }

    @Test
    void a_network_changes_its_uplink_and_keeps_the_old_one_where_the_new_one_cannot_be() {
        daemon.begin();
        daemon.must("network", "create", "web", "--subnet", "10.9.0.0/24");
        String client = daemon.container("web", "c");
        servers.web(outside, 80);
        daemon.must("network", "set", "web", "uplink=frames:up0,addr=198.51.100.10/24");
        daemon.awaitPing(client, TestLan.WORLD);
        daemon.must("network", "set", "web", "uplink=frames:up0,addr=198.51.100.11/24");
        daemon.awaitPing(client, TestLan.WORLD);
        assertThat(namespaces.run(client, "curl", "-sS", "-m5", "http://198.51.100.20/")).isEqualTo("198.51.100.11\n");
        assertRefused("network web: Cannot find device \"nosuch0\"", "network", "set", "web", "uplink=frames:nosuch0,addr=10.0.0.1/24");
        assertRefused("network web: address 198.51.100.20 on up0 is in use by ", "network", "set", "web",
            "uplink=frames:up0,addr=198.51.100.20/24,mac=02:00:00:00:00:99");
        daemon.awaitPing(client, TestLan.WORLD);
        assertThat(daemon.must("network", "inspect", "web")).contains("\"uplink\": \"frames:up0,addr=198.51.100.11/24\"");
        daemon.must("publish", "web", "80", "c");
        assertRefused("network web: network web has published ports at uplink up0: 80/tcp; unpublish them first", "network", "set", "web",
            "uplink=none");
        daemon.must("unpublish", "web", "80");
        daemon.must("network", "set", "web", "uplink=none");
        daemon.assertNoPing(client, TestLan.WORLD);
    }

    @Test
    void what_a_file_declares_is_there_again_after_a_restart_and_what_waits_stops_nothing() throws IOException {
        String db = namespaces.create();
        servers.web(db, 80);
        servers.web(outside, 81);
        Path file = write("""
            networks:
              web:
                subnet: 10.9.0.0/24
                uplink: %s
                snat: 198.51.100.40
                endpoints: {db: {netns: %s, ip: 10.9.0.5}}
                publish: ["8080:80 db", "198.51.100.77:1:80 db", "9000:80 later"]
              late: {subnet: 10.10.0.0/24, uplink: "frames:nosuch0,addr=203.0.113.1/24"}
              taken: {subnet: 10.11.0.0/24, uplink: frames:up0, endpoints: {c: {netns: /run/netns/nosuch}}, publish: ["8080:80 c"]}
            """.formatted('"' + TestLan.UPLINK + '"', TestNamespaces.path(db)));
        for (int i = 0; i < 2; i++) {
            daemon.begin("-c", file.toString());
            assertThat(daemon.must("ports")).contains("db        0.0.0.0:8080->80/tcp\n");
            assertThat(namespaces.run(outside, "curl", "-sS", "-m5", "http://198.51.100.10:8080/")).isEqualTo("198.51.100.20\n");
            assertThat(namespaces.run(db, "curl", "-sS", "-m5", "http://198.51.100.20:81/")).isEqualTo("198.51.100.40\n");
            daemon.process().awaitText("uplink nosuch0 of network late waits: Cannot find device \"nosuch0\"");
            daemon.process().awaitText("publish 198.51.100.77:1:80/tcp db of network web waits: Bind for 198.51.100.77:1 failed: cannot "
                + "assign requested address");
            daemon.process().awaitText("publish 9000:80/tcp waits for endpoint later of network web");
            daemon.must("detach", "web", "db");
            assertThat(daemon.must("ports").lines()).hasSize(1);
            daemon.attach("web", "db", db, "--ip", "10.9.0.5");
            assertThat(daemon.must("ports")).contains("db        0.0.0.0:8080->80/tcp\n");
            daemon.container("taken", "c");
            daemon.process().awaitText("publish 8080:80/tcp c of network taken waits: Bind for 0.0.0.0:8080 failed: port is already "
                + "allocated");
            assertThat(daemon.terminate(Duration.ofSeconds(10))).isZero();
        }
    }
}
