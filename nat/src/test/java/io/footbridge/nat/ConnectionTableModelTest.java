package io.footbridge.nat;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.wire.Protocol;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Few hosts, ports and servers, so that tuples come again; against maps that know each flow and when it was last seen. */
class ConnectionTableModelTest {
    private static final int STEPS = 1500;
    private static final int TIMEOUT = 120 * Expiry.TICKS_PER_SECOND;

    private record Packet(int protocol, int host, int port, int server) {
    }

    private record Known(int flow, int outsidePort, Tuple reply, int[] seen) {
    }

    @Property(tries = 60)
    void theTableAgreesWithAMap(@ForAll long seed) throws IOException {
        try (TestTable bed = new TestTable(NatSettings.MIN_CAPACITY)) {
            Random random = new Random(seed);
            Map<Packet, Known> model = new HashMap<>();
            for (int i = 0; i < STEPS; i++) {
                step(bed, random, model);
                if (random.nextInt(8) == 0) {
                    bed.pass();
                }
            }
            model.values().removeIf(known -> bed.now - known.seen[0] > TIMEOUT);
            bed.settleDown();
            check(bed, model);
            bed.seconds(121);
            bed.settleDown();
            assertThat(bed.table.count()).isZero();
            assertThat(bed.table.indexed()).isZero();
            assertThat(bed.owner.hasAny()).isFalse();
            assertThat(bed.outside.taken(Protocol.UDP)).isZero();
        }
    }

    private void step(TestTable bed, Random random, Map<Packet, Known> model) {
        Packet packet = new Packet(Protocol.UDP, random.nextInt(4), 1023 + random.nextInt(4), random.nextInt(4));
        Known known = model.get(packet);
        if (known != null && bed.now - known.seen[0] > TIMEOUT) {
            model.remove(packet);
            known = null;
        }
        int flow = bed.find(packet.protocol, TestTable.host(packet.host), packet.port, TestTable.SERVER + packet.server, 53,
                TestTable.INSIDE_REALM);
        assertThat(flow).isEqualTo(known == null ? ConnectionTable.NONE : known.flow);
        switch (random.nextInt(8)) {
            case 0 -> bed.seconds(random.nextInt(60));
            case 1 -> bed.table.sweep(random.nextInt(40), bed.now);
            case 2 -> {
                if (known != null) {
                    assertThat(bed.table.remove(TestTable.LANE, flow)).isTrue();
                    model.remove(packet);
                }
            }
            case 3 -> {
                if (known != null) {
                    assertThat(bed.find(known.reply)).isEqualTo(ConnectionTable.reverse(flow));
                    bed.table.seen(ConnectionTable.reverse(flow), 1, bed.now);
                    known.seen[0] = bed.now;
                }
            }
            default -> {
                int opened = bed.udp(TestTable.host(packet.host), packet.port, TestTable.SERVER + packet.server);
                if (known == null) {
                    model.put(packet, new Known(opened, bed.outsidePort(opened), bed.replyOf(opened), new int[] {bed.now}));
                } else {
                    assertThat(opened).isEqualTo(flow);
                }
            }
        }
    }

    /** One inside end has one port, and no two have the same. */
    private void check(TestTable bed, Map<Packet, Known> model) {
        assertThat(bed.table.count()).isEqualTo(model.size());
        Map<String, Integer> ports = new HashMap<>();
        model.forEach((packet, known) -> {
            Integer other = ports.put(packet.host + " " + packet.port, known.outsidePort);
            assertThat(other).isIn(null, known.outsidePort);
            assertThat(known.outsidePort < 1024).isEqualTo(packet.port < 1024);
            assertThat(bed.find(known.reply)).isEqualTo(ConnectionTable.reverse(known.flow));
        });
        Set<Integer> distinct = new HashSet<>(ports.values());
        assertThat(distinct).hasSize(ports.size());
        assertThat(bed.table.mappings()).isEqualTo(ports.size());
        assertThat(bed.owner.ports()).isEqualTo(ports.size());
    }
}
