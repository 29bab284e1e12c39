package io.footbridge.control.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NamesTest {
    @ParameterizedTest
    @ValueSource(strings = {"web", "a", "1", "web-1.2_x", "A"})
    void names_that_docker_takes_are_taken(String name) {
        assertThat(Names.checked(name)).isEqualTo(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "-a", ".a", "a/b", "a b", "a\n", "ä", "a:b"})
    void others_are_not(String name) {
        assertThatIllegalArgumentException().isThrownBy(() -> Names.checked(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "lo", "all", "default", "a/b", "a:b", "eth%d", "a b", "sixteen-bytes-xx",
        "\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4"})
    void interface_names_that_the_kernel_would_refuse_or_read_otherwise_are_refused(String name) {
        assertThatIllegalArgumentException().isThrownBy(() -> Names.checkedInterface(name));
    }

    @Property(tries = 500)
    void whatever_is_refused_is_refused_in_one_line(@ForAll String text) {
        try {
            Names.checked(text);
        } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage().lines()).hasSize(1);
        }
        try {
            Subnets.parseIpv4(text);
        } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage().lines()).hasSize(1);
        }
        for (NetworkKey key : NetworkKey.values()) {
            try {
                Settings.initial(NetworkKey.class).with(key, text);
            } catch (IllegalArgumentException refused) {
                assertThat(refused.getMessage()).contains(key.label());
            }
        }
    }

    @Property(tries = 200)
    void an_unknown_key_is_refused_naming_those_that_there_are(@ForAll String text) {
        assertThatThrownBy(() -> Settings.initial(EndpointKey.class).with("x" + text, "on")).hasMessageContaining("hairpin");
    }
}
