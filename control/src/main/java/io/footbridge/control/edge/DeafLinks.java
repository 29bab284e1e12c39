package io.footbridge.control.edge;

import io.footbridge.tap.SystemCallException;
import io.footbridge.tap.namespace.InterfaceSysctl;
import io.footbridge.tap.namespace.InterfaceSysctl.Family;
import io.footbridge.tap.namespace.NetworkNamespace;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Links of the host whose own stack is made deaf while we hold them: it would answer for addresses and route frames that
 * are not its own. What the settings were is written to a file before they are changed, one file per link, so that they
 * are put back even after this process was killed.
 */
final class DeafLinks {
    private static final Logger LOG = LoggerFactory.getLogger(DeafLinks.class);
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
        private static Setting parse(String text) {
            int slash = text.indexOf('/');
            return new Setting(Family.valueOf(text.substring(0, slash)), text.substring(slash + 1));
        }

        private InterfaceSysctl on(String ifname) {
            return new InterfaceSysctl(family, ifname, key);
        }

        @Override
        public String toString() {
            return family + "/" + key;
        }
    }

    DeafLinks(NetworkNamespace host, Path directory) {
        this.host = host;
        this.directory = directory;
    }

    /** Makes the host deaf on a link. If this fails, {@link #restore} undoes what was done. */
    void silence(String ifname) throws IOException {
        Files.createDirectories(directory);
        List<String> originals = new ArrayList<>();
        for (Setting setting : DEAF.keySet()) {
            setting.on(ifname).read(host).ifPresent(value -> originals.add(setting + "=" + value));
        }
        Files.write(directory.resolve(ifname), originals);
        host.<Void, SystemCallException>call(() -> {
            for (Map.Entry<Setting, String> deaf : DEAF.entrySet()) {
                deaf.getKey().on(ifname).writeIfPresent(deaf.getValue());
            }
            return null;
        });
    }

    /** Puts a link's settings back; one that is gone has none. Errors are logged. */
    void restore(String ifname) {
        Path file = directory.resolve(ifname);
        try {
            if (!Files.exists(file)) {
                return;
            }
            List<String> originals = Files.readAllLines(file);
            host.<Void, SystemCallException>call(() -> {
                for (String original : originals) {
                    int sign = original.indexOf('=');
                    Setting.parse(original.substring(0, sign)).on(ifname).writeIfPresent(original.substring(sign + 1));
                }
                return null;
            });
            Files.delete(file);
        } catch (IOException | RuntimeException failed) {
            LOG.warn("put the settings of link {} back: {}", ifname, failed.getMessage());
        }
    }

    /** Puts the settings of all links back that have a file. */
    void restoreAll() {
        if (!Files.isDirectory(directory)) {
            return;
        }
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            files.forEach(file -> names.add(file.getFileName().toString()));
        } catch (IOException failed) {
            LOG.warn("read {}: {}", directory, failed.getMessage());
        }
        names.forEach(this::restore);
    }
}
