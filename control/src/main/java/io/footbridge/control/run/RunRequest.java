package io.footbridge.control.run;

import io.footbridge.control.model.Names;
import io.footbridge.control.model.NetworkSpec;
import io.footbridge.control.model.PublishSpec;
import io.footbridge.wire.Ipv4Address;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What {@code footbridge run} was asked for. Immutable.
 *
 * @param command the process that is to become COMMAND, already in its namespaces
 * @param directory where the user's control sockets are
 * @param network the network of a daemon that it joins; none for one of its own
 * @param name COMMAND's name on the network
 * @param aliases its other names there
 * @param published its ports to publish
 * @param ip its IPv4 address
 * @param mtu longest network-layer packet in bytes
 * @param hostLoopback whether the gateway's address leads to the host's loopback
 */
public record RunRequest(int command, Path directory, Optional<String> network, Optional<String> name, List<String> aliases,
    List<PublishSpec> published, Optional<Ipv4Address> ip, int mtu, boolean hostLoopback) {
    private static final int MIN_MTU_OF_IPV6 = 1280;

    /** Keeps copies of the lists. */
    public RunRequest {
        network.ifPresent(Names::checked);
        name.ifPresent(Names::checked);
        aliases.forEach(Names::checked);
        aliases = List.copyOf(aliases);
        published = List.copyOf(published);
        if (mtu < NetworkSpec.MIN_MTU || mtu > NetworkSpec.MAX_MTU) {
            throw new IllegalArgumentException("mtu: " + NetworkSpec.MIN_MTU + " to " + NetworkSpec.MAX_MTU + " expected, not " + mtu);
        }
    }

    /** Its own network's name, which is also that of its control socket. */
    public String ownNetwork() {
        return "run-" + command;
    }

    /** Its name on the network where it was given none. */
    public String nameOrDefault() {
        return name.orElse("command");
    }

    boolean carriesIpv6() {
        return mtu >= MIN_MTU_OF_IPV6;
    }
}
