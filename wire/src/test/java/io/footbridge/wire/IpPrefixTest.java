package io.footbridge.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpPrefixTest {
    @ParameterizedTest
    @CsvSource({"172.17.0.1/16, 172.17.0.0/16, 172.17.0.1, 172.17.255.254",
        "10.0.0.9/30, 10.0.0.8/30, 10.0.0.9, 10.0.0.10", "10.0.0.9/31, 10.0.0.8/31, 10.0.0.8, 10.0.0.9",
        "10.0.0.9/32, 10.0.0.9/32, 10.0.0.9, 10.0.0.9", "1.2.3.4/0, 0.0.0.0/0, 0.0.0.1, 255.255.255.254",
        "fd00:17::1:2/64, fd00:17::/64, fd00:17::1, fd00:17::ffff:ffff:ffff:ffff",
        "fd00:17:0:abcd::/60, fd00:17:0:abc0::/60, fd00:17:0:abc0::1, fd00:17:0:abcf:ffff:ffff:ffff:ffff",
        "fd00::7/126, fd00::4/126, fd00::5, fd00::7", "fd00::7/127, fd00::6/127, fd00::6, fd00::7",
        "fd00::7/128, fd00::7/128, fd00::7, fd00::7",
        "fd00::7/0, ::/0, ::1, ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"})
    void networkAndHosts(String text, String network, String first, String last) {
        IpPrefix prefix = IpPrefix.parse(text);
        assertThat(prefix).hasToString(text);
        assertThat(prefix.network()).hasToString(network);
        assertThat(prefix.firstHost()).hasToString(first);
        assertThat(prefix.lastHost()).hasToString(last);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08",
        "10.0.0.0/8/8", "10.0.0.0/+8", "10.0.0.0/ 8", "/8", "10.0.0/8", "net/8", "::", "::/", "::/129", "::/064",
        "fd00::1%eth0/64", "10.0.0.0/255.0.0.0", "10.0.0.0/99999999999"})
    void otherTextIsNoPrefix(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> IpPrefix.parse(text)).withMessageContaining("expected")
                .withMessageNotContaining("\n");
    }

    @Test
    void aMissingLengthIsSaidSo() {
        assertThatIllegalArgumentException().isThrownBy(() -> IpPrefix.parse("172.17.0.0")).withMessage(
                "subnet '172.17.0.0': expected an address and a length of 0 to 32, such as 172.17.0.0/16");
    }

    @Test
    void lengthsOutsideTheFamilyAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Ipv4Prefix(0, 33));
        assertThatIllegalArgumentException().isThrownBy(() -> new Ipv6Prefix(0, 0, -1));
        assertThat(IpPrefix.of(IpAddress.parse("10.0.0.1"), 8)).isEqualTo(IpPrefix.parse("10.0.0.1/8"));
        assertThat(IpPrefix.of(IpAddress.parse("fd00::1"), 8)).isEqualTo(IpPrefix.parse("fd00::1/8"));
    }

    @Property
    void ipv4ContainsWhatSharesTheLeadingBits(@ForAll int address, @ForAll int other,
            @ForAll @IntRange(max = 32) int length, @ForAll @IntRange(max = 32) int shared) {
        int near = shared == 0 ? other : address ^ (other | 1 << 31) >>> shared % 32;
        Ipv4Prefix prefix = new Ipv4Prefix(address, length);
        boolean expected = Integer.toUnsignedLong(address) >>> 32 - length == Integer.toUnsignedLong(near) >>> 32
                - length;
        assertThat(prefix.contains(near)).isEqualTo(expected);
        assertThat(prefix.contains(new Ipv4Address(near))).isEqualTo(expected);
        assertThat(prefix.contains(Ipv6Address.LOOPBACK)).isFalse();
        assertThat(prefix.contains(prefix.firstHost())).isTrue();
        assertThat(prefix.contains(prefix.lastHost())).isTrue();
        assertThat(prefix.contains(prefix.broadcast())).isTrue();
    }

    @Property
    void ipv6ContainsWhatSharesTheLeadingBits(@ForAll long high, @ForAll long low,
            @ForAll @IntRange(max = 128) int length, @ForAll @IntRange(max = 127) int flipped) {
        Ipv6Prefix prefix = new Ipv6Prefix(high, low, length);
        Ipv6Address other = flipped < 64 ? new Ipv6Address(high ^ 1L << 63 - flipped, low)
                : new Ipv6Address(high, low ^ 1L << 127 - flipped);
        assertThat(prefix.contains(other)).isEqualTo(flipped >= length);
        assertThat(prefix.contains(prefix.firstHost())).isTrue();
        assertThat(prefix.contains(prefix.lastHost())).isTrue();
        assertThat(prefix.contains(Ipv4Address.LOOPBACK)).isFalse();
        BigInteger network = number(prefix.network().asAddress());
        assertThat(network).isEqualTo(number(prefix.asAddress()).shiftRight(128 - length).shiftLeft(128 - length));
    }

    private static BigInteger number(Ipv6Address address) {
        return new BigInteger(1, address.toInetAddress().getAddress());
    }

    @Test
    void overlapIsSymmetricAndKeepsFamiliesApart() {
        assertOverlap("10.0.0.0/8", "10.1.2.0/24", true);
        assertOverlap("10.0.0.0/24", "10.0.1.0/24", false);
        assertOverlap("10.0.0.77/24", "10.0.0.78/24", true);
        assertOverlap("fd00::/48", "fd00:0:0:1::/64", true);
        assertOverlap("fd00::/64", "fd00:0:0:1::/64", false);
        assertOverlap("0.0.0.0/0", "::/0", false);
    }

    private static void assertOverlap(String first, String second, boolean expected) {
        assertThat(IpPrefix.parse(first).overlaps(IpPrefix.parse(second))).isEqualTo(expected);
        assertThat(IpPrefix.parse(second).overlaps(IpPrefix.parse(first))).isEqualTo(expected);
    }

    @Test
    void orderIsByAddressThenLength() {
        assertThat(java.util.stream.Stream.of("::/0", "10.0.0.0/16", "10.0.0.0/8", "9.0.0.0/8").map(IpPrefix::parse)
                .sorted().map(IpPrefix::toString))
                .containsExactly("9.0.0.0/8", "10.0.0.0/8", "10.0.0.0/16", "::/0");
    }
}
