package io.footbridge.control.edge;

import io.footbridge.tap.SystemCallException;
import io.footbridge.tap.namespace.InterfaceSysctl;
import io.footbridge.tap.namespace.InterfaceSysctl.Family;
import io.footbridge.tap.namespace.NetworkNamespace;
import io.footbridge.tap.netlink.Link;
import io.footbridge.tap.netlink.RouteNetlink;
import io.footbridge.wire.MacAddress;
import java.io.IOException;
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
 */
final class DeafLinks {
    private static final Logger LOG = LoggerFactory.getLogger(DeafLinks.class);
    private static final String NEW = ".new";
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
     * What is in a file: the link's name and MAC, then its settings, a line each. An index is given out anew only after a
     * restart of the system; by then neither of the two is the same.
     */
    private record Record(String name, String mac, Map<Setting, String> originals) {
        private static Record parse(List<String> lines) throws IOException {
            if (lines.size() < 2) {
                throw new IOException("its record is cut short");
            }
            Map<Setting, String> originals = new LinkedHashMap<>();
            for (String line : lines.subList(2, lines.size())) {
                int sign = line.indexOf('=');
                Optional<Setting> setting =
                    DEAF.keySet().stream().filter(known -> known.toString().equals(line.substring(0, Math.max(0, sign)))).findFirst();
                originals.put(setting.orElseThrow(() -> new IOException("its record holds something else")), line.substring(sign + 1));
            }
            return new Record(lines.get(0), lines.get(1), originals);
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
        Path written = directory.resolve(link.index() + NEW);
        Files.deleteIfExists(written);
        Files.write(written, lines, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        Files.move(written, file(link.index()), StandardCopyOption.ATOMIC_MOVE);
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
