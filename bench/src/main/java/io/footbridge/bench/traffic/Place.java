package io.footbridge.bench.traffic;

import io.footbridge.tap.namespace.NetworkNamespace;
import java.io.IOException;

/** Where sockets are made: this process's own network namespace, or another that its threads may enter. */
public interface Place {
    /** This process's own namespace. */
    Place HERE = new Place() {
        @Override
        public <T> T call(Work<T> work) throws IOException {
            return work.call();
        }
    };

    /** Work that makes sockets. It starts no thread. */
    @FunctionalInterface
    interface Work<T> {
        /** Runs on a thread that stands in the place. */
        T call() throws IOException;
    }

    /** Runs work on a thread that stands there, and waits for it. */
    <T> T call(Work<T> work) throws IOException;

    /** A namespace that stays open for as long as the place is used. */
    static Place in(NetworkNamespace namespace) {
        return new Place() {
            @Override
            public <T> T call(Work<T> work) throws IOException {
                return namespace.<T, IOException>call(work::call);
            }
        };
    }
}
