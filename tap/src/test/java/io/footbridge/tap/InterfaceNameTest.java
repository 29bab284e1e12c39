package io.footbridge.tap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InterfaceNameTest {
    @ParameterizedTest
    @ValueSource(strings = {"eth0", "fifteen-bytes-x", "eth0.100", "veth@x", "ünic-ode"})
    void takesWhatTheKernelTakes(String name) {
        assertThat(InterfaceName.check(name)).isSameAs(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a/b", "a:b", "a b", "a\tb", "a\nb", "a\0b", "eth%d", "a\u00a0b",
        "sixteen-bytes-xx", "ünicode-is-2-by"})
    void refusesInOneLineWhatTheKernelWouldNotTakeAsItIs(String name) {
        assertThatThrownBy(() -> InterfaceName.check(name))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("interface name")
                .message().matches("[^\\p{Cntrl}]*");
    }
}
