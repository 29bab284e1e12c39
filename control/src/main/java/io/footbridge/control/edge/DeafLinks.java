package io.footbridge.control.edge;

import io.footbridge.tap.SystemCallException;
import io.footbridge.tap.namespace.InterfaceSysctl;
import io.footbridge.tap.namespace.InterfaceSysctl.Family;
import io.footbridge.tap.namespace.NetworkNamespace;
import io.footbridge.tap.netlink.AddressFlag;
import io.footbridge.tap.netlink.InterfaceAddress;
import io.footbridge.tap.netlink.Link;
import io.footbridge.tap.netlink.RouteNetlink;
import io.footbridge.wire.Ipv6Prefix;
import io.footbridge.wire.MacAddress;
import java.io.IOException;
import java.net.Inet6Address;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Links of the host whose own stack is made deaf while we hold them: it would answer for addresses and route frames that
 * are not its own. What the settings were is written to a file before they are changed, one file per link, so that they
 * are put back even after this process was killed. The file's name is the link's index, which stays when it is renamed.
 *
 * <p>To switch IPv6 off takes the link's IPv6 addresses away; those that somebody set are noted, too, and given back.
 */
final class DeafLinks {
    private static final Logger LOG = LoggerFactory.getLogger(DeafLinks.class);
    private static final String NEW = ".new";
    private static final String ADDRESS = "address=";
    private static final Map<Setting, String> DEAF = new LinkedHashMap<>();

    static {
        DEAF.put(new Setting(Family.IPV6, "disable_ipv6"), "1");
        DEAF.put(new Setting(Family.IPV4, "arp_ignore"), "8");
        DEAF.put(new Setting(Family.IPV4, "rp_filter"), "1");
        DEAF.put(new Setting(Family.IPV4, "forwarding"), "0");
    }

    private final NetworkNamespace host;
    private final Path directory;

    /** One file under {@code /proc/sys/net/FAMILY/conf/IFNAME}. */
    private record Setting(Family family, String key) {
        private InterfaceSysctl on(String ifname) {
            return new InterfaceSysctl(family, ifname, key);
        }

        @Override
        public String toString() {
            return family + "/" + key;
        }
    }

    /**
     * What is in a file: the link's name and MAC, then its settings and its IPv6 addresses, a line each. An index is given
     * out anew only after a restart of the system; by then neither of the two is the same.
     */
    private record Record(String name, String mac, Map<Setting, String> originals, List<Ipv6Prefix> addresses) {
        private static Record parse(List<String> lines) throws IOException {
            if (lines.size() < 2) {
                throw new IOException("its record is cut short");
            }
            Map<Setting, String> originals = new LinkedHashMap<>();
            List<Ipv6Prefix> addresses = new ArrayList<>();
            for (String line : lines.subList(2, lines.size())) {
                if (line.startsWith(ADDRESS)) {
                    addresses.add(address(line.substring(ADDRESS.length())));
                    continue;
                }
                int sign = line.indexOf('=');
                Optional<Setting> setting =
                    DEAF.keySet().stream().filter(known -> known.toString().equals(line.substring(0, Math.max(0, sign)))).findFirst();
                originals.put(setting.orElseThrow(() -> new IOException("its record holds something else")), line.substring(sign + 1));
            }
            return new Record(lines.get(0), lines.get(1), originals, addresses);
        }

        private static Ipv6Prefix address(String text) throws IOException {
            try {
                return Ipv6Prefix.parse(text);
            } catch (IllegalArgumentException malformed) {
                throw new IOException("its record holds something else", malformed);
            }
        }

        private boolean isOf(Link link) {
            return link.name().equals(name) || MacAddress.format(link.mac()).equals(mac);
        }
    }

    DeafLinks(NetworkNamespace host, Path directory) {
        this.host = host;
        this.directory = directory;
    }

