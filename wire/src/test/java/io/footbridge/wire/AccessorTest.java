package io.footbridge.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Holds for every pair of getter and setter: what is set is got, as wide as the field is, and no other bit moves. */
class AccessorTest {
    private static final List<Class<?>> PROTOCOLS = List.of(BigEndian.class, Ethernet.class, Vlan.class, Arp.class,
            Ipv4.class, Ipv6.class, Udp.class, Tcp.class, Icmp.class, Icmpv6.class, NeighbourDiscovery.class,
            Dhcp.class, Dhcpv6.class,
            VirtioNetHeader.class);

    /** Its unit is 4 bytes and it clears reserved bits; TcpTest has it. */
    private static final Set<String> APART = Set.of("Tcp.headerLength");
    private static final int OFFSET = 5;

    @Test
    void everySetterHasItsGetterAndTouchesItsFieldAlone() throws Throwable {
        int pairs = 0;
        for (Pair pair : pairs()) {
            pairs++;
            Random random = new Random(pairs);
            for (int round = 0; round < 100; round++) {
                byte[] bytes = new byte[64];
                random.nextBytes(bytes);
                byte[] before = bytes.clone();
                MemorySegment memory = MemorySegment.ofArray(bytes);
                long old = pair.get(memory);
                pair.set(memory, -1);
                long mask = pair.get(memory);
                long value = pair.type() == int.class ? random.nextInt() : random.nextLong();
                pair.set(memory, value);
                assertThat(pair.get(memory)).as(pair.name()).isEqualTo(value & mask);
                pair.set(memory, old);
                assertThat(bytes).as(pair.name()).isEqualTo(before);
            }
        }
        assertThat(pairs).isGreaterThan(60);
    }

    private static List<Pair> pairs() throws IllegalAccessException {
        List<Pair> pairs = new ArrayList<>();
        for (Class<?> protocol : PROTOCOLS) {
            for (Method setter : protocol.getDeclaredMethods()) {
                Class<?>[] types = setter.getParameterTypes();
                if (!Modifier.isPublic(setter.getModifiers()) || setter.getReturnType() != void.class
                        || types.length != 3) {
                    continue;
                }
                String name = protocol.getSimpleName() + "." + setter.getName();
                Method getter = getter(protocol, setter.getName());
                if (getter != null && getter.getReturnType() == types[2] && !APART.contains(name)) {
                    MethodHandles.Lookup lookup = MethodHandles.lookup();
                    pairs.add(new Pair(name, lookup.unreflect(getter), lookup.unreflect(setter), types[2]));
                }
            }
        }
        return pairs;
    }

    private static Method getter(Class<?> protocol, String name) {
        try {
            return protocol.getMethod(name, MemorySegment.class, long.class);
        } catch (NoSuchMethodException e) {
            return null;
        }
    }

    private record Pair(String name, MethodHandle getter, MethodHandle setter, Class<?> type) {
        long get(MemorySegment memory) throws Throwable {
            Object value = getter.invoke(memory, OFFSET);
            return ((Number) value).longValue();
        }

        void set(MemorySegment memory, long value) throws Throwable {
            if (type == int.class) {
                setter.invoke(memory, OFFSET, (int) value);
            } else {
                setter.invoke(memory, OFFSET, value);
            }
        }
    }
}
