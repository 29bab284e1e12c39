package io.footbridge.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetAddress;
import java.net.UnknownHostException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpAddressTest {
    @Property
    void ipv4TextRoundTrips(@ForAll int address) {
        assertThat(Ipv4Address.parse(Ipv4Address.format(address)).address()).isEqualTo(address);
    }

    @Property
    void ipv6TextRoundTrips(@ForAll long high, @ForAll long low, @ForAll @IntRange(max = 255) int zeroes) {
        long[] halves = {high, low};
        for (int group = 0; group < 8; group++) {
            if ((zeroes >>> group & 1) != 0) {
                halves[group / 4] &= ~(0xFFFFL << group % 4 * 16);
            }
        }
        Ipv6Address address = new Ipv6Address(halves[0], halves[1]);
        assertThat(Ipv6Address.parse(address.toString())).isEqualTo(address);
        assertThat(Ipv6Address.parse(address.toString().toUpperCase())).isEqualTo(address);
    }

    /** RFC 5952 sections 1, 2, 4 and 5. */
    @ParameterizedTest
    @CsvSource({"2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1", "2001:0db8:0:0:1::0:1, 2001:db8::1:0:0:1",
        "2001:DB8::AAAA, 2001:db8::aaaa", "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "2001:0:0:1:0:0:0:1, 2001:0:0:1::1", "2001:db8::0:1, 2001:db8::1", "0:0:0:0:0:0:0:0, ::",
        "0:0:0:0:0:0:0:1, ::1", "1:0:0:0:0:0:0:0, 1::", "::ffff:192.0.2.1, ::ffff:192.0.2.1",
        "::ffff:c000:201, ::ffff:192.0.2.1", "64:ff9b::192.0.2.33, 64:ff9b::c000:221",
        "1:2:3:4:5:6:1.2.3.4, 1:2:3:4:5:6:102:304", "::8, ::8", "1:2:3:4:5:6:7::, 1:2:3:4:5:6:7:0",
        "::2:3:4:5:6:7:8, 0:2:3:4:5:6:7:8"})
    void ipv6TextIsCanonical(String text, String canonical) {
        assertThat(Ipv6Address.parse(text)).hasToString(canonical);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", ":", ":::", "1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::",
        "::1:2:3:4:5:6:7:8", "1::2::3", "12345::", "g::", "1:", ":1", "::1:", "fe80::1%eth0", "::1.2.3", "::1.2.3.4.5",
        "1.2.3.4::", "::1.2.3.4:5", "1:2:3:4:5:6:7:1.2.3.4", "::01.2.3.4", "::1 ", "[::1]", "::١",
        "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000", "::ffff:0:0:0:0:0:0:0:0:0:0:0"})
    void otherTextIsNoIpv6Address(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Ipv6Address.parse(text))
                .withMessageStartingWith("IPv6 address '").withMessageContaining("expected");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "localhost", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.+4", "1.2.3.-4",
        "1.2.3.4 ", "1..2.3", "1.2.3.", "0x1.2.3.4", "١.2.3.4", "1.2.3.4294967297", "16909060", "1.2.3.4/8"})
    void otherTextIsNoIpv4Address(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> IpAddress.parse(text))
                .withMessageStartingWith("IP address '").withMessageContaining("expected").withMessageNotContaining("\n");
    }

    @Test
    void aMessageIsOneLineWhateverWasTyped() {
        assertThatIllegalArgumentException().isThrownBy(() -> IpAddress.parse("a\nb\u001b[1m" + "x".repeat(500)))
                .withMessage("IP address 'a?b?[1m" + "x".repeat(57)
                        + "...': expected four numbers such as 172.17.0.2, or an IPv6 address");
    }

    @Test
    void kindsAreTold() {
        assertThat(IpAddress.parse("224.0.0.1").isMulticast()).isTrue();
        assertThat(IpAddress.parse("223.255.255.255").isMulticast()).isFalse();
        assertThat(IpAddress.parse("ff02::1").isMulticast()).isTrue();
        assertThat(IpAddress.parse("127.9.0.1").isLoopback()).isTrue();
        assertThat(IpAddress.parse("::1").isLoopback()).isTrue();
        assertThat(IpAddress.parse("::2").isLoopback()).isFalse();
        assertThat(IpAddress.parse("0.0.0.0").isUnspecified()).isTrue();
        assertThat(IpAddress.parse("::").isUnspecified()).isTrue();
        assertThat(IpAddress.parse("169.254.1.1").isLinkLocal()).isTrue();
        assertThat(IpAddress.parse("febf::1").isLinkLocal()).isTrue();
        assertThat(IpAddress.parse("fec0::1").isLinkLocal()).isFalse();
        assertThat(IpAddress.parse("1.2.3.4").isIpv4()).isTrue();
        assertThat(IpAddress.parse("::1").isIpv4()).isFalse();
        assertThat(IpAddress.parse("1.2.3.4").bits()).isEqualTo(32);
        assertThat(IpAddress.parse("::1").bits()).isEqualTo(128);
    }

    @Test
    void orderIsByFamilyThenUnsigned() {
        assertThat(java.util.stream.Stream.of("ff00::", "::1", "255.0.0.1", "1.0.0.1", "0:0:0:1::", "::ffff:0:0:1")
                .map(IpAddress::parse).sorted().map(IpAddress::toString))
                .containsExactly("1.0.0.1", "255.0.0.1", "::1", "::ffff:0:0:1", "0:0:0:1::", "ff00::");
    }

    @Test
    void theJdksAddressesAreTheSame() throws UnknownHostException {
        for (String text : new String[] {"192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1", "::"}) {
            IpAddress address = IpAddress.parse(text);
            assertThat(IpAddress.ofInetAddress(address.toInetAddress())).isEqualTo(address);
        }
        assertThat(IpAddress.parse("192.0.2.1").toInetAddress()).isEqualTo(InetAddress.ofLiteral("192.0.2.1"));
        assertThat(IpAddress.parse("2001:db8::1").toInetAddress()).isEqualTo(InetAddress.ofLiteral("2001:db8::1"));
    }

    @Test
    void macAddressesRoundTripAndRejectOtherText() {
        assertThat(MacAddress.parse("02:42:AC:11:00:02")).isEqualTo(0x0242_AC11_0002L);
        assertThat(MacAddress.format(0x0242_AC11_0002L)).isEqualTo("02:42:ac:11:00:02");
        for (String text : new String[] {"", "02:42:ac:11:00", "02-42-ac-11-00-02", "0242.ac11.0002",
            "02:42:ac:11:00:0g", "2:42:ac:11:00:002", "02:42:ac:11:00:02 ", "٠2:42:ac:11:00:02"}) {
            assertThatIllegalArgumentException().isThrownBy(() -> MacAddress.parse(text)).withMessage(
                    "MAC address '" + text + "': expected six hexadecimal pairs such as 02:42:ac:11:00:02");
        }
    }

    @Test
    void macAddressesAreDerived() {
        assertThat(MacAddress.ofIpv4(0xAC11_0002)).isEqualTo(0x0242_AC11_0002L);
        assertThat(MacAddress.ofIpv4Multicast(0xEF81_0203)).isEqualTo(0x0100_5E01_0203L);
        assertThat(MacAddress.ofIpv6Multicast(0x1_FF00_0002L)).isEqualTo(0x3333_FF00_0002L);
        assertThat(Ipv6Address.format(Ipv6.LINK_LOCAL_HIGH, MacAddress.eui64(0x0242_AC11_0002L)))
                .isEqualTo("fe80::42:acff:fe11:2");
        assertThat(MacAddress.eui64(0x3456_789A_BCDEL)).isEqualTo(0x3656_78FF_FE9A_BCDEL);
    }

    @Test
    void macAddressesHaveKinds() {
        assertThat(MacAddress.isMulticast(MacAddress.BROADCAST)).isTrue();
        assertThat(MacAddress.isMulticast(0x0242_AC11_0002L)).isFalse();
        assertThat(MacAddress.isBroadcast(MacAddress.BROADCAST)).isTrue();
        assertThat(MacAddress.isBroadcast(0x0100_5E00_0001L)).isFalse();
        assertThat(MacAddress.isStation(0)).isFalse();
        assertThat(MacAddress.isStation(0x0100_5E00_0001L)).isFalse();
        assertThat(MacAddress.isStation(0x0242_AC11_0002L)).isTrue();
        assertThat(MacAddress.isZero(0)).isTrue();
        assertThat(MacAddress.isLinkLocal(0x0180_C200_000EL)).isTrue();
        assertThat(MacAddress.isLinkLocal(0x0180_C200_0010L)).isFalse();
    }
}
