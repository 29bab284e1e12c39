package io.footbridge.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.tap.TestNamespaces;
import io.footbridge.tap.TestNamespaces.Background;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names and addresses, asked for at the gateway by the programs that people use. */
class GatewayServicesIT {
    private static final String QUICK = "127.0.0.53";
    private static final String OTHER = "127.0.0.55";
    private static final String SILENT = "127.0.0.54";
    private static final String FLOOD = """
        import socket, sys
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.connect((sys.argv[1], 53))
        n = 0
        while True:
            name = b"slow%d" % n
            s.send(bytes.fromhex("000701000001000000000000") + bytes([len(name)]) + name + bytes.fromhex("036f72670000010001"))
            n += 1
        """;

    @TempDir
    private static Path directory;
    private static TestNamespaces namespaces;
    private static TestServers servers;
    private static TestDaemon daemon;
    private static DatagramChannel silent;

    @BeforeAll
    static void start() throws IOException {
        TestNamespaces.assumeCapable();
        namespaces = new TestNamespaces();
        servers = new TestServers();
        resolvConf(QUICK);
        daemon = TestDaemon.prepare(namespaces, namespaces.create())
            .with("-Dfootbridge.resolv.conf=" + directory.resolve("resolv.conf")).begin();
        servers.dns(daemon.host(), new InetSocketAddress(QUICK, 53), 0xC0000235);
        servers.dns(daemon.host(), new InetSocketAddress(OTHER, 53), 0xC0000237);
        silent = TestServers.in(daemon.host(), () -> DatagramChannel.open().bind(new InetSocketAddress(SILENT, 53)));
    }

    @BeforeEach
    void usual() throws IOException {
        resolvConf(QUICK);
    }

    @AfterAll
    static void stop() throws IOException {
        if (daemon != null) {
            daemon.close();
            servers.close();
            silent.close();
            namespaces.close();
        }
    }

    /** Renames a new file into place, as those who manage the file do. */
    private static void resolvConf(String... servers) throws IOException {
        Path fresh = Files.writeString(directory.resolve("fresh"), "nameserver " + String.join("\nnameserver ", servers) + "\n");
        Files.move(fresh, directory.resolve("resolv.conf"), StandardCopyOption.ATOMIC_MOVE);
    }

    private static String dig(String from, String... question) {
        String[] command = new String[question.length + 3];
        command[0] = "dig";
        command[1] = "+time=5";
        command[2] = "+tries=1";
        System.arraycopy(question, 0, command, 3, question.length);
        return namespaces.run(from, command);
    }

    /** Asks so often, a second apart, and ends. */
    private static TestNamespaces.Result udhcpc(String in, String attempts, String... options) {
        List<String> command = new ArrayList<>(List.of("udhcpc", "-f", "-n", "-q", "-t", attempts, "-T", "1", "-i", "eth0"));
        command.addAll(List.of(options));
        return namespaces.exec(in, command.toArray(String[]::new));
    }

    private static List<String> lines(String output) {
        return output.lines().sorted().toList();
    }

