package io.footbridge.control.network;

import io.footbridge.control.model.PublishSpec;
import io.footbridge.control.network.RelayedPublications.Relayed;
import io.footbridge.dataplane.PublishedPort;
import io.footbridge.wire.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.stream.Stream;

/**
 * What one request published. Guarded by the service's lock.
 *
 * <p>It holds its ports as long as it exists; the engine has it only while the uplink's link is there.
 */
final class Publication {
    private final PublishSpec spec;
    private final String endpoint;
    private final List<Binding> bindings;
    private final List<Active> active = new ArrayList<>();
    private final Optional<Relayed> relayed;

    /**
     * A binding as the engine has it, for one family.
     *
     * @param binding of this publication
     * @param ipv4 which family
     * @param port the engine's own
     * @param withdrawal takes it from the engine
     */
    record Active(Binding binding, boolean ipv4, PublishedPort port, Runnable withdrawal) {
    }

    /** One that the engine carries. */
    Publication(PublishSpec spec, String endpoint, List<Binding> bindings) {
        this(spec, endpoint, bindings, Optional.empty());
    }

    /** @param relayed what carries it if the engine does not */
    Publication(PublishSpec spec, String endpoint, List<Binding> bindings, Optional<Relayed> relayed) {
        this.relayed = relayed;
        this.spec = spec;
        this.endpoint = endpoint;
        this.bindings = List.copyOf(bindings);
    }

    PublishSpec spec() {
        return spec;
    }

    String endpoint() {
        return endpoint;
    }

    List<Binding> bindings() {
        return bindings;
    }

    /** What relays have of it; empty where the engine carries it. */
    Optional<Relayed> relayed() {
        return relayed;
    }

    /** What the engine has of it now. */
    List<Active> active() {
        return active;
    }

    /** Takes from the engine what it has of it. */
    void deactivate() {
        active.forEach(one -> one.withdrawal().run());
        active.clear();
    }

    /** A line for each address of each binding that is served, or is as soon as the uplink's link is there. */
    Stream<BindingView> served(Network network) {
        boolean waits = relayed.isPresent()
            || network.byHost().isEmpty() && network.uplink().flatMap(SharedUplink::held).isEmpty();
        return views(network.name(), (binding, address) -> waits || isActive(binding, address.isIpv4()));
    }

    /** Whether the engine has a binding for one family. */
    boolean isActive(Binding binding, boolean ipv4) {
        return active.stream().anyMatch(one -> one.binding() == binding && one.ipv4() == ipv4);
    }

    /** A line for each address of each binding. */
    Stream<BindingView> views(String network) {
        return views(network, (_, _) -> true);
    }

    private Stream<BindingView> views(String network, BiPredicate<Binding, IpAddress> shown) {
        return bindings.stream().flatMap(binding -> binding.addresses().stream().filter(address -> shown.test(binding, address))
            .map(address -> new BindingView(network, endpoint, binding.protocol(), address, binding.hostPort(),
                binding.containerPort(), binding.count())));
    }
}
