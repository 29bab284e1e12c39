package io.footbridge.control.run;

import io.footbridge.control.network.EndpointView;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.IpPrefix;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** COMMAND's {@code resolv.conf} and {@code hosts}, line by line. */
public final class CommandFiles {
    private static final Path RESOLV_CONF = Path.of("/etc/resolv.conf");
    private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");
    private static final int MAX_LINE = 512;

    private CommandFiles() {
    }

    /** The gateways as servers; search list and options are the host's. */
    public static List<String> resolvConf(List<IpAddress> gateways) {
        return Stream.concat(gateways.stream().filter(IpAddress::isIpv4).map(gateway -> "nameserver " + gateway),
            hostsSearch()).toList();
    }

    private static Stream<String> hostsSearch() {
        try {
            // Whatever its encoding, it is passed on.
            return Files.readAllLines(RESOLV_CONF, StandardCharsets.ISO_8859_1).stream()
                .filter(line -> line.matches("(search|domain|options)[ \t][ -~\t]*") && line.length() <= MAX_LINE);
        } catch (IOException none) {
            return Stream.empty();
        }
    }

    /** Loopback, then COMMAND's own addresses under its names and the host's name, which COMMAND shares. */
    static List<String> hosts(EndpointView endpoint) {
        return hosts(endpoint.addresses(), Stream.concat(Stream.of(endpoint.name()), endpoint.aliases().stream()).toList());
    }

    /** As for an endpoint of such addresses and names. */
    public static List<String> hosts(List<IpPrefix> addresses, List<String> names) {
        List<String> lines = new ArrayList<>(List.of("127.0.0.1 localhost", "::1 localhost ip6-localhost ip6-loopback"));
        String all = String.join(" ", Stream.concat(names.stream(), hostName()).distinct().toList());
        addresses.stream().map(IpPrefix::asAddress).forEach(address -> lines.add(address + " " + all));
        return lines;
    }

    private static Stream<String> hostName() {
        try {
            return Stream.of(Files.readString(HOST_NAME).strip()).filter(name -> name.matches("[A-Za-z0-9][A-Za-z0-9.-]*"));
        } catch (IOException none) {
            return Stream.empty();
        }
    }
}
