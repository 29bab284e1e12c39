package io.footbridge.control.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.footbridge.control.edge.Attachment;
import io.footbridge.control.edge.ContainerInterface;
import io.footbridge.control.edge.Edge;
import io.footbridge.control.edge.HostInterface;
import io.footbridge.control.edge.HostRoute;
import io.footbridge.control.edge.LinkConfiguration;
import io.footbridge.control.model.EndpointKey;
import io.footbridge.control.model.EndpointSpec;
import io.footbridge.control.model.EndpointTarget;
import io.footbridge.control.model.NetworkKey;
import io.footbridge.control.model.NetworkSpec;
import io.footbridge.control.model.PortRange;
import io.footbridge.control.model.RefusedException;
import io.footbridge.control.model.Settings;
import io.footbridge.control.model.SubnetRequest;
import io.footbridge.dataplane.Engine;
import io.footbridge.dataplane.EngineSettings;
import io.footbridge.tap.CallState;
import io.footbridge.tap.SocketCalls;
import io.footbridge.tap.TapEndpoint;
import io.footbridge.wire.IpPrefix;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import org.agrona.concurrent.SystemNanoClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The service over a real engine and a kernel that only notes what it is asked. */
class LocalControlServiceTest {
    private final NotingEdge edge = new NotingEdge();
    private Engine engine;
    private LocalControlService service;

    @BeforeEach
    void start() throws IOException, RefusedException {
        engine = Engine.start(new EngineSettings(1, false, SystemNanoClock.INSTANCE, 1));
        service = new LocalControlService(engine, edge, new Random(1), InstantSource.system());
        service.create(new NetworkSpec("web", SubnetRequest.parse("10.9.0.0/29"), Optional.empty(), Optional.empty(), 1500,
            Settings.initial(NetworkKey.class)));
    }

    @AfterEach
    void stop() {
        service.close();
        engine.close();
    }

    private static EndpointSpec container(String name) {
        return new EndpointSpec(Optional.of(name), new EndpointTarget.NamespaceFile(Path.of("/run/netns/x")), Optional.empty(),
            Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Settings.initial(EndpointKey.class));
    }

    @Test
    void addresses_are_given_out_lowest_first_until_there_are_none_and_again_after_a_detach() throws RefusedException {
        for (int i = 2; i <= 6; i++) {
            assertThat(service.attach("web", container("c" + i)).addresses()).hasToString("[10.9.0." + i + "/29]");
        }
        assertThatThrownBy(() -> service.attach("web", container("c7"))).hasMessageStartingWith("no available addresses on this pool");
        service.detach("web", "c4");
        assertThat(service.attach("web", container("c7")).addresses()).hasToString("[10.9.0.4/29]");
    }

    @Test
    void what_the_kernel_refuses_leaves_name_address_and_neighbour_free() throws RefusedException {
        edge.refusal = "no TAP today";
        assertThatThrownBy(() -> service.attach("web", container("c"))).isInstanceOf(RefusedException.class).hasMessage("no TAP today");
        assertThat(service.network("web").endpoints()).isEmpty();
        assertThat(service.neighbours(Optional.empty())).isEmpty();
        edge.refusal = "";
        assertThat(service.attach("web", container("c")).addresses()).hasToString("[10.9.0.2/29]");
    }

    @Test
    void nothing_is_asked_of_the_kernel_before_everything_else_is_judged() throws RefusedException {
        service.attach("web", container("c"));
        edge.asked.clear();
        assertThatThrownBy(() -> service.attach("web", container("c"))).hasMessageContaining("already exists");
        assertThatThrownBy(() -> service.attach("nosuch", container("d"))).hasMessageContaining("not found");
        assertThat(edge.asked).isEmpty();
    }

    @Test
    void a_device_is_released_once_when_its_endpoint_is_detached_or_the_service_ends() throws RefusedException {
        service.attach("web", container("a"));
        service.attach("web", container("b"));
        service.detach("web", "a");
        assertThat(edge.released).containsExactly("10.9.0.2/29");
        service.close();
        assertThat(edge.released).containsExactly("10.9.0.2/29", "10.9.0.3/29");
    }

