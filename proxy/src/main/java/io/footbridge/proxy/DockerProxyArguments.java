package io.footbridge.proxy;

import java.net.InetAddress;
import java.util.List;

/**
 * What docker-proxy's command line asks for.
 *
 * @param protocol as written: {@code tcp}, {@code udp}, or what is refused later
 * @param hostAddress where to listen; null for every IPv6 address
 * @param hostPort as written, in range or not
 * @param containerAddress the back end's address
 * @param containerPort as written, in range or not
 * @param useListenDescriptor whether a listening socket was handed over
 * @param version whether only the version is asked for
 */
public record DockerProxyArguments(String protocol, InetAddress hostAddress, long hostPort, InetAddress containerAddress,
        long containerPort, boolean useListenDescriptor, boolean version) {
    private static final InetAddress ANY = InetAddress.ofLiteral("0.0.0.0");
    private static final String ONLY_VERSION = "print version information and quit";

    /**
     * Reads words that a front end has handed over.
     *
     * @throws IllegalArgumentException where they are none of docker-proxy's, or do not ask for a port
     */
    public static DockerProxyArguments of(List<String> words) {
        try {
            DockerProxyArguments read = parse("docker-proxy", words);
            if (read.version()) {
                throw new IllegalArgumentException("asks for the version");
            }
            return read;
        } catch (GoFlags.UsageException unreadable) {
            throw new IllegalArgumentException(unreadable.getMessage().lines().findFirst().orElse("no command line"), unreadable);
        }
    }

    static DockerProxyArguments parse(String program, List<String> arguments) throws GoFlags.UsageException {
        GoFlags flags = new GoFlags(program);
        flags.addText("proto", "tcp", "proxy protocol");
        flags.addAddress("host-ip", ANY, "host ip");
        flags.addInteger("host-port", -1, "host port");
        flags.addAddress("container-ip", ANY, "container ip");
        flags.addInteger("container-port", -1, "container port");
        flags.addSwitch("use-listen-fd", "use a supplied listen fd");
        flags.addSwitch("v", ONLY_VERSION);
        flags.addSwitch("version", ONLY_VERSION);
        flags.parse(arguments);
        return new DockerProxyArguments(flags.text("proto"), flags.address("host-ip"), flags.integer("host-port"),
                flags.address("container-ip"), flags.integer("container-port"), flags.isSet("use-listen-fd"),
                flags.isSet("v") || flags.isSet("version"));
    }

    /** The host's address and port as Go writes them. */
    String host() {
        return hostAddress == null ? ":" + hostPort : ListenException.text(hostAddress, hostPort);
    }
}
