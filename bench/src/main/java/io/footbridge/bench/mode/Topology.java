package io.footbridge.bench.mode;

import io.footbridge.bench.site.Namespace;
import io.footbridge.bench.traffic.Host;
import io.footbridge.bench.traffic.LocalHost;
import java.util.Optional;

/**
 * Where the two ends stand.
 *
 * @param client where the client's tasks run
 * @param clientNamespace the same for other programs; empty where bench may not enter it
 * @param server where the responder stands
 * @param listen the address that it listens at
 * @param target the address at which the client reaches it
 * @param port the port, at both ends; the next one is the cross-check's
 */
record Topology(Host client, Optional<Namespace> clientNamespace, Namespace server, String listen, String target, int port) {
    static final String ANY = "0.0.0.0";

    /** Two namespaces of ours. */
    static Topology between(Namespace client, Namespace server, String target) {
        return new Topology(new LocalHost(client.place()), Optional.of(client), server, ANY, target, Mode.PORT);
    }
}
