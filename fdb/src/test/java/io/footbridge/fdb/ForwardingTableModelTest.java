package io.footbridge.fdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** Random sequences of calls, each answered as a plain map with the same rules answers it. */
class ForwardingTableModelTest {
    private static final int KEYS = 24;
    private static final int PORTS = 4;
    private static final int PORT_LIMIT = 6;
    private static final int LEARN_LIMIT = 16;

    @Property(tries = 1500)
    void theTableAnswersAsTheModel(@ForAll("sequences") List<Call> calls) {
        FdbSettings settings = FdbSettings.of(256, PORTS).withLearnLimit(LEARN_LIMIT).withPortLimit(PORT_LIMIT);
        ForwardingTable table = Tables.of(settings);
        Model model = new Model(settings);
        for (Call call : calls) {
            assertThat(call.on(table, model.now)).as(call.toString()).isEqualTo(model.answer(call));
            assertSame(table, model);
        }
    }

    private static void assertSame(ForwardingTable table, Model model) {
        assertThat(table.size()).isEqualTo(model.entries.size());
        for (int port = 0; port < PORTS; port++) {
            assertThat(table.learned(port)).isEqualTo(model.learned(port));
        }
        Set<ForwardingEntry> valid = new HashSet<>();
        for (int n = 0; n < KEYS; n++) {
            Model.Content content = model.valid(key(n));
            assertThat(table.lookup(key(n), model.now)).isEqualTo(content == null ? ForwardingTable.NONE : content.port);
            if (content != null) {
                valid.add(content.entry(key(n), model.now));
            }
        }
        Set<ForwardingEntry> shown = new HashSet<>();
        table.forEach(model.now, entry -> assertThat(shown.add(entry)).isTrue());
        assertThat(shown).isEqualTo(valid);
    }

    @Provide
    Arbitrary<List<Call>> sequences() {
        Arbitrary<Integer> keys = Arbitraries.integers().between(0, KEYS - 1);
        Arbitrary<Integer> ports = Arbitraries.integers().between(0, PORTS - 1);
        Arbitrary<Call> learn = Combinators.combine(keys, ports).as(Learn::new);
        Arbitrary<Call> put = Combinators.combine(keys, ports, Arbitraries.of(EntryKind.class), Arbitraries.of(true, false),
                Arbitraries.of(true, false)).as(Put::new);
        return Arbitraries.frequencyOf(
                Tuple.of(20, learn),
                Tuple.of(4, put),
                Tuple.of(3, keys.map(Remove::new)),
                Tuple.of(5, Arbitraries.integers().between(0, 40).map(Wait::new)),
                Tuple.of(2, Arbitraries.of(true).map(any -> new Sweep())),
                Tuple.of(1, Arbitraries.of(0, 10, 50).map(Ageing::new)),
                Tuple.of(1, ports.map(Flush::new)),
                Tuple.of(1, ports.map(RemovePort::new)),
                Tuple.of(1, Arbitraries.of(true).map(any -> new FlushDynamic())),
                Tuple.of(1, Combinators.combine(ports, Arbitraries.integers().between(0, 10)).as(Limit::new)))
                .list().ofMinSize(1).ofMaxSize(120);
    }

    private static long key(int n) {
        return ForwardingTable.key(n % 3, 0x02_00_00_00_00_10L + n);
    }

    sealed interface Call {
        Object on(ForwardingTable table, int now);
    }

    record Learn(int n, int port) implements Call {
        @Override
        public Object on(ForwardingTable table, int now) {
            return table.learn(key(n), table.touch(key(n)), port, now);
        }
    }

    record Put(int n, int port, EntryKind kind, boolean sticky, boolean overAny) implements Call {
        @Override
        public Object on(ForwardingTable table, int now) {
            return overAny ? table.replace(key(n), port, kind, sticky, now) : table.add(key(n), port, kind, sticky, now);
        }
    }

    record Remove(int n) implements Call {
        @Override
        public Object on(ForwardingTable table, int now) {
            return table.remove(key(n));
        }
    }

    record Wait(int ticks) implements Call {
        @Override
        public Object on(ForwardingTable table, int now) {
            return 0;
        }
    }

    record Sweep() implements Call {
        @Override
        public Object on(ForwardingTable table, int now) {
            return table.sweep(now, Integer.MAX_VALUE);
        }
    }

    record Ageing(int ticks) implements Call {
        @Override
        public Object on(ForwardingTable table, int now) {
            table.ageing(ticks);
            return 0;
        }
    }

