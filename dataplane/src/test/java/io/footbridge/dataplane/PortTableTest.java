package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PortTableTest {
    private final TestBridge net = new TestBridge();

    @AfterEach
    void close() {
        net.close();
    }

    @Test
    void theLowestFreeIndexIsGivenOut() {
        assertThat(PortTable.EMPTY.freeIndex()).isZero();
        Station a = net.add(TestBridge.link());
        Station b = net.add(TestBridge.link());
        net.add(TestBridge.link());
        assertThat(net.bridge.portTable().freeIndex()).isEqualTo(3);
        PortTable without = net.bridge.portTable().without(b.port);
        assertThat(without.freeIndex()).isEqualTo(1);
        assertThat(without.without(a.port).freeIndex()).isZero();
    }

    @Test
    void portsAreFoundByIndexPositionAndName() {
        Station a = net.add(TestBridge.link());
        Station b = net.add(TestBridge.link());
        Station host = net.add(PortSettings.of(PortRole.HOST, 1500));
        PortTable table = net.bridge.portTable().without(a.port);
        assertThat(table.get(0)).isNull();
        assertThat(table.get(1)).isSameAs(b.port);
        assertThat(table.get(99)).isNull();
        assertThat(table.get(Bridge.GATEWAY_INDEX)).isNull();
        assertThat(table.size()).isEqualTo(2);
        assertThat(table.at(0)).isSameAs(b.port);
        assertThat(table.at(1)).isSameAs(host.port);
        assertThat(table.list()).containsExactly(b.port, host.port);
        assertThat(table.named("p2")).containsSame(host.port);
        assertThat(table.named("p0")).isEmpty();
        assertThat(table.host()).isSameAs(host.port);
        assertThat(table.without(host.port).host()).isNull();
    }

    @Test
    void aTableDoesNotChangeWhenAnotherIsMadeOfIt() {
        Station a = net.add(TestBridge.link());
        PortTable before = net.bridge.portTable();
        net.add(TestBridge.link());
        net.remove(a);
        assertThat(before.list()).containsExactly(a.port);
        assertThat(before.get(0)).isSameAs(a.port);
    }
}
