package io.footbridge.control.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.footbridge.control.model.UplinkRequest.Frames;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UplinkRequestTest {
    @ParameterizedTest
    @ValueSource(strings = {"none", "sockets", "frames:eth1", "frames:eth1,addr=auto", "frames:eth1,addr=198.51.100.10/24",
        "frames:eth1,addr=198.51.100.10/24,addr6=2001:db8::10/64,gw=198.51.100.1,gw6=fe80::1,mac=02:00:00:00:00:07",
        "frames:eth1,addr=auto,gw=198.51.100.1,gw6=2001:db8::1", "frames:eth1,addr=198.51.100.0/31,gw=198.51.100.1",
        "frames:eth1,addr=198.51.100.10/32"})
    void what_is_well_formed_reads_back_as_it_was_written(String text) {
        assertThat(UplinkRequest.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "frames:eth1,gw=198.51.100.1,addr=198.51.100.10/24|frames:eth1,addr=198.51.100.10/24,gw=198.51.100.1",
        "frames:eth1,addr=198.51.100.10/24,addr6=2001:DB8:0::10/64,mac=02:AB:00:00:00:07"
            + "|frames:eth1,addr=198.51.100.10/24,addr6=2001:db8::10/64,mac=02:ab:00:00:00:07"})
    void order_and_spelling_do_not_matter(String text, String kept) {
        assertThat(UplinkRequest.parse(text)).hasToString(kept).isEqualTo(UplinkRequest.parse(kept));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
        "\"\"|expected sockets, none or frames:IFNAME,addr=CIDR, got ''", "socket|expected sockets, none or frames:",
        "frames:|an interface name is empty", "frames:lo,addr=auto|interface name 'lo'", "frames:a/b,addr=auto|interface name",
        "frames:interface-too-long,addr=auto|interface name",
        "frames:eth1,|expected KEY=VALUE, got ''", "frames:eth1,auto|expected KEY=VALUE, got 'auto'",
        "frames:eth1,gw=198.51.100.1|addr is missing", "frames:eth1,addr=auto,addr=auto|addr stands there twice",
        "frames:eth1,addr=auto,mtu=1400|unknown key 'mtu'; known are addr, addr6, gw, gw6, mac",
        "frames:eth1,addr=198.51.100.10|addr: subnet '198.51.100.10': expected an address and a length",
        "frames:eth1,addr=198.51.100.0/24|addr: 198.51.100.0/24 cannot be a host's address",
        "frames:eth1,addr=198.51.100.255/24|addr: 198.51.100.255/24 cannot be a host's address",
        "frames:eth1,addr=127.0.0.2/8|addr: 127.0.0.2/8 cannot be a host's", "frames:eth1,addr=224.0.0.5/24|addr: 224.0.0.5/24 cannot",
        "frames:eth1,addr=0.0.0.0/0|addr: 0.0.0.0/0 cannot", "frames:eth1,addr=250.0.0.1/24|addr: 250.0.0.1/24 cannot",
        "frames:eth1,addr=auto,addr6=fe80::1/64|addr6: fe80::1/64 cannot",
        "frames:eth1,addr=auto,addr6=ff02::1/64|addr6: ff02::1/64 cannot",
        "frames:eth1,addr=198.51.100.10/24,gw=203.0.113.1|gw: 203.0.113.1 is not in the uplink's subnet 198.51.100.0/24",
        "frames:eth1,addr=198.51.100.10/24,gw=198.51.100.255|gw: 198.51.100.255 cannot be a host's address",
        "frames:eth1,addr=198.51.100.10/24,gw=198.51.100.10|gw: 198.51.100.10 is the uplink's own address",
        "frames:eth1,addr=198.51.100.10/24,gw6=2001:db8::1|gw6: needs addr6",
        "frames:eth1,addr=198.51.100.10/24,addr6=2001:db8::10/64,gw6=2001:db9::1|gw6: 2001:db9::1 is not in the uplink's subnet",
        "frames:eth1,addr=auto,gw=x|gw: ", "frames:eth1,addr=auto,mac=01:00:5e:00:00:01|mac: 01:00:5e:00:00:01 cannot be an uplink's",
        "frames:eth1,addr=auto,mac=00:00:00:00:00:00|mac: 00:00:00:00:00:00 cannot be", "frames:eth1,addr=auto,mac=2|mac: "})
    void what_cannot_be_is_refused_and_said(String text, String message) {
        assertThatThrownBy(() -> UplinkRequest.parse(text)).isInstanceOf(IllegalArgumentException.class)
            .hasMessageStartingWith(message);
    }

    @Property(tries = 1000)
    void any_options_are_taken_or_refused_in_one_line(@ForAll @StringLength(max = 16) @CharRange(from = ',', to = 'z') String options) {
        try {
            UplinkRequest read = UplinkRequest.parse("frames:eth1,addr=198.51.100.10/24," + options);
            assertThat(read).isInstanceOf(Frames.class);
            assertThat(UplinkRequest.parse(read.toString())).isEqualTo(read);
        } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage()).hasLineCount(1);
        }
    }
}
