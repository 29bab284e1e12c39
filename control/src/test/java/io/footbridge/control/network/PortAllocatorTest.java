package io.footbridge.control.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.footbridge.control.model.PortRange;
import io.footbridge.control.model.PublishSpec;
import io.footbridge.control.model.RefusedException;
import io.footbridge.wire.IpAddress;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PortAllocatorTest {
    private final PortAllocator ports = new PortAllocator(new PortRange(32768, 32771));

    private List<Binding> take(String spec, String... addresses) throws RefusedException {
        return ports.take(PublishSpec.parse(spec), Stream.of(addresses).map(IpAddress::parse).toList());
    }

    private int one(String spec, String... addresses) throws RefusedException {
        return take(spec, addresses).getFirst().hostPort();
    }

    @Test
    void who_wants_any_port_gets_the_next_one_after_the_last_given_and_freed_ones_only_when_all_went_round() throws RefusedException {
        List<Binding> first = take("80", "0.0.0.0");
        assertThat(first.getFirst().hostPort()).isEqualTo(32768);
        assertThat(one("80", "0.0.0.0")).isEqualTo(32769);
        first.forEach(ports::release);
        assertThat(one("80", "0.0.0.0")).isEqualTo(32770);
        assertThat(one("80/udp", "0.0.0.0")).as("each protocol counts for itself").isEqualTo(32768);
        assertThat(one("80", "0.0.0.0")).isEqualTo(32771);
        assertThat(one("80", "0.0.0.0")).isEqualTo(32768);
        assertThatThrownBy(() -> take("80", "0.0.0.0")).hasMessage("all ports are allocated: 32768-32771/tcp");
    }

    @Test
    void a_range_without_outside_ports_gets_one_each_or_none() throws RefusedException {
        assertThat(take("80-82", "0.0.0.0")).extracting(Binding::hostPort).containsExactly(32768, 32769, 32770);
        assertThatThrownBy(() -> take("80-81", "0.0.0.0")).hasMessageStartingWith("all ports are allocated");
        assertThat(one("80", "0.0.0.0")).as("what it had of them is free again").isEqualTo(32771);
    }

    @Test
    void one_port_inside_gets_the_first_free_of_a_range_outside() throws RefusedException {
        assertThat(one("8000-8002:80", "0.0.0.0")).isEqualTo(8000);
        assertThat(one("8001:81", "0.0.0.0")).isEqualTo(8001);
        assertThat(one("8000-8002:80", "0.0.0.0")).isEqualTo(8002);
        assertThatThrownBy(() -> take("8000-8002:80", "0.0.0.0")).hasMessageStartingWith("all ports are allocated");
    }

    @Test
    void ranges_of_one_length_map_one_to_one_and_one_taken_port_refuses_all() throws RefusedException {
        assertThat(take("8000-8003:80-83", "0.0.0.0")).singleElement()
            .satisfies(binding -> assertThat(binding.count()).isEqualTo(4));
        assertThatThrownBy(() -> take("7998-8001:80-83", "0.0.0.0")).hasMessage("Bind for 0.0.0.0:8000 failed: port is already allocated");
        assertThat(one("7999:80", "0.0.0.0")).isEqualTo(7999);
    }

    @ParameterizedTest
    @CsvSource({"8080:80, 0.0.0.0, 0.0.0.0, false", "8080:80, 198.51.100.10, 198.51.100.10, false",
        "8080:80, 0.0.0.0, 198.51.100.10, false", "8080:80, 198.51.100.10, 0.0.0.0, false",
        "8080:80, 198.51.100.10, 198.51.100.11, true", "8080:80, 0.0.0.0, ::, true", "8080:80/udp, 0.0.0.0, 0.0.0.0, true",
        "8081:80, 0.0.0.0, 0.0.0.0, true"})
    void all_addresses_of_a_family_conflict_with_each_and_nothing_else_does(String second, String address, String other, boolean free)
        throws RefusedException {
        take("8080:80", address);
        if (free) {
            assertThat(take(second, other)).hasSize(1);
        } else {
            assertThatThrownBy(() -> take(second, other)).isInstanceOf(RefusedException.class)
                .hasMessage("Bind for " + other + ":8080 failed: port is already allocated");
        }
    }

    @Test
    void both_families_get_the_same_number_or_nothing() throws RefusedException {
        take("32768:80", "::");
        assertThat(one("80", "0.0.0.0", "::")).isEqualTo(32769);
        assertThatThrownBy(() -> take("32768:80", "0.0.0.0", "::")).hasMessage("Bind for [::]:32768 failed: port is already allocated");
        assertThat(one("32768:80", "0.0.0.0")).isEqualTo(32768);
    }
}
