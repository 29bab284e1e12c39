package io.footbridge.control;

import io.footbridge.tap.TestNamespaces;

/**
 * What an uplink reaches: a veth pair between the namespace that plays the host and one that plays the world outside. The
 * uplink is 198.51.100.10 and 2001:db8::10, the world 198.51.100.20 and 2001:db8::20.
 */
final class TestLan {
    /** The uplink's link on the host. */
    static final String LINK = "up0";
    static final String ADDRESS = "198.51.100.10";
    static final String ADDRESS6 = "2001:db8::10";
    static final String WORLD = "198.51.100.20";
    static final String WORLD6 = "2001:db8::20";
    /** The uplink as it is asked for. */
    static final String UPLINK = "frames:up0,addr=198.51.100.10/24,addr6=2001:db8::10/64,gw=198.51.100.20,gw6=2001:db8::20";

    private TestLan() {
    }

    /** Makes the link on a host; the namespace at its other end. */
    static String make(TestNamespaces namespaces, String host) {
        String outside = namespaces.create();
        make(namespaces, host, outside);
        return outside;
    }

    /** Makes the link between two namespaces. */
    static void make(TestNamespaces namespaces, String host, String outside) {
        namespaces.run(host, "ip", "link", "add", LINK, "type", "veth", "peer", "name", "eth0", "netns", outside);
        namespaces.run(outside, "ip", "addr", "add", WORLD + "/24", "dev", "eth0");
        namespaces.run(outside, "ip", "addr", "add", WORLD6 + "/64", "dev", "eth0", "nodad");
        namespaces.run(outside, "ip", "link", "set", "eth0", "up");
    }
}
