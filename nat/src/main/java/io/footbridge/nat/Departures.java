package io.footbridge.nat;

import io.footbridge.memory.Epochs;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Owners and outside addresses that were removed: they go when no record names them and all workers have passed. Locks. */
final class Departures {
    private static final long NO_TICKET = -1;

    private final Epochs epochs;
    private final List<Departure> waiting = new ArrayList<>();

    private static final class Departure {
        final BooleanSupplier isNamed;
        final Runnable go;
        long ticket = NO_TICKET;

        Departure(BooleanSupplier isNamed, Runnable go) {
            this.isNamed = isNamed;
            this.go = go;
        }
    }

    Departures(Epochs epochs) {
        this.epochs = epochs;
    }

    /**
     * Takes something in.
     *
     * @param isNamed whether a record names it; once not, never again
     * @param go runs when it may go
     */
    synchronized void add(BooleanSupplier isNamed, Runnable go) {
        waiting.add(new Departure(isNamed, go));
    }

    /** Lets go what may. */
    synchronized void advance() {
        for (Iterator<Departure> all = waiting.iterator(); all.hasNext();) {
            Departure departure = all.next();
            if (departure.ticket == NO_TICKET && !departure.isNamed.getAsBoolean()) {
                departure.ticket = epochs.retire();
            }
            if (departure.ticket != NO_TICKET && epochs.passed(departure.ticket)) {
                departure.go.run();
                all.remove();
            }
        }
    }
}
