package io.footbridge.dataplane;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The ports of a bridge at one moment. Immutable; replaced as a whole, so a worker's batch sees one consistent set. */
final class PortTable {
    static final PortTable EMPTY = new PortTable(new Port[0]);

    private final Port[] byIndex;
    private final Port[] all;
    private final Port host;

    private PortTable(Port[] byIndex) {
        this.byIndex = byIndex;
        this.all = Arrays.stream(byIndex).filter(port -> port != null).toArray(Port[]::new);
        this.host = Arrays.stream(all).filter(port -> port.settings().role() == PortRole.HOST).findFirst().orElse(null);
    }

    /** The port that an FDB entry names, or null when it has just been removed. */
    Port get(int index) {
        return index < byIndex.length ? byIndex[index] : null;
    }

    /** How many ports there are, for {@link #at}. */
    int size() {
        return all.length;
    }

    /** The ports one after another, without gaps. */
    Port at(int position) {
        return all[position];
    }

    /** The host's own interface, or null. */
    Port host() {
        return host;
    }

    List<Port> list() {
        return List.of(all);
    }

    Optional<Port> named(String name) {
        return Arrays.stream(all).filter(port -> port.name().equals(name)).findFirst();
    }

    /** The lowest index that no port has. */
    int freeIndex() {
        for (int i = 0; i < byIndex.length; i++) {
            if (byIndex[i] == null) {
                return i;
            }
        }
        return byIndex.length;
    }

    PortTable with(Port port) {
        Port[] grown = Arrays.copyOf(byIndex, Math.max(byIndex.length, port.index() + 1));
        grown[port.index()] = port;
        return new PortTable(grown);
    }

    PortTable without(Port port) {
        Port[] copy = byIndex.clone();
        copy[port.index()] = null;
        return new PortTable(copy);
    }
}
