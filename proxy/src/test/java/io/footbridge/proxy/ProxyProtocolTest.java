package io.footbridge.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** Bytes from doc/proxy-protocol.txt of haproxy, sections 2.1 and 2.2. */
class ProxyProtocolTest {
    private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";

    private static InetSocketAddress at(String address, int port) {
        return new InetSocketAddress(address, port);
    }

    private static String text(InetSocketAddress client, InetSocketAddress asked) {
        return new String(ProxyProtocol.V1.header(client, asked), StandardCharsets.US_ASCII);
    }

    private static String hex(InetSocketAddress client, InetSocketAddress asked) {
        return HexFormat.of().formatHex(ProxyProtocol.V2.header(client, asked));
    }

    @Test
    void version1IsTheSpecificationsLine() {
        assertThat(text(at("192.168.0.1", 56324), at("192.168.0.11", 443)))
                .isEqualTo("PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n");
        assertThat(text(at("255.255.255.255", 65535), at("255.255.255.255", 65535)))
                .isEqualTo("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n").hasSize(56);
        String longest = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
        assertThat(text(at(longest, 65535), at(longest, 65535)))
                .isEqualTo("PROXY TCP6 " + longest + " " + longest + " 65535 65535\r\n").hasSize(104);
    }

    @Test
    void version1NeverShowsAnIpv4ClientAsIpv6() {
        assertThat(text(at("::ffff:192.0.2.1", 1), at("::ffff:192.0.2.2", 2))).isEqualTo("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n");
    }

    @Test
    void version2IsSignatureCommandFamilyLengthAndAddresses() {
        assertThat(hex(at("192.168.0.1", 56324), at("192.168.0.11", 443)))
                .isEqualTo(SIGNATURE + "21" + "11" + "000c" + "c0a80001" + "c0a8000b" + "dc04" + "01bb");
        assertThat(hex(at("2001:db8::1", 56324), at("2001:db8::2", 443)))
                .isEqualTo(SIGNATURE + "21" + "21" + "0024" + "20010db8000000000000000000000001"
                        + "20010db8000000000000000000000002" + "dc04" + "01bb");
    }

    @Test
    void withoutTheProtocolNothingIsSent() {
        assertThat(ProxyProtocol.NONE.header(at("192.0.2.1", 1), at("192.0.2.2", 2))).isEmpty();
    }
}
