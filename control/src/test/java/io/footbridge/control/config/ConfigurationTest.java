package io.footbridge.control.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.footbridge.control.config.Configuration.ConfiguredEndpoint;
import io.footbridge.control.model.EndpointTarget;
import io.footbridge.control.model.NetworkKey;
import io.footbridge.control.model.NetworkSpec;
import io.footbridge.control.model.RefusedException;
import io.footbridge.control.model.SubnetRequest;
import java.nio.file.Path;
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
        networks:
          web: {subnet: 10.9.0.0/24, mtu: 1500, uplink: none, icc: true, ageing: 60,
                options: {storm: 100},
                endpoints: {db: {netns: /run/netns/db, ip: 10.9.0.5, hairpin: on}}, publish: []}
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
        assertThat(db.spec().target()).isEqualTo(new EndpointTarget.NamespaceFile(Path.of("/run/netns/db")));
        assertThat(db.spec().settings().explicit()).containsEntry("hairpin", "on");
        assertThat(configuration.endpoints().get(1).spec().target()).isEqualTo(new EndpointTarget.HostLink("eth7"));
    }

    @Test
    void an_empty_file_asks_for_nothing() throws RefusedException {
        assertThat(Configuration.read("")).isEqualTo(Configuration.EMPTY);
        assertThat(Configuration.read("# nothing\nnetworks:\n")).isEqualTo(Configuration.EMPTY);
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
        "networks:\\n  web:\\n    publish: ['80:80 db']|line 3: networks.web.publish: not available in this version",
        "networks:\\n  web: &a {}\\n  b: *a|line 3: aliases are not supported",
        "networks:\\n  web: {subnet: none, gateway: 10.0.0.1}|line 2: networks.web: a network without subnet has no gateway",
        "a: b: c|line 1: not YAML",
        "networks: {}\\n---\\nnetworks: {}|only one document"})
    void a_mistake_is_named_with_its_line_and_what_was_expected(String text, String message) {
        assertThatThrownBy(() -> Configuration.read(text.replace("\\n", "\n"))).isInstanceOf(RefusedException.class)
            .hasMessageContaining(message);
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