    @Test
    void endpoints_find_each_other_by_name_over_both_families() {
        daemon.must("network", "create", "names", "--subnet", "10.70.0.0/24", "--subnet6", "fd70::/64");
        String a = daemon.container("names", "web1", "--alias", "www");
        daemon.container("names", "web2", "--alias", "www", "--alias", "Second");
        assertThat(dig(a, "+short", "@10.70.0.1", "WEB2")).isEqualTo("10.70.0.3\n");
        assertThat(dig(a, "+short", "@10.70.0.1", "web2.names", "AAAA")).isEqualTo("fd70::3\n");
        assertThat(dig(a, "+short", "@fd70::1", "second", "AAAA")).isEqualTo("fd70::3\n");
        String linkLocal = namespaces.run(a, "ip", "-6", "neigh").lines().filter(line -> line.startsWith("fe80"))
            .map(line -> line.split(" ")[0]).findFirst().orElse("fe80::42:aff:fe46:1");
        assertThat(dig(a, "+short", "@" + linkLocal + "%eth0", "web2")).isEqualTo("10.70.0.3\n");
        assertThat(lines(dig(a, "+short", "@10.70.0.1", "www"))).containsExactly("10.70.0.2", "10.70.0.3");
        assertThat(dig(a, "+short", "@10.70.0.1", "-x", "10.70.0.3")).isEqualTo("web2.names.\n");
        assertThat(dig(a, "+short", "@10.70.0.1", "-x", "fd70::2")).isEqualTo("web1.names.\n");
        assertThat(dig(a, "+tcp", "+short", "@10.70.0.1", "web2")).isEqualTo("10.70.0.3\n");
        assertThat(dig(a, "+tcp", "+short", "@fd70::1", "web2", "AAAA")).isEqualTo("fd70::3\n");
        assertThat(dig(a, "+tcp", "+short", "@10.70.0.1", "example.org")).isEqualTo("192.0.2.53\n");
        assertThat(dig(a, "@10.70.0.1", "-x", "10.70.0.99")).contains("status: NXDOMAIN");
        assertThat(dig(a, "@10.70.0.1", "web1", "MX")).contains("status: NOERROR", "ANSWER: 0");
        assertThat(namespaces.exec(a, "dig", "+time=1", "+tries=1", "@10.70.0.1", "web1", "+opcode=notify").output())
            .contains("status: NOTIMP");
        daemon.must("detach", "names", "web2");
        assertThat(lines(dig(a, "+short", "@10.70.0.1", "www"))).containsExactly("10.70.0.2");
    }

    @Test
    void what_is_not_of_the_network_is_asked_of_the_servers_that_the_host_has_now() throws IOException {
        daemon.must("network", "create", "fwd", "--subnet", "10.71.0.0/24");
        String a = daemon.container("fwd", "a");
        assertThat(dig(a, "@10.71.0.1", "example.org")).contains("192.0.2.53", "status: NOERROR", "QUERY: 1, ANSWER: 1");
        resolvConf(OTHER);
        TestNamespaces.await("the other server's answer", () -> dig(a, "+short", "@10.71.0.1", "example.org").equals("192.0.2.55\n"));
        resolvConf(SILENT, QUICK);
        TestNamespaces.await("the answer of the next after a silent one",
            () -> dig(a, "+short", "@10.71.0.1", "example.org").equals("192.0.2.53\n"));
        resolvConf("127.0.0.99", OTHER);
        TestNamespaces.await("the answer of the next after one that is not there",
            () -> dig(a, "+short", "@10.71.0.1", "example.org").equals("192.0.2.55\n"));
    }

    @Test
    void an_internal_network_answers_its_own_names_and_asks_nobody() {
        daemon.must("network", "create", "inner", "--subnet", "10.72.0.0/24", "--internal");
        String a = daemon.container("inner", "a");
        assertThat(dig(a, "+short", "@10.72.0.1", "a.inner")).isEqualTo("10.72.0.2\n");
        assertThat(dig(a, "@10.72.0.1", "example.org")).contains("status: SERVFAIL");
    }

    @Test
    void a_container_that_floods_is_held_to_its_share_and_others_go_on() {
        daemon.must("network", "create", "flood", "--subnet", "10.73.0.0/24");
        String bad = daemon.container("flood", "bad");
        String good = daemon.container("flood", "good");
        Background flooding = namespaces.start(bad, "python3", "-c", FLOOD, "10.73.0.1");
        TestNamespaces.await("the flood to reach its limit", () -> daemon.must("stats", "flood").contains("service-limit"));
        for (int i = 0; i < 5; i++) {
            assertThat(dig(good, "+short", "@10.73.0.1", "bad")).isEqualTo("10.73.0.2\n");
            assertThat(dig(good, "+short", "@10.73.0.1", "example" + i + ".org")).isEqualTo("192.0.2.53\n");
        }
        assertThat(flooding.isAlive()).isTrue();
        flooding.stop();
        assertThat(daemon.must("stats", "flood").lines().filter(line -> line.contains("good")).findFirst().orElseThrow())
            .doesNotContain("service-limit");
    }

