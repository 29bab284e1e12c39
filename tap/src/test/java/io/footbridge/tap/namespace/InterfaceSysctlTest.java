package io.footbridge.tap.namespace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.footbridge.tap.SystemCallException;
import io.footbridge.tap.TestNamespaces;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InterfaceSysctlTest {
    private static TestNamespaces namespaces;
    private static NetworkNamespace inside;

    @BeforeAll
    static void begin() throws IOException {
        TestNamespaces.assumeCapable();
        namespaces = new TestNamespaces();
        String name = namespaces.create();
        namespaces.run(name, "ip", "link", "add", "name", "v.100", "type", "veth", "peer", "name", "w");
        inside = NetworkNamespace.open(TestNamespaces.path(name));
    }

    @AfterAll
    static void end() {
        if (namespaces != null) {
            inside.close();
            namespaces.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"IPV6,accept_ra,0", "IPV6,disable_ipv6,1", "IPV4,arp_ignore,8", "IPV4,rp_filter,1", "IPV4,forwarding,1"})
    void aValueWrittenInANamespaceIsReadThereAndNowhereElse(InterfaceSysctl.Family family, String key, String value)
            throws IOException {
        InterfaceSysctl setting = new InterfaceSysctl(family, "v.100", key);
        setting.write(inside, value);
        assertThat(setting.read(inside)).hasValue(value);
        assertThat(setting.read()).as("no such interface outside").isEmpty();
    }

    @Test
    void aMissingFileIsEmptyToReadAndAnErrorToWriteUnlessTolerated() throws IOException {
        InterfaceSysctl missing = InterfaceSysctl.ipv6("fbt-none", "accept_ra");
        assertThat(missing.read(inside)).isEmpty();
        assertThatThrownBy(() -> missing.write(inside, "0"))
                .isInstanceOf(SystemCallException.class)
                .hasMessage("open /proc/sys/net/ipv6/conf/fbt-none/accept_ra: No such file or directory");
        assertThat(inside.call(() -> missing.writeIfPresent("0"))).isFalse();
        assertThat(inside.call(() -> InterfaceSysctl.ipv6("w", "accept_ra").writeIfPresent("0"))).isTrue();
    }

    @Test
    void aValueThatTheKernelRefusesIsAnError() {
        assertThatThrownBy(() -> InterfaceSysctl.ipv4("w", "rp_filter").write(inside, "often"))
                .isInstanceOf(SystemCallException.class)
                .hasMessage("write of often to /proc/sys/net/ipv4/conf/w/rp_filter: Invalid argument");
    }

    @Test
    void noNameLeadsOutOfTheDirectory() {
        assertThatThrownBy(() -> InterfaceSysctl.ipv4("..", "x")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> InterfaceSysctl.ipv4("lo", "../x")).isInstanceOf(IllegalArgumentException.class);
    }
}
