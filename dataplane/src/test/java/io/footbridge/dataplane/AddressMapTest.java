package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class AddressMapTest {
    @Property(tries = 200)
    void itIsAMap(@ForAll long seed) {
        Random random = new Random(seed);
        AddressMap map = new AddressMap();
        Map<List<Long>, Integer> model = new HashMap<>();
        int keys = 1 + random.nextInt(300);
        for (int i = 0; i < 3000; i++) {
            long id = random.nextInt(3);
            long high = random.nextInt(2);
            long low = random.nextInt(keys);
            int value = random.nextInt(3);
            map.put(id, high, low, value);
            if (value == 0) {
                model.remove(List.of(id, high, low));
            } else {
                model.put(List.of(id, high, low), value);
            }
            assertThat(map.size()).isEqualTo(model.size());
        }
        for (long id = 0; id < 3; id++) {
            for (long high = 0; high < 2; high++) {
                for (long low = 0; low < keys; low++) {
                    assertThat(map.get(id, high, low)).isEqualTo(model.getOrDefault(List.of(id, high, low), 0));
                }
            }
        }
    }

    @Test
    void theSocketsOfAProtocolMayBeHalfOfTheDescriptors() {
        assertThat(DescriptorLimit.share(4096)).isEqualTo(2048);
        assertThat(DescriptorLimit.share(Long.MAX_VALUE)).isEqualTo(1 << 19);
        assertThat(DescriptorLimit.share(-1)).isEqualTo(512);
        assertThat(DescriptorLimit.share()).isPositive();
    }
}
