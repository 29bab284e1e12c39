package io.footbridge.tap;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressTextTest {
    /** The examples of RFC 5952, sections 4 and 5, and the ends of the range. */
    @ParameterizedTest
    @CsvSource({"10.9.0.1,10.9.0.1", "2001:0db8::0001,2001:db8::1", "2001:db8:0:0:0:0:2:1,2001:db8::2:1",
        "2001:db8:0:1:1:1:1:1,2001:db8:0:1:1:1:1:1", "2001:0:0:1:0:0:0:1,2001:0:0:1::1",
        "2001:db8:0:0:1:0:0:1,2001:db8::1:0:0:1", "0:0:0:0:0:0:0:0,::", "0:0:0:0:0:0:0:1,::1", "fd00:0:0:0:0:0:0:0,fd00::",
        "2001:DB8::AB,2001:db8::ab"})
    void writesTheShortestForm(String given, String expected) {
        assertThat(AddressText.of(InetAddress.ofLiteral(given))).isEqualTo(expected);
    }

    @Property(tries = 500)
    void whatIsWrittenIsTheSameAddress(@ForAll @Size(16) byte[] bytes) throws UnknownHostException {
        bytes[0] = (byte) 0x20;
        InetAddress address = Inet6Address.getByAddress(null, bytes, -1);
        assertThat(InetAddress.ofLiteral(AddressText.of(address))).isEqualTo(address);
    }
}
