package io.footbridge.control.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.footbridge.wire.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SubnetChooserTest {
    @Test
    void networks_get_the_subnets_of_the_list_in_its_order_and_then_none() throws RefusedException {
        List<IpPrefix> inUse = new ArrayList<>();
        List<String> given = new ArrayList<>();
        for (int i = 0; i < 57; i++) {
            IpPrefix next = SubnetChooser.choose(inUse);
            inUse.add(next);
            given.add(next.toString());
        }
        assertThat(given).startsWith("172.31.0.0/16", "172.29.0.0/16", "172.28.0.0/16", "10.201.0.0/16", "10.202.0.0/16")
            .endsWith("10.254.0.0/16").doesNotHaveDuplicates();
        assertThatThrownBy(() -> SubnetChooser.choose(inUse)).hasMessageContaining("fully subnetted");
    }

    @Test
    void the_default_network_gets_its_own_or_else_the_first_of_the_list() throws RefusedException {
        assertThat(SubnetChooser.chooseForBridge(List.of())).hasToString("172.30.0.0/16");
        assertThat(SubnetChooser.chooseForBridge(List.of(IpPrefix.parse("172.30.9.0/24")))).hasToString("172.31.0.0/16");
    }

    @ParameterizedTest
    @ValueSource(strings = {"172.31.255.0/24", "172.16.0.0/12", "172.31.0.0/16", "172.31.7.7/32"})
    void whatever_overlaps_is_avoided(String inUse) throws RefusedException {
        assertThat(SubnetChooser.choose(List.of(IpPrefix.parse(inUse), IpPrefix.parse("fd00::/8"))).toString())
            .isNotEqualTo("172.31.0.0/16");
    }
}
