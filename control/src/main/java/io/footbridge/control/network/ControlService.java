package io.footbridge.control.network;

import io.footbridge.control.model.EndpointSpec;
import io.footbridge.control.model.NetworkSpec;
import io.footbridge.control.model.PublishSpec;
import io.footbridge.control.model.RefusedException;
import io.footbridge.control.model.RelayRequest;
import io.footbridge.dataplane.FdbEntry;
import io.footbridge.nat.NatStatistics;
import io.footbridge.nat.SessionView;
import io.footbridge.tap.Endpoint;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that can be asked of a daemon. Any thread; one request at a time is carried out, whole or not at all.
 * A refusal's message is what the person sees.
 */
public interface ControlService {
    /** All networks, by name. */
    List<NetworkView> networks();

    /** One network. */
    NetworkView network(String name) throws RefusedException;

    /** Makes a network. */
    NetworkView create(NetworkSpec spec) throws RefusedException;

    /** Removes a network that has no endpoints. */
    void remove(String name) throws RefusedException;

    /** Changes settings of a network and, with them, of its ports. */
    NetworkView set(String name, Map<String, String> changes) throws RefusedException;

    /** Attaches an endpoint whose device we make or find. */
    EndpointView attach(String network, EndpointSpec spec) throws RefusedException;

    /**
     * Attaches an endpoint whose TAP another program opened.
     *
     * @param opened the service's from now on, also on failure
     */
    EndpointView attachOpened(String network, EndpointSpec spec, Endpoint opened) throws RefusedException;

    /**
     * Ties an endpoint to a process: when that has ended, what it left in its network namespace is killed, and the endpoint
     * detached.
     *
     * @param pid in the endpoint's namespace
     */
    void follow(String network, String endpoint, int pid) throws RefusedException;

    /** Detaches an endpoint and removes its device. */
    void detach(String network, String endpoint) throws RefusedException;

    /** Changes settings of an endpoint's port. */
    EndpointView setEndpoint(String network, String endpoint, Map<String, String> changes) throws RefusedException;

    /** The forwarding database of one network, or of all. */
    List<FdbView> fdb(Optional<String> network) throws RefusedException;

    /** One MAC's entry. */
    FdbView fdbEntry(String network, long mac) throws RefusedException;

    /** Binds a MAC to an endpoint's port. */
    void addFdb(String network, long mac, String endpoint, FdbEntry.Kind kind, boolean sticky) throws RefusedException;

    /** Removes a MAC. */
    void removeFdb(String network, long mac) throws RefusedException;

    /** The neighbours that the gateways know. */
    List<NeighbourView> neighbours(Optional<String> network) throws RefusedException;

    /** Counters of every port. */
    List<StatisticsView> statistics(Optional<String> network) throws RefusedException;

    /** Begins to capture a network's frames, or one endpoint's. */
    FrameCapture capture(String network, Optional<String> endpoint) throws RefusedException;

    /** Publishes ports of an endpoint at the network's uplink. */
    PublishedView publish(String network, PublishSpec spec, String endpoint) throws RefusedException;

    /** Publishes ports of an endpoint at the host's own addresses, by a relay that connects inside the container's namespace. */
    PublishedView relay(String network, PublishSpec spec, RelayRequest wanted, String endpoint) throws RefusedException;

    /**
     * Takes back what was published.
     *
     * @param binding the SPEC as it was given, or a binding as it was printed
     */
    void unpublish(String network, String binding) throws RefusedException;

    /** What one network has published, or all. */
    List<BindingView> published(Optional<String> network) throws RefusedException;

    /** The tracked flows of one network, or of all. */
    List<SessionView> flows(Optional<String> network) throws RefusedException;

    /** Forgets the tracked flows of one network, or of all; how many there were. */
    int flushFlows(Optional<String> network) throws RefusedException;

    /** How full the connection table is, and what happened in it. */
    NatStatistics flowStatistics();

    /** The rules of address translation of one network, or of all, with their counters. */
    List<NatRuleView> natRules(Optional<String> network) throws RefusedException;
}
