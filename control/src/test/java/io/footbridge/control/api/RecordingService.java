package io.footbridge.control.api;

import io.footbridge.control.model.EndpointKey;
import io.footbridge.control.model.EndpointSpec;
import io.footbridge.control.model.NetworkKey;
import io.footbridge.control.model.NetworkSpec;
import io.footbridge.control.model.RefusedException;
import io.footbridge.control.model.Settings;
import io.footbridge.control.network.ControlService;
import io.footbridge.control.network.EndpointView;
import io.footbridge.control.network.FdbView;
import io.footbridge.control.network.FrameCapture;
import io.footbridge.control.network.NeighbourView;
import io.footbridge.control.network.NetworkView;
import io.footbridge.control.network.StatisticsView;
import io.footbridge.dataplane.FdbEntry;
import io.footbridge.tap.Endpoint;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** Notes what it is asked and answers as if there were one network, {@code web}, without endpoints. */
final class RecordingService implements ControlService {
    final List<String> asked = new CopyOnWriteArrayList<>();
    final CountDownLatch captureClosed = new CountDownLatch(1);

    private final NetworkView web = new NetworkView("ab".repeat(32), "web", Instant.EPOCH, Optional.empty(), Optional.empty(), 1500,
        Settings.initial(NetworkKey.class), List.of());

    private EndpointView endpoint(EndpointSpec spec) {
        return new EndpointView("cd".repeat(32), spec.name().orElse("ep00000"), "eth0", 0x0242_0a09_0002L, List.of(), List.of(), 1500,
            Settings.initial(EndpointKey.class));
    }

    @Override
    public List<NetworkView> networks() {
        return List.of(web);
    }

    @Override
    public NetworkView network(String name) throws RefusedException {
        if (!name.equals("web")) {
            throw RefusedException.notFound("network " + name + " not found");
        }
        return web;
    }

    @Override
    public NetworkView create(NetworkSpec spec) throws RefusedException {
        asked.add("create " + spec.name() + " " + spec.mtu() + " " + spec.settings());
        if (spec.name().equals("web")) {
            throw RefusedException.conflict("network with name web already exists");
        }
        return web;
    }

    @Override
    public void remove(String name) {
        asked.add("remove " + name);
    }

    @Override
    public NetworkView set(String name, Map<String, String> changes) {
        asked.add("set " + name + " " + changes);
        return web;
    }

    @Override
    public EndpointView attach(String network, EndpointSpec spec) {
        asked.add("attach " + network + " " + spec.target());
        return endpoint(spec);
    }

    @Override
    public EndpointView attachOpened(String network, EndpointSpec spec, Endpoint opened) {
        asked.add("attachOpened " + network + " " + opened.exists());
        opened.close();
        return endpoint(spec);
    }

    @Override
    public void detach(String network, String endpoint) {
        asked.add("detach " + network + " " + endpoint);
    }

    @Override
    public EndpointView setEndpoint(String network, String endpoint, Map<String, String> changes) {
        throw new IllegalStateException("not foreseen");
    }

    @Override
    public List<FdbView> fdb(Optional<String> network) {
        return List.of(new FdbView("web", "db", 0x0242_0a09_0002L, 0, FdbEntry.Kind.DYNAMIC, false));
    }

    @Override
    public FdbView fdbEntry(String network, long mac) throws RefusedException {
        throw RefusedException.notFound("Error: Fdb entry not found.");
    }

    @Override
    public void addFdb(String network, long mac, String endpoint, FdbEntry.Kind kind, boolean sticky) {
        asked.add("addFdb " + network + " " + Long.toHexString(mac) + " " + endpoint + " " + kind + " " + sticky);
    }

    @Override
    public void removeFdb(String network, long mac) {
        asked.add("removeFdb " + network + " " + Long.toHexString(mac));
    }

    @Override
    public List<NeighbourView> neighbours(Optional<String> network) {
        return List.of();
    }

    @Override
    public List<StatisticsView> statistics(Optional<String> network) {
        return List.of();
    }

    /** Sends a megabyte again and again until it is closed. */
    @Override
    public FrameCapture capture(String network, Optional<String> endpoint) {
        asked.add("capture " + network + " " + endpoint);
        return new FrameCapture() {
            @Override
            public void copyTo(OutputStream pcapng, long maxFrames) throws IOException {
                for (long i = 0; maxFrames == 0 || i < maxFrames; i++) {
                    pcapng.write(new byte[1 << 20]);
                    asked.add("megabyte");
                }
            }

            @Override
            public void close() {
                captureClosed.countDown();
            }
        };
    }
}
