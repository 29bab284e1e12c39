package io.footbridge.control.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.footbridge.wire.IpAddress;
import io.footbridge.wire.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressPoolTest {
    private static IpAddress ip(String text) {
        return IpAddress.parse(text);
    }

    @Test
    void addresses_are_given_out_lowest_first_past_those_that_are_taken() throws RefusedException {
        AddressPool pool = new AddressPool(IpPrefix.parse("10.9.0.0/24"));
        pool.take(ip("10.9.0.1"));
        pool.take(ip("10.9.0.3"));
        assertThat(pool.takeLowest()).contains(ip("10.9.0.2"));
        assertThat(pool.takeLowest()).contains(ip("10.9.0.4"));
    }

    @Test
    void what_is_given_back_is_given_out_again() {
        AddressPool pool = new AddressPool(IpPrefix.parse("fd09::/64"));
        for (int i = 0; i < 10; i++) {
            pool.takeLowest();
        }
        pool.release(ip("fd09::4"));
        assertThat(pool.takeLowest()).contains(ip("fd09::4"));
        assertThat(pool.takeLowest()).contains(ip("fd09::b"));
    }

    @ParameterizedTest
    @CsvSource({"10.9.0.0,cannot be a host's", "10.9.0.255,cannot be a host's", "10.9.1.1,not in subnet", "fd00::1,not in subnet"})
    void what_no_host_may_have_is_refused(String address, String reason) {
        AddressPool pool = new AddressPool(IpPrefix.parse("10.9.0.0/24"));
        assertThatThrownBy(() -> pool.take(ip(address))).isInstanceOf(RefusedException.class).hasMessageContaining(reason);
    }

    @Test
    void an_address_is_taken_once() throws RefusedException {
        AddressPool pool = new AddressPool(IpPrefix.parse("10.9.0.0/24"));
        pool.take(ip("10.9.0.7"));
        assertThatThrownBy(() -> pool.take(ip("10.9.0.7"))).hasMessageStartingWith("Address already in use");
    }

    @ParameterizedTest
    @CsvSource({"10.9.0.0/30,2", "10.9.0.0/31,2", "10.9.0.0/24,254", "10.9.0.0/16,65534", "fd09::/126,3", "fd09::/127,2"})
    void a_subnet_has_so_many_hosts_and_then_none(String subnet, int hosts) {
        AddressPool pool = new AddressPool(IpPrefix.parse(subnet));
        for (int i = 0; i < hosts; i++) {
            assertThat(pool.takeLowest()).isPresent();
        }
        assertThat(pool.takeLowest()).isEmpty();
        assertThat(pool.takeLowest()).isEmpty();
    }

    @Test
    void far_addresses_of_a_wide_subnet_are_no_trouble() throws RefusedException {
        AddressPool pool = new AddressPool(IpPrefix.parse("fd09::/48"));
        pool.take(ip("fd09:0:0:ffff:ffff:ffff:ffff:ffff"));
        pool.release(ip("fd09:0:0:ffff:ffff:ffff:ffff:ffff"));
        assertThat(pool.takeLowest()).contains(ip("fd09::1"));
    }

    @Property(tries = 200)
    void it_always_gives_the_lowest_that_a_plain_model_says_is_free(@ForAll long seed, @ForAll @IntRange(min = 26, max = 31) int length)
        throws RefusedException {
        IpPrefix subnet = IpPrefix.of(ip("10.9.0.0"), length);
        AddressPool pool = new AddressPool(subnet);
        TreeSet<IpAddress> free = new TreeSet<>();
        for (IpAddress host = subnet.firstHost(); host.compareTo(subnet.lastHost()) <= 0; host = next(host)) {
            free.add(host);
        }
        List<IpAddress> taken = new ArrayList<>();
        Random random = new Random(seed);
        for (int i = 0; i < 200; i++) {
            if (random.nextInt(3) > 0 || taken.isEmpty()) {
                Optional<IpAddress> given = pool.takeLowest();
                assertThat(given).isEqualTo(Optional.ofNullable(free.pollFirst()));
                given.ifPresent(taken::add);
            } else {
                IpAddress back = taken.remove(random.nextInt(taken.size()));
                pool.release(back);
                free.add(back);
            }
        }
        assertThat(pool.taken()).isEqualTo(taken.size());
    }

    private static IpAddress next(IpAddress address) {
        if (address instanceof io.footbridge.wire.Ipv4Address(int value)) {
            return new io.footbridge.wire.Ipv4Address(value + 1);
        }
        throw new NoSuchElementException();
    }
}
