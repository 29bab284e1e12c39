package io.footbridge.control.dns;

import io.footbridge.wire.IpAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The host's DNS servers, from resolv.conf(5), as they are now. The file is looked at when somebody asks and a second has
 * gone by since the last look, by its name, so that it may be written anew, replaced, or a link that points elsewhere. While
 * it cannot be read, what it said last holds. One thread.
 */
final class ResolvConf {
    /** Property that names another file. */
    static final String PROPERTY = "footbridge.resolv.conf";

    private static final Logger LOG = LoggerFactory.getLogger(ResolvConf.class);
    private static final Path DEFAULT = Path.of("/etc/resolv.conf");
    private static final long LOOK_NANOS = 1_000_000_000L;
    private static final int DNS = 53;
    /** As resolv.conf(5) has it. */
    private static final int MAX_SERVERS = 3;
    private static final int MAX_BYTES = 1 << 16;
    /** What resolv.conf(5) has where no server is named. */
    private static final List<InetSocketAddress> LOCAL = List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), DNS));

    private final Path file;
    private List<InetSocketAddress> servers = LOCAL;
    private State state = State.NONE;
    private long looked;
    private boolean everLooked;

    /** How a file looks from outside: if this is the same, so is what it says. */
    private record State(Object key, long modified, long size) {
        static final State NONE = new State("", 0, -1);
    }

    ResolvConf(Path file) {
        this.file = file;
    }

    /** That of the host. */
    static ResolvConf ofHost() {
        return new ResolvConf(Optional.ofNullable(System.getProperty(PROPERTY)).map(Path::of).orElse(DEFAULT));
    }

    /**
     * The servers, in the order in which they are to be asked; at least one.
     *
     * @param now in nanoseconds
     */
    List<InetSocketAddress> servers(long now) {
        if (!everLooked || now - looked >= LOOK_NANOS) {
            everLooked = true;
            looked = now;
            look();
        }
        return servers;
    }

    private void look() {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            State seen = new State(attributes.fileKey(), attributes.lastModifiedTime().to(java.util.concurrent.TimeUnit.NANOSECONDS),
                attributes.size());
            if (!seen.equals(state) && attributes.isRegularFile() && attributes.size() <= MAX_BYTES) {
                servers = parse(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
                state = seen;
                LOG.debug("{} names the servers {}", file, servers);
            }
        } catch (IOException gone) {
            LOG.debug("read {}: {}; the servers stay {}", file, gone.toString(), servers);
        }
    }

    /** The servers that a file names; what is not understood is passed over, as the resolver of the C library does. */
    static List<InetSocketAddress> parse(String text) {
        List<InetSocketAddress> named = text.lines().map(line -> line.strip().split("\\s+"))
            .filter(words -> words.length > 1 && words[0].equals("nameserver")).flatMap(words -> server(words[1]).stream())
            .distinct().limit(MAX_SERVERS).toList();
        return named.isEmpty() ? LOCAL : named;
    }

    private static Optional<InetSocketAddress> server(String text) {
        int scope = text.indexOf('%');
        try {
            IpAddress.parse(scope < 0 ? text : text.substring(0, scope));
            // Takes no names, so nobody is ever asked for one; with a scope, the interface must be there.
            return Optional.of(new InetSocketAddress(InetAddress.ofLiteral(text), DNS));
        } catch (IllegalArgumentException unusable) {
            LOG.debug("nameserver {}: {}", text, unusable.toString());
            return Optional.empty();
        }
    }
}
