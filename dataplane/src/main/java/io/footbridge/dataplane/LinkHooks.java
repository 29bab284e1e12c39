package io.footbridge.dataplane;

import io.footbridge.nat.ConnectionTable;
import io.footbridge.nat.Tuple;
import io.footbridge.wire.IpAddress;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletionException;

/** Does on an uplink's link what routing asks for. */
final class LinkHooks implements Routing.Hooks {
    private final Runnable awaitEpoch;
    private final Housekeeping housekeeping;
    private final Worker[] workers;
    private final long seed;

    LinkHooks(Runnable awaitEpoch, Housekeeping housekeeping, Worker[] workers, long seed) {
        this.awaitEpoch = awaitEpoch;
        this.housekeeping = housekeeping;
        this.workers = workers;
        this.seed = seed;
    }

    @Override
    public void enable(ConnectionTable table) throws IOException {
        try {
            for (Worker worker : workers) {
                worker.execute(() -> worker.routed().enable(table, seed + worker.id())).join();
            }
        } catch (CompletionException failed) {
            throw new IOException(failed.getCause().getMessage(), failed.getCause());
        }
    }

    @Override
    public void awaitEpoch() {
        awaitEpoch.run();
    }

    @Override
    public void probe(Uplink uplink, List<IpAddress> addresses) throws AddressInUseException {
        synchronized (uplink) {
            AddressProbe.run(uplink.port(), uplink.settings().mac(), addresses);
        }
    }

    @Override
    public void announce(Uplink uplink, Collection<IpAddress> addresses) {
        announceOnce(uplink, addresses);
        housekeeping.executeAgain(() -> announceOnce(uplink, addresses));
    }

    private static void announceOnce(Uplink uplink, Collection<IpAddress> addresses) {
        Port port = uplink.port();
        port.owner().execute(() -> {
            if (port.isAttached()) {
                Questions questions = port.owner().gateway().questions();
                addresses.forEach(address -> questions.announce(uplink.bridge(), port, uplink.settings().mac(),
                        !address.isIpv4(), Tuple.high(address), Tuple.low(address)));
            }
        });
    }
}