    @Test
    void a_dhcp_client_is_given_what_the_container_was_attached_with() throws IOException {
        daemon.must("network", "create", "dhcp", "--subnet", "10.74.0.0/24", "--mtu", "1400");
        daemon.must("network", "create", "dhcpi", "--subnet", "10.75.0.0/24", "--internal");
        String routed = daemon.container("dhcp", "a", "--ip", "10.74.0.9");
        String internal = daemon.container("dhcpi", "a");
        String script = script("udhcpc.sh", "#!/bin/sh\n[ \"$1\" = bound ] && env\nexit 0\n");
        namespaces.run(routed, "ip", "addr", "flush", "dev", "eth0");
        assertThat(udhcpc(routed, "3", "-s", script).output()).contains("\nip=10.74.0.9\n", "\nsubnet=255.255.255.0\n",
            "\nrouter=10.74.0.1\n", "\ndns=10.74.0.1\n", "\nlease=86400\n", "\nserverid=10.74.0.1\n")
            .contains("mtu=1400");
        assertThat(udhcpc(internal, "3", "-r", "10.75.0.77", "-B", "-s", script).output())
            .contains("\nip=10.75.0.2\n", "\ndns=10.75.0.1\n").doesNotContain("router=");
        assertThat(daemon.must("stats")).doesNotContain("bad-checksum");
    }

    @Test
    void behind_a_link_of_the_host_nobody_is_given_an_address() throws IOException {
        daemon.must("network", "create", "dlink", "--subnet", "10.76.0.0/24");
        String station = namespaces.create();
        namespaces.run(daemon.host(), "ip", "link", "add", "dl0", "type", "veth", "peer", "name", "eth0", "netns", station);
        namespaces.run(station, "ip", "link", "set", "eth0", "up");
        daemon.must("attach", "dlink", "--link", "dl0", "--name", "l");
        String script = script("none.sh", "#!/bin/sh\nexit 0\n");
        assertThat(udhcpc(station, "1", "-s", script).succeeded()).isFalse();
    }

    @Test
    void a_dhcpv6_client_is_given_its_address_and_advertisements_say_that_it_may_ask() throws IOException {
        daemon.must("network", "create", "dhcp6", "--subnet", "10.77.0.0/24", "--subnet6", "fd77::/64");
        String a = daemon.container("dhcp6", "a", "--ip6", "fd77::99");
        assertThat(namespaces.run(a, "rdisc6", "-1", "eth0")).containsPattern("Stateful address conf.*: +Yes")
            .containsPattern("Stateful other conf.*: +Yes").containsPattern("Recursive DNS server +: fd77::1");
        String script = script("dhclient.sh", "#!/bin/sh\nenv\nexit 0\n");
        namespaces.run(a, "ip", "addr", "del", "fd77::99/64", "dev", "eth0");
        TestNamespaces.await("an address to ask from",
            () -> namespaces.run(a, "ip", "-6", "addr", "show", "dev", "eth0", "scope", "link", "-tentative").contains("fe80"));
        Background client = namespaces.start(a, "dhclient", "-6", "-1", "-d", "-lf", directory.resolve("leases").toString(), "-pf",
            directory.resolve("pid").toString(), "-sf", script, "eth0").awaitText("reason=BOUND6");
        assertThat(client.output() + client.errors()).contains("new_ip6_address=fd77::99", "new_dhcp6_name_servers=fd77::1");
    }

    @Test
    void where_the_host_has_the_gateways_address_names_and_addresses_are_still_answered_here() throws IOException {
        daemon.must("network", "create", "onhost", "--subnet", "10.78.0.0/24");
        String a = daemon.container("onhost", "a");
        daemon.must("attach", "onhost", "--host", "fbr0", "--name", "hostend");
        servers.echo(daemon.host(), 5300);
        daemon.awaitPing(a, "10.78.0.1");
        assertThat(dig(a, "+short", "@10.78.0.1", "hostend")).isEqualTo("10.78.0.1\n");
        assertThat(dig(a, "+short", "@10.78.0.1", "example.org")).isEqualTo("192.0.2.53\n");
        assertThat(namespaces.run(a, "python3", "-c", "import socket; s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM);"
            + "s.settimeout(5); s.sendto(b'hi',('10.78.0.1',5300)); print(s.recv(99).decode())")).startsWith("hi from 10.78.0.2");
        String script = script("host.sh", "#!/bin/sh\n[ \"$1\" = bound ] && env\nexit 0\n");
        assertThat(udhcpc(a, "3", "-s", script).output()).contains("\nip=10.78.0.2\n");
    }

    private static String script(String name, String text) throws IOException {
        Path script = Files.writeString(directory.resolve(name), text);
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        return script.toString();
    }
}