    @Test
    void a_change_with_one_mistake_changes_nothing() throws RefusedException {
        Map<String, String> changes = new java.util.LinkedHashMap<>();
        changes.put("ageing", "60");
        changes.put("icc", "perhaps");
        assertThatThrownBy(() -> service.set("web", changes)).hasMessageContaining("icc: expected on or off");
        assertThat(service.network("web").settings().explicit()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"vlan=aware", "fdb-limit=1024", "internal=on"})
    void what_is_fixed_when_a_network_is_made_is_refused_and_leaves_the_network_as_it_was(String change) throws RefusedException {
        String[] parts = change.split("=");
        service.attach("web", container("c"));
        assertThatThrownBy(() -> service.set("web", Map.of(parts[0], parts[1]))).isInstanceOf(RefusedException.class)
            .hasMessageStartingWith(parts[0] + " is fixed once it is made");
        assertThat(service.network("web").settings().explicit()).isEmpty();
        assertThat(service.set("web", Map.of("ageing", "60")).settings().explicit()).containsOnly(Map.entry("ageing", "60"));
        assertThat(service.attach("web", container("d")).name()).isEqualTo("d");
    }

    @ParameterizedTest
    @ValueSource(strings = {"sockets", "frames:up0,addr=198.51.100.10/24"})
    void an_internal_network_takes_no_uplink(String uplink) throws RefusedException {
        service.create(new NetworkSpec("inner", SubnetRequest.parse("10.10.0.0/29"), Optional.empty(), Optional.empty(), 1500,
            Settings.initial(NetworkKey.class).with("internal", "on")));
        assertThatThrownBy(() -> service.set("inner", Map.of("uplink", uplink))).isInstanceOf(RefusedException.class)
            .hasMessage("uplink: an internal network has no uplink");
        assertThat(service.set("inner", Map.of("uplink", "none")).settings().explicit()).containsEntry("uplink", "none");
    }

    @Test
    void the_least_fdb_limit_that_is_taken_is_one_that_a_network_can_be_made_with() throws RefusedException {
        Settings<NetworkKey> none = Settings.initial(NetworkKey.class);
        assertThatThrownBy(() -> none.with("fdb-limit", "255")).hasMessageContaining("fdb-limit: expected a whole number from 256 to");
        assertThat(service.create(new NetworkSpec("small", SubnetRequest.parse("none"), Optional.empty(), Optional.empty(), 1500,
            none.with("fdb-limit", "256"))).name()).isEqualTo("small");
    }

    @Test
    void a_network_goes_only_without_endpoints_and_its_subnet_is_free_then() throws RefusedException {
        service.attach("web", container("c"));
        assertThatThrownBy(() -> service.remove("web")).hasMessageContaining("active endpoints: c");
        service.detach("web", "c");
        service.remove("web");
        assertThat(service.networks()).isEmpty();
    }

    private static final class NotingEdge implements Edge {
        private final List<String> asked = new ArrayList<>();
        private final List<String> released = new ArrayList<>();
        private String refusal = "";

        @Override
        public Attachment attachContainer(ContainerInterface wanted) throws IOException {
            asked.add(wanted.ifname());
            if (!refusal.isEmpty()) {
                throw new IOException(refusal);
            }
            return new Attachment(TapEndpoint.overDatagrams(halfOfSocketPair()), wanted.mac(), wanted.mtu(),
                () -> released.add(wanted.addresses().getFirst().toString()));
        }

        @Override
        public Attachment attachHost(HostInterface wanted) throws IOException {
            throw new IOException("not foreseen");
        }

        @Override
        public Attachment attachLink(String ifname, boolean withAddresses) throws IOException {
            throw new IOException("not foreseen");
        }

        @Override
        public Attachment attachUplink(String ifname, long mac, boolean withAddresses) throws IOException {
            throw new IOException("not foreseen");
        }

        @Override
        public LinkConfiguration linkConfiguration(String ifname) throws IOException {
            throw new IOException("not foreseen");
        }

        @Override
        public OptionalInt linkMtu(String ifname) throws IOException {
            throw new IOException("not foreseen");
        }

        @Override
        public void addRoute(HostRoute route) throws IOException {
            throw new IOException("not foreseen");
        }

        @Override
        public void removeRoute(HostRoute route) throws IOException {
            throw new IOException("not foreseen");
        }

        @Override
        public List<IpPrefix> prefixesOfHost() {
            return List.of();
        }

        @Override
        public PortRange ephemeralPorts() {
            return new PortRange(32768, 60999);
        }

        /** Its other half stays open until the test's process ends. */
        private static int halfOfSocketPair() {
            int[] pair = new int[2];
            int type = SocketCalls.SOCK_DGRAM | SocketCalls.SOCK_NONBLOCK | SocketCalls.SOCK_CLOEXEC;
            assertThat(SocketCalls.socketpair(CallState.ofThread(), type, pair)).isZero();
            return pair[0];
        }
    }
}
