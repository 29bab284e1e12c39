package io.footbridge.bench.mode;

import io.footbridge.bench.site.Namespace;
import java.io.IOException;

/** The addresses of every mode (each has namespaces of its own), and how links get them. */
final class Links {
    /** The network that is bridged. */
    static final String SUBNET = "10.77.0.0/24";
    /** Its gateway, where it has one. */
    static final String GATEWAY = "10.77.0.1";
    /** A client on it. */
    static final String CLIENT = "10.77.0.2";
    /** A server on it. */
    static final String SERVER = "10.77.0.3";
    /** The host's address on the network outside. */
    static final String UPLINK = "10.78.0.1";
    /** Somebody on the network outside. */
    static final String OUTSIDE = "10.78.0.2";

    private Links() {
    }

    /** Brings a link up with an address of a /24. */
    static void up(Namespace namespace, String link, String address) throws IOException {
        namespace.run("ip addr add " + address + "/24 dev " + link);
        namespace.run("ip link set " + link + " up");
    }

    /** A veth pair: {@code eth0} with an address in a namespace, the other end up, without one. */
    static void join(Namespace namespace, String address, Namespace switching, String port) throws IOException {
        switching.run("ip link add " + port + " type veth peer name eth0 netns " + namespace.path());
        switching.run("ip link set " + port + " up");
        up(namespace, "eth0", address);
    }
}