    record Flush(int port) implements Call {
        @Override
        public Object on(ForwardingTable table, int now) {
            return table.flush(port);
        }
    }

    record RemovePort(int port) implements Call {
        @Override
        public Object on(ForwardingTable table, int now) {
            return table.removePort(port);
        }
    }

    record FlushDynamic() implements Call {
        @Override
        public Object on(ForwardingTable table, int now) {
            return table.flushDynamic();
        }
    }

    record Limit(int port, int entries) implements Call {
        @Override
        public Object on(ForwardingTable table, int now) {
            table.limit(port, entries);
            return 0;
        }
    }

    /** The rules of the table over a map, for one thread. */
    private static final class Model {
        final Map<Long, Content> entries = new HashMap<>();
        final int[] limits = new int[PORTS];
        final FdbSettings settings;
        int ageing;
        /** So that ticks wrap within a sequence. */
        int now = -20;

        Model(FdbSettings settings) {
            this.settings = settings;
            ageing = settings.ageing();
            Arrays.fill(limits, settings.portLimit());
        }

        record Content(int port, EntryKind kind, boolean sticky, int tick) {
            ForwardingEntry entry(long key, int now) {
                return new ForwardingEntry(ForwardingTable.vlan(key), ForwardingTable.mac(key), port, kind, sticky,
                        now - tick);
            }
        }

        int learned(int port) {
            return (int) entries.values().stream()
                    .filter(content -> content.port == port && content.kind == EntryKind.DYNAMIC).count();
        }

        Content valid(long key) {
            Content content = entries.get(key);
            return content == null || expired(content) ? null : content;
        }

        boolean expired(Content content) {
            return content.kind == EntryKind.DYNAMIC && now - content.tick >= ageing;
        }

        Object answer(Call call) {
            return switch (call) {
                case Learn(int n, int port) -> learn(key(n), port);
                case Put(int n, int port, EntryKind kind, boolean sticky, boolean overAny) ->
                        put(key(n), new Content(port, kind, sticky, now), overAny);
                case Remove(int n) -> entries.remove(key(n)) != null;
                case Wait(int ticks) -> {
                    now += ticks;
                    yield 0;
                }
                case Sweep() -> removeIf(this::expired);
                case Ageing(int ticks) -> {
                    ageing = ticks;
                    yield 0;
                }
                case Flush(int port) -> removeIf(content -> content.port == port && content.kind != EntryKind.PERMANENT);
                case RemovePort(int port) -> removeIf(content -> content.port == port);
                case FlushDynamic() -> removeIf(content -> content.kind == EntryKind.DYNAMIC);
                case Limit(int port, int count) -> {
                    limits[port] = count;
                    yield 0;
                }
            };
        }

        private int removeIf(Predicate<Content> condition) {
            int before = entries.size();
            entries.values().removeIf(condition);
            return before - entries.size();
        }

        private int learn(long key, int port) {
            Content old = entries.get(key);
            Content valid = valid(key);
            boolean full = learned(port) >= limits[port];
            if (old == null) {
                if (full || entries.size() >= settings.learnLimit()) {
                    return LearnOutcome.REFUSED_LIMIT;
                }
            } else if (valid == null) {
                if (old.port != port && full) {
                    return LearnOutcome.REFUSED_LIMIT;
                }
            } else if (valid.port == port) {
                entries.put(key, new Content(port, valid.kind, valid.sticky, now));
                return LearnOutcome.REFRESHED;
            } else if (valid.kind == EntryKind.PERMANENT) {
                return LearnOutcome.REFUSED_PERMANENT;
            } else if (valid.sticky) {
                return LearnOutcome.REFUSED_STICKY;
            } else if (valid.kind == EntryKind.DYNAMIC && full) {
                return LearnOutcome.REFUSED_LIMIT;
            } else {
                entries.put(key, new Content(port, valid.kind, false, now));
                return LearnOutcome.MOVED;
            }
            entries.put(key, new Content(port, EntryKind.DYNAMIC, false, now));
            return LearnOutcome.LEARNED;
        }

        private AddOutcome put(long key, Content content, boolean overAny) {
            Content valid = valid(key);
            if (valid != null && !overAny && valid.kind != EntryKind.DYNAMIC) {
                return AddOutcome.EXISTS;
            }
            if (!entries.containsKey(key) && entries.size() >= settings.capacity()) {
                return AddOutcome.FULL;
            }
            entries.put(key, content);
            return valid == null ? AddOutcome.ADDED : AddOutcome.REPLACED;
        }
    }
}