    /** Makes the host deaf on a link. If this fails, {@link #restore} undoes what was done. */
    void silence(Link link) throws IOException {
        Files.createDirectories(directory);
        // A record that is left says what the settings were before somebody changed them; now they may be ours.
        if (recordOf(link.index()).filter(old -> old.isOf(link)).isEmpty()) {
            write(link);
        }
        host.<Void, SystemCallException>call(() -> {
            for (Map.Entry<Setting, String> deaf : DEAF.entrySet()) {
                deaf.getKey().on(link.name()).writeIfPresent(deaf.getValue());
            }
            return null;
        });
    }

    private void write(Link link) throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add(link.name());
        lines.add(MacAddress.format(link.mac()));
        for (Setting setting : DEAF.keySet()) {
            setting.on(link.name()).read(host).ifPresent(value -> lines.add(setting + "=" + value));
        }
        try (RouteNetlink netlink = RouteNetlink.in(host)) {
            netlink.addresses(link.index()).stream().filter(DeafLinks::isSetByHand).forEach(address -> lines.add(ADDRESS + address));
        }
        Path written = directory.resolve(link.index() + NEW);
        Files.deleteIfExists(written);
        Files.write(written, lines, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        Files.move(written, file(link.index()), StandardCopyOption.ATOMIC_MOVE);
    }

    private static boolean isSetByHand(InterfaceAddress address) {
        return address.address() instanceof Inet6Address && address.scope() == 0 && address.flags().contains(AddressFlag.PERMANENT);
    }

    private Path file(int index) {
        return directory.resolve(String.valueOf(index));
    }

    private Optional<Record> recordOf(int index) throws IOException {
        if (!Files.isRegularFile(file(index), LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        return Optional.of(Record.parse(Files.readAllLines(file(index))));
    }

    /** Puts a link's settings back under whatever name it has now; one that is gone has none. Errors are logged. */
    void restore(int index) {
        String name = "with index " + index;
        try (RouteNetlink netlink = RouteNetlink.in(host)) {
            Optional<Record> found = recordOf(index);
            if (found.isEmpty()) {
                return;
            }
            name = found.get().name();
            Optional<Link> link = netlink.link(index).filter(found.get()::isOf);
            if (link.isPresent()) {
                restore(link.get().name(), found.get());
                giveBack(netlink, link.get(), found.get());
            }
            Files.delete(file(index));
        } catch (IOException | RuntimeException failed) {
            LOG.warn("put the settings of link {} back: {}; they are kept in {}", name, failed.getMessage(), file(index));
        }
    }

    private void restore(String ifname, Record saved) throws SystemCallException {
        host.<Void, SystemCallException>call(() -> {
            for (Map.Entry<Setting, String> original : saved.originals().entrySet()) {
                original.getKey().on(ifname).writeIfPresent(original.getValue());
            }
            return null;
        });
    }

    /** An address that cannot be given back, as where IPv6 was off before, stays away. */
    private static void giveBack(RouteNetlink netlink, Link link, Record saved) throws IOException {
        List<String> there = netlink.addresses(link.index()).stream().map(InterfaceAddress::toString).toList();
        for (Ipv6Prefix address : saved.addresses()) {
            try {
                if (!there.contains(address.toString())) {
                    netlink.addAddress(link.index(), address.asAddress().toInetAddress(), address.length());
                }
            } catch (SystemCallException refused) {
                LOG.warn("give address {} back to link {}: {}", address, link.name(), refused.getMessage());
            }
        }
    }

    /** Puts the settings of all links back that have a file. */
    void restoreAll() {
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        List<Integer> indexes = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (name.endsWith(NEW)) {
                    // Its link was not touched yet.
                    Files.delete(file);
                } else if (name.matches("[0-9]{1,9}")) {
                    indexes.add(Integer.valueOf(name));
                }
            }
        } catch (IOException failed) {
            LOG.warn("read {}: {}", directory, failed.getMessage());
        }
        indexes.forEach(this::restore);
    }
}
