package io.footbridge.control.model;

import io.footbridge.wire.Ipv4Prefix;

/** Which IPv4 subnet somebody wants for a network. */
public sealed interface SubnetRequest {
    /** Any that is free. */
    record Automatic() implements SubnetRequest {
    }

    /** None: the network is L2 only, without gateway and addresses. */
    record None() implements SubnetRequest {
    }

    /**
     * This one.
     *
     * @param subnet without host bits
     */
    record Given(Ipv4Prefix subnet) implements SubnetRequest {
    }

    /**
     * Reads CIDR or {@code none}.
     *
     * @throws IllegalArgumentException on any other text, with a message for people
     */
    static SubnetRequest parse(String text) {
        return text.equals("none") ? new None() : new Given(Subnets.parseIpv4(text));
    }
}
