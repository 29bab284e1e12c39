package io.footbridge.control.api;

import io.footbridge.control.model.EndpointKey;
import io.footbridge.control.model.EndpointSpec;
import io.footbridge.control.model.NetworkKey;
import io.footbridge.control.model.NetworkSpec;
import io.footbridge.control.model.PublishSpec;
import io.footbridge.control.model.RefusedException;
import io.footbridge.control.model.RelayRequest;
import io.footbridge.control.model.Settings;
import io.footbridge.control.model.TransportProtocol;
import io.footbridge.control.network.BindingView;
import io.footbridge.control.network.ControlService;
import io.footbridge.control.network.EndpointView;
import io.footbridge.control.network.FdbView;
import io.footbridge.control.network.FrameCapture;
import io.footbridge.control.network.NatRuleView;
import io.footbridge.control.network.NeighbourView;
import io.footbridge.control.network.NetworkView;
import io.footbridge.control.network.PublishedView;
import io.footbridge.control.network.StatisticsView;
import io.footbridge.dataplane.FdbEntry;
import io.footbridge.nat.NatStatistics;
import io.footbridge.nat.SessionView;
import io.footbridge.nat.SessionView.Ends;
import io.footbridge.tap.Endpoint;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv4Prefix;
import io.footbridge.wire.Ipv6Address;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** Notes what it is asked and answers as if there were one network, {@code web}, without endpoints. */
final class RecordingService implements ControlService {
    static final int FLOWS = 20_000;

    final List<String> asked = new CopyOnWriteArrayList<>();
    final CountDownLatch captureClosed = new CountDownLatch(1);

    private final NetworkView web = new NetworkView("ab".repeat(32), "web", Instant.EPOCH, Optional.empty(), Optional.empty(), 1500,
        Settings.initial(NetworkKey.class), List.of());

    private EndpointView endpoint(EndpointSpec spec) {
        return new EndpointView("cd".repeat(32), spec.name().orElse("ep00000"), spec.aliases(), "eth0", 0x0242_0a09_0002L, List.of(),
            List.of(), 1500, Settings.initial(EndpointKey.class));
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
    public void follow(String network, String endpoint, int pid) {
        asked.add("follow " + network + " " + endpoint + " " + pid);
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

    @Override
    public PublishedView publish(String network, PublishSpec spec, String endpoint) throws RefusedException {
        asked.add("publish " + network + " " + spec + " " + endpoint);
        if (spec.hostPorts().isEmpty()) {
            throw RefusedException.conflict("all ports are allocated");
        }
        return new PublishedView(List.of(binding(Ipv4Address.UNSPECIFIED), binding(Ipv6Address.UNSPECIFIED)), Optional.of("only a note"));
    }

    private static BindingView binding(IpAddress address) {
        return new BindingView("web", "db", TransportProtocol.TCP, address, 8080, 80, 2);
    }

    @Override
    public PublishedView relay(String network, PublishSpec spec, RelayRequest wanted, String endpoint) throws RefusedException {
        asked.add("relay " + wanted.header());
        return publish(network, spec, endpoint);
    }

    @Override
    public void unpublish(String network, String binding) {
        asked.add("unpublish " + network + " " + binding);
    }

    @Override
    public List<BindingView> published(Optional<String> network) {
        return List.of(binding(Ipv4Address.UNSPECIFIED));
    }

    /** More than any buffer on the way holds. */
    @Override
    public List<SessionView> flows(Optional<String> network) {
        Ends original = new Ends(Ipv4Address.parse("10.9.0.5"), Ipv4Address.parse("198.51.100.20"), 40_000, 80, 1);
        Ends reply = new Ends(Ipv4Address.parse("198.51.100.20"), Ipv4Address.parse("198.51.100.10"), 80, 40_000, 2);
        return Collections.nCopies(FLOWS,
            new SessionView(6, Optional.of("ESTABLISHED"), 7439, original, reply, true, true, 3, 180, 2, 120));
    }

    @Override
    public int flushFlows(Optional<String> network) {
        asked.add("flush " + network);
        return FLOWS;
    }

    @Override
    public NatStatistics flowStatistics() {
        return new NatStatistics(FLOWS, 262_144, 1, 2, 3, 4, 5, 6, 7);
    }

    @Override
    public List<NatRuleView> natRules(Optional<String> network) {
        return List.of(new NatRuleView(NatRuleView.Chain.POSTROUTING, NatRuleView.Target.MASQUERADE, "web", 13, 760, Optional.empty(),
            Optional.of("eth1"), Ipv4Prefix.parse("10.9.0.0/24"), Ipv4Prefix.ANY, Optional.empty(), Optional.empty()));
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
