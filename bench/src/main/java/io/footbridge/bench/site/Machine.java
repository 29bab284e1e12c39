package io.footbridge.bench.site;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What this machine and this user's rights allow.
 *
 * @param root whether bench may make network namespaces and links
 * @param launcher path of {@code ./footbridge}
 */
public record Machine(boolean root, String launcher) {
    private static final Path TUN = Path.of("/dev/net/tun");

    /** Looks. */
    public static Machine look(String launcher) {
        boolean root = false;
        try (Site probe = new Site()) {
            probe.namespace();
            root = true;
        } catch (IOException refused) {
            // Then the modes say so that need it.
        }
        return new Machine(root, launcher);
    }

    /** The path of one of our drop-ins. */
    public String dropIn(String name) {
        return Path.of(launcher).resolveSibling("bin").resolve(name).toString();
    }

    /** Why namespaces and links cannot be made; empty where they can. */
    public Optional<String> noRights() {
        return root ? Optional.empty() : either(missing("ip", "nsenter", "setpriv"), Optional.of("needs root (network namespaces and"
                + " links)"));
    }

    /** Why a mode over TAPs cannot be. */
    public Optional<String> noTap() {
        return Files.isReadable(TUN) && Files.isWritable(TUN) ? Optional.empty() : Optional.of("needs " + TUN + ", readable and writable");
    }

    /** Why a mode with a user namespace cannot be. */
    public Optional<String> noUserNamespaces() {
        try {
            Programs.run(List.of("unshare", "-U", "-r", "-n", "true"));
            return Optional.empty();
        } catch (IOException refused) {
            return Optional.of("needs user namespaces, which this machine refuses");
        }
    }

    /** Why a mode that needs programs cannot be. */
    public static Optional<String> missing(String... programs) {
        return Stream.of(programs).filter(program -> Programs.find(program).isEmpty()).findFirst()
                .map(program -> "needs " + program + ", which is not installed");
    }

    /** The first of two reasons. */
    public static Optional<String> either(Optional<String> reason, Optional<String> other) {
        return reason.isPresent() ? reason : other;
    }
}
