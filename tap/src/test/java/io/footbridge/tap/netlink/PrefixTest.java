package io.footbridge.tap.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrefixTest {
    @Test
    void readsAndWritesTheUsualForm() {
        assertThat(Prefix.parse("10.9.0.0/24")).hasToString("10.9.0.0/24");
        assertThat(Prefix.parse("10.9.0.7")).hasToString("10.9.0.7/32");
        assertThat(Prefix.parse("fd00:9::/32").isIpv6()).isTrue();
        assertThat(Prefix.parse("::1").length()).isEqualTo(128);
        assertThat(Prefix.parse("0.0.0.0/0")).isEqualTo(Prefix.ALL_IPV4);
        assertThat(Prefix.ALL_IPV6.isDefault()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.1/24", "fd00::1/64", "x/8",
        "10.0.0.0/8/8", "fd00::/129"})
    void refusesWhatIsNoPrefix(String text) {
        assertThatThrownBy(() -> Prefix.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void containsOnlyItsOwnFamily() {
        assertThat(Prefix.ALL_IPV4.contains(InetAddress.ofLiteral("::1"))).isFalse();
        assertThat(Prefix.ALL_IPV6.contains(InetAddress.ofLiteral("10.0.0.1"))).isFalse();
        assertThat(Prefix.parse("10.9.0.0/23").contains(InetAddress.ofLiteral("10.9.1.255"))).isTrue();
        assertThat(Prefix.parse("10.9.0.0/23").contains(InetAddress.ofLiteral("10.9.2.0"))).isFalse();
    }

    @Property(tries = 200)
    void anAddressIsInItsPrefixOfAnyLength(@ForAll @Size(16) byte[] bytes, @ForAll @IntRange(max = 128) int length)
            throws UnknownHostException {
        InetAddress address = Inet6Address.getByAddress(null, bytes, -1);
        Prefix prefix = Prefix.containing(address, length);
        assertThat(prefix.contains(address)).isTrue();
        assertThat(prefix.address().getAddress()).hasSize(16);
    }
}
