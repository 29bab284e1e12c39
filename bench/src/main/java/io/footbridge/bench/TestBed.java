package io.footbridge.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Hosts: network namespaces, each with eth0 and an address, which some kind of bridge or NAT joins, at least in pairs: 0
 * with 1, 2 with 3. Set up once and kept for all rounds.
 */
abstract class TestBed implements AutoCloseable {
    private static final int FIRST_HOST = 2;

    private final String name;
    private final String prefix;
    private final String subnet;
    private final List<String> namespaces = new ArrayList<>();

    /**
     * @param name what the tables call it
     * @param prefix unique beginning of the names of its namespaces, at most 8 characters
     * @param subnet the first three numbers of its /24
     */
    TestBed(String name, String prefix, String subnet) {
        this.name = name;
        this.prefix = prefix;
        this.subnet = subnet;
    }

    final String name() {
        return name;
    }

    final String prefix() {
        return prefix;
    }

    final String subnet() {
        return subnet;
    }

    final String namespace(int host) {
        return prefix + host;
    }

    /** The first three numbers of a host's /24, where hosts stand in several. */
    String subnet(int host) {
        return subnet;
    }

    final String address(int host) {
        return subnet(host) + "." + (FIRST_HOST + host);
    }

    /** Makes the namespaces and joins them. */
    final void setUp(int hosts) throws IOException {
        for (int i = 0; i < hosts; i++) {
            Commands.attempt("ip netns del " + namespace(i));
            Commands.shell("ip netns add " + namespace(i));
            namespaces.add(namespace(i));
        }
        begin();
        for (int i = 0; i < hosts; i++) {
            join(i);
        }
        for (int i = 1; i < hosts; i += 2) {
            Commands.shell("ip netns exec " + namespace(i - 1) + " ping -c 1 -w 5 " + address(i));
        }
    }

    /** Makes what joins the hosts. */
    abstract void begin() throws IOException;

    /** Gives a host its eth0. */
    abstract void join(int host) throws IOException;

    /** Ends what joined the hosts. */
    abstract void end();

    /** What joined the hosts has counted, for a look after the rounds; nothing where nobody counts. */
    String statistics() throws IOException {
        return "";
    }

    /** Configures a host's eth0 by hand. */
    final void configure(int host) throws IOException {
        String in = "ip -n " + namespace(host);
        Commands.shell(in + " addr add " + address(host) + "/24 dev eth0");
        Commands.shell(in + " link set lo up");
        Commands.shell(in + " link set eth0 up");
    }

    /** Makes a veth pair between this namespace and a host's; returns our end's name. */
    final String veth(int host) throws IOException {
        String end = prefix + "v" + host;
        Commands.shell("ip link add " + end + " type veth peer name eth0 netns " + namespace(host));
        Commands.shell("ip link set " + end + " up");
        return end;
    }

    @Override
    public final void close() {
        end();
        namespaces.forEach(namespace -> Commands.attempt("ip netns del " + namespace));
    }
}
