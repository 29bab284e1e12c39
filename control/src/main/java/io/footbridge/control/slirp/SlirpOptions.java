package io.footbridge.control.slirp;

import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv6Address;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What slirp4netns's command line asks for.
 *
 * @param target whose network namespace it is
 * @param tap the TAP's name there
 * @param configure whether the interface is set up: loopback, link, address, default route
 * @param exitDescriptor whose hang-up ends the process
 * @param readyDescriptor what is told when everything stands
 * @param mtu longest network-layer packet in bytes, 1 to 65521
 * @param mac the TAP's MAC in the low 48 bits
 * @param network the target's network
 * @param ipv6 whether there is IPv6 as well
 * @param apiSocket where the API is, as a path
 * @param hostLoopback whether the gateway's address leads to the host's loopback
 * @param dns whether DNS is served
 * @param sandbox whether the process gives up rights and most of the file system
 * @param seccomp whether its system calls are filtered
 * @param outbound4 the host's address that IPv4 flows leave from
 * @param outbound6 the host's address that IPv6 flows leave from
 */
record SlirpOptions(Target target, String tap, boolean configure, OptionalInt exitDescriptor, OptionalInt readyDescriptor,
    int mtu, OptionalLong mac, SlirpNetwork network, boolean ipv6, Optional<String> apiSocket, boolean hostLoopback, boolean dns,
    boolean sandbox, boolean seccomp, Optional<Ipv4Address> outbound4, Optional<Ipv6Address> outbound6) {

    /** The same for another target. */
    SlirpOptions withTarget(Target other) {
        return new SlirpOptions(other, tap, configure, exitDescriptor, readyDescriptor, mtu, mac, network, ipv6, apiSocket,
            hostLoopback, dns, sandbox, seccomp, outbound4, outbound6);
    }

    /** Whose network namespace. */
    sealed interface Target {
        /** A process's. */
        record Process(int pid) implements Target {
        }

        /** That of a file, as it was given. */
        record File(String path) implements Target {
        }
    }
}
