package io.footbridge.dataplane;

import io.footbridge.nat.SessionView;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletionException;

/**
 * Which networks reach the world by the host's own sockets, under {@link Routing}'s lock. All of them share one realm, in
 * which their flows read as they do on the network. Any thread.
 */
final class SocketsRouting {
    private final Routing routing;
    private final Routing.Hooks hooks;
    private int realm;

    SocketsRouting(Routing routing, Routing.Hooks hooks) {
        this.routing = routing;
        this.hooks = hooks;
    }

    /** The realm of the host's sockets; 0 until a network goes by them. */
    int realm() {
        return realm;
    }

    /** See {@link Engine#routeBySockets}. */
    void route(Bridge network, Optional<SocketsSettings> wanted) throws IOException {
        synchronized (routing) {
            routing.requireThere(network);
            SocketsRoute old = network.socketsRoute();
            if (wanted.isPresent()) {
                network.socketsRoute(old == null ? new SocketsRoute(wanted.get()) : old.with(wanted.get()));
                if (routing.table() != null || !network.ports().isEmpty()) {
                    enable(network);
                }
            } else if (old != null) {
                network.socketsRoute(null);
                hooks.awaitEpoch();
                if (routing.table() != null) {
                    routing.table().flush(flow -> isOf(flow, network.realm()));
                }
            }
        }
    }

    /** A network gets a port: with the first one there is somebody who may open flows, and only then their table is made. */
    void portComes(Bridge network) throws IOException {
        synchronized (routing) {
            if (network.socketsRoute() != null && network.ports().isEmpty()) {
                enable(network);
            }
        }
    }

    private void enable(Bridge network) throws IOException {
        routing.enable(network.gateway().flatMap(GatewaySettings::ipv6).isPresent());
        if (realm == 0) {
            realm = routing.newRealm();
        }
        routing.rebuild();
    }

    /** See {@link Engine#listen}. */
    ListeningPort listen(PortForward forward) throws IOException {
        Port container = forward.container();
        if (container.bridge().socketsRoute() == null || !container.isAttached()) {
            throw new IllegalStateException("network " + container.bridge().name() + " does not go by the host's sockets");
        }
        PublishedPort published = new PublishedPort(forward);
        Worker owner = container.owner();
        try {
            owner.execute(() -> owner.sockets().listen(published)).join();
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof IOException refused) {
                throw refused;
            }
            throw failed;
        }
        return new ListeningPort(published, () -> {
            if (container.isAttached()) {
                owner.execute(() -> owner.sockets().unlisten(published)).join();
            }
        });
    }

    private boolean isOf(SessionView flow, int network) {
        int from = flow.original().realm();
        int to = flow.reply().realm();
        return from == network && to == realm || from == realm && to == network;
    }
}
