package io.footbridge.control.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.footbridge.control.config.Configuration.ConfiguredEndpoint;
import io.footbridge.control.model.ConfiguredPublication;
import io.footbridge.control.model.EndpointTarget;
import io.footbridge.control.model.NetworkKey;
import io.footbridge.control.model.NetworkSpec;
import io.footbridge.control.model.RefusedException;
import io.footbridge.control.model.RelayRequest;
import io.footbridge.control.model.SubnetRequest;
import io.footbridge.nat.NatSettings;
import io.footbridge.nat.Timeouts;
import io.footbridge.proxy.ProxyProtocol;
import java.nio.file.Path;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigurationTest {
    private static final String EXAMPLE = """
        conntrack: {max: 4096, timeouts: {udp: 60}}
        networks:
          web: {subnet: 10.9.0.0/24, mtu: 1500, uplink: none, icc: true, ageing: 60,
                options: {storm: 100},
                endpoints: {db: {netns: /run/netns/db, alias: [sql, pg], ip: 10.9.0.5, hairpin: on}}, publish: []}
          plain:
            subnet: none
            endpoints:
              out:
                link: eth7
        """;

    @Test
    void a_file_has_the_names_of_the_options() throws RefusedException {
        Configuration configuration = Configuration.read(EXAMPLE);
        NetworkSpec web = configuration.networks().getFirst();
        assertThat(web.name()).isEqualTo("web");
        assertThat(web.subnet()).isInstanceOf(SubnetRequest.Given.class);
        assertThat(web.settings().explicit())
            .isEqualTo(java.util.Map.of("uplink", "none", "icc", "on", "ageing", "60", "storm", "100"));
        assertThat(web.settings().isOn(NetworkKey.ICC)).isTrue();
        ConfiguredEndpoint db = configuration.endpoints().getFirst();
        assertThat(db.network()).isEqualTo("web");
        assertThat(db.spec().aliases()).containsExactly("sql", "pg");
        assertThat(db.spec().target()).isEqualTo(new EndpointTarget.NamespaceFile(Path.of("/run/netns/db")));
        assertThat(db.spec().settings().explicit()).containsEntry("hairpin", "on");
        assertThat(configuration.endpoints().get(1).spec().target()).isEqualTo(new EndpointTarget.HostLink("eth7"));
    }

    @Test
    void a_relay_needs_no_uplink() throws RefusedException {
        Configuration configuration = Configuration.read(
            "networks: {a: {uplink: none, publish: ['8080:80 db relay', '81 db relay proxy-protocol=v2']}}");
        assertThat(configuration.publications().get("a")).extracting(ConfiguredPublication::relay).containsExactly(
            Optional.of(new RelayRequest(ProxyProtocol.NONE)), Optional.of(new RelayRequest(ProxyProtocol.V2)));
    }

    @Test
    void uplinks_are_shared_in_any_order_and_ports_are_published_by_name() throws RefusedException {
        Configuration configuration = Configuration.read("""
            networks:
              a: {uplink: frames:eth1, publish: ["8080:80 db", "53/udp dns"]}
              b: {uplink: "frames:eth1,addr=198.51.100.10/24,gw=198.51.100.1", window-check: on, snat: 198.51.100.11-198.51.100.14}
              c: {uplink: "frames:eth1,gw=198.51.100.1,addr=198.51.100.10/24"}
            """);
        assertThat(configuration.publications().get("a")).extracting(Object::toString).containsExactly(
            "ConfiguredPublication[spec=8080:80/tcp, endpoint=db, relay=Optional.empty]",
            "ConfiguredPublication[spec=53/udp, endpoint=dns, relay=Optional.empty]");
        assertThat(configuration.publications().get("b")).isEmpty();
        assertThat(configuration.networks().get(2).settings()).isEqualTo(
            Configuration.read("networks: {c: {uplink: 'frames:eth1,addr=198.51.100.10/24,gw=198.51.100.1'}}").networks().getFirst()
                .settings());
    }

    @Test
    void an_empty_file_asks_for_nothing() throws RefusedException {
        assertThat(Configuration.read("")).isEqualTo(Configuration.EMPTY);
        assertThat(Configuration.read("# nothing\nnetworks:\n")).isEqualTo(Configuration.EMPTY);
        assertThat(Configuration.read("conntrack:\n  timeouts:\n")).isEqualTo(Configuration.EMPTY);
    }

    @Test
    void the_connection_tables_size_and_timeouts_can_be_set() throws RefusedException {
        assertThat(Configuration.EMPTY.nat()).isEqualTo(new NatSettings(262_144, new Timeouts(240, 7440, 240, 300, 120, 60, 300)));
        assertThat(Configuration.read("""
            conntrack:
              max: 1024
              timeouts: {tcp-opening: 1, tcp-established: 2000000, tcp-closing: 3, udp: 4, udp-unreplied: 5, icmp: 6, other: 7}
            """).nat()).isEqualTo(new NatSettings(1024, new Timeouts(1, 2_000_000, 3, 4, 5, 6, 7)));
        assertThat(Configuration.read("conntrack: {max: 16777216}").nat()).isEqualTo(new NatSettings(16_777_216, Timeouts.DEFAULT));
        assertThat(Configuration.read("conntrack: {timeouts: {udp: 10}}").nat())
            .isEqualTo(new NatSettings(262_144, new Timeouts(240, 7440, 240, 10, 120, 60, 300)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
        "networks:\\n  web:\\n    subnett: 10.9.0.0/24|line 3: networks.web.subnett: unknown key",
        "network: {}|line 1: network: unknown key",
        "networks:\\n  web:\\n    mtu: fast|line 3: networks.web.mtu: expected a whole number from 68 to 65521, got 'fast'",
        "networks:\\n  web: {mtu: [1]}|line 2: networks.web.mtu: expected a whole number from 68 to 65521, got a list",
        "networks:\\n  web:\\n    subnet: 10|line 3: networks.web.subnet: subnet '10': expected an address",
        "networks: []|line 1: networks: expected a mapping, got a list",
        "networks:\\n  web:\\n    icc: perhaps|line 3: networks.web.icc: expected on or off, got 'perhaps'",
        "networks:\\n  web:\\n    icc:|line 3: networks.web.icc: expected a value, got nothing",
        "networks:\\n  web:\\n    mtu: 1500\\n    mtu: 1400|line 4: 'mtu' stands there twice",
        "networks:\\n  a/b: {}|line 2: networks.a/b: name 'a/b' is invalid",
        "networks:\\n  web:\\n    endpoints:\\n      db: {ip: 10.9.0.5}|line 4: networks.web.endpoints.db: one of netns, pid",
        "networks:\\n  web:\\n    endpoints:\\n      db: {netns: x}|line 4: networks.web.endpoints.db.netns: expected an absolute path",
        "networks:\\n  web:\\n    uplink: none\\n    publish: ['80:80 db']|line 4: networks.web.publish: network web has no way out",
        "networks:\\n  web:\\n    publish:\\n    - '80:80 db'\\n    - 80|line 5: networks.web.publish: expected SPEC NAME, as in",
        "networks:\\n  web:\\n    publish: ['80:80 db relais']|line 3: networks.web.publish: after SPEC NAME expected relay",
        "networks:\\n  web:\\n    publish: ['80/udp db relay proxy-protocol=v1']|line 3: networks.web.publish: proxy-protocol: only TCP",
        "networks:\\n  web:\\n    publish: ['80-82:1-2 db']|line 3: networks.web.publish: invalid ranges specified for container",
        "networks:\\n  web:\\n    publish: ['80:80 a/b']|line 3: networks.web.publish: name 'a/b' is invalid",
        "networks:\\n  web:\\n    uplink: frames:e1,addr=10.0.0.0/8|line 3: networks.web.uplink: addr: 10.0.0.0/8 cannot be a host's",
        "networks:\\n  web:\\n    uplink: frames:e1|line 3: networks.web.uplink: no network says the address of uplink e1",
        "networks:\\n  web: {subnet: none, uplink: 'frames:e1,addr=auto'}|line 2: networks.web: uplink: a network without subnet",
        "networks:\\n  web: {internal: on, uplink: 'frames:e1,addr=auto'}|line 2: networks.web: uplink: an internal network has no uplink",
        "networks:\\n  web: &a {}\\n  b: *a|line 3: aliases are not supported",
        "networks:\\n  web: {subnet: none, gateway: 10.0.0.1}|line 2: networks.web: a network without subnet has no gateway",
        "conntrack:\\n  max: 1023|line 2: conntrack.max: expected a whole number from 1024 to 16777216, got '1023'",
        "conntrack:\\n  max: 16777217|line 2: conntrack.max: expected a whole number from 1024 to 16777216, got '16777217'",
        "conntrack:\\n  size: 4096|line 2: conntrack.size: unknown key",
        "conntrack: 4096|line 1: conntrack: expected a mapping, got 4096",
        "conntrack:\\n  timeouts:\\n    tcp: 60|line 3: conntrack.timeouts.tcp: unknown key",
        "conntrack:\\n  timeouts:\\n    udp: 0|line 3: conntrack.timeouts.udp: expected a whole number from 1 to 2000000, got '0'",
        "conntrack:\\n  timeouts: {icmp: 2000001}|line 2: conntrack.timeouts.icmp: expected a whole number from 1 to 2000000, got",
        "conntrack:\\n  timeouts:\\n    other: 5m|line 3: conntrack.timeouts.other: expected a whole number from 1 to 2000000, got '5m'",
        "a: b: c|line 1: not YAML",
        "networks: {}\\n---\\nnetworks: {}|only one document"})
    void a_mistake_is_named_with_its_line_and_what_was_expected(String text, String message) {
        assertThatThrownBy(() -> Configuration.read(text.replace("\\n", "\n"))).isInstanceOf(RefusedException.class)
            .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
        "ip: 10.8.0.5|.ip: address 10.8.0.5 is not in subnet 10.9.0.0/24",
        "ip: 10.9.0.255|.ip: address 10.9.0.255 cannot be a host's",
        "ip: 10.9.0.5|.ip: Address already in use: 10.9.0.5",
        "ip: 10.9.0.1|.ip: Address already in use: 10.9.0.1",
        "ip6: fd00::5|.ip6: network web has no subnet to take fd00::5 from",
        "mac: '02:42:0a:09:00:05'|.mac: MAC address already in use: 02:42:0a:09:00:05",
        "mac: '02:42:0a:09:00:01'|.mac: MAC address already in use: 02:42:0a:09:00:01",
        "ifname: interface-too-long|.ifname: ",
        "netns: /a|: another endpoint of this file has the same interface eth0 in the same namespace"})
    void an_endpoint_that_can_never_be_attached_is_refused_with_its_line(String member, String message) {
        String target = member.startsWith("netns") ? "" : "netns: /b, ";
        assertThatThrownBy(() -> Configuration.read("""
            networks:
              web:
                subnet: 10.9.0.0/24
                endpoints:
                  a: {netns: /a, ip: 10.9.0.5}
                  b: {%s%s}
            """.formatted(target, member))).isInstanceOf(RefusedException.class)
            .hasMessageStartingWith("line 6: networks.web.endpoints.b" + message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
        "{subnet: 10.9.3.0/24}|subnet: 10.9.3.0/24 overlaps network web's 10.9.0.0/16",
        "{subnet6: fd09:0:0:1::/64}|subnet6: fd09:0:0:1::/64 overlaps network web's fd09::/48",
        "{subnet: none, endpoints: {a: {host: fbr0}}}|endpoints.a.host: network db has no gateway",
        "{endpoints: {a: {link: eth7}, b: {link: eth7}}}|endpoints.b: another endpoint of this file",
        "{uplink: 'frames:e1,addr=198.51.100.11/24'}|uplink: e1 is addr=198.51.100.10/24 for another network; name it frames:e1 alone",
        "{endpoints: {a: {link: e1}}}|endpoints.a: another endpoint of this file",
        "{endpoints: {a: {host: fbr0}, b: {host: fbr1}}}|endpoints.b.host: network db already has an interface on the host"})
    void networks_that_contradict_each_other_or_themselves_are_refused_with_their_line(String network, String message) {
        assertThatThrownBy(() -> Configuration.read(
            "networks:\n  web: {subnet: 10.9.0.0/16, subnet6: 'fd09::/48', "
                + "uplink: 'frames:e1,addr=198.51.100.10/24'}\n  db: " + network + "\n"))
            .isInstanceOf(RefusedException.class).hasMessageStartingWith("line 3: networks.db." + message);
    }

    @Test
    void addresses_in_a_subnet_that_is_still_to_be_chosen_are_judged_later() throws RefusedException {
        assertThat(Configuration.read("networks: {web: {endpoints: {a: {netns: /a, ip: 172.31.0.9}, b: {netns: /b}}}}").endpoints())
            .hasSize(2);
    }

    @Property(tries = 1000)
    void any_change_of_a_file_is_taken_or_refused_in_one_line(@ForAll @IntRange(max = 400) int position,
        @ForAll @IntRange(max = 12) int length, @ForAll @StringLength(max = 3) @CharRange(from = ' ', to = '~') String insert) {
        int from = Math.min(position, EXAMPLE.length());
        int to = Math.min(from + length, EXAMPLE.length());
        String changed = EXAMPLE.substring(0, from) + insert + EXAMPLE.substring(to);
        try {
            Configuration.read(changed);
        } catch (RefusedException refused) {
            assertThat(refused.getMessage().lines()).hasSize(1);
            assertThat(refused.getMessage()).contains("line ");
        }
    }

    @Property(tries = 500)
    void any_text_is_taken_or_refused_in_one_line(@ForAll String text) {
        try {
            Configuration.read(text);
        } catch (RefusedException refused) {
            assertThat(refused.getMessage().lines()).hasSize(1);
        }
    }
}
