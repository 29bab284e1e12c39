package io.footbridge.control.edge;

import io.footbridge.tap.namespace.NetworkNamespace;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which links of the host are held, by this process or by others: a link held twice would have its settings put back to
 * the wrong values, and its frames taken twice. A claim is one locked byte of one file that root's daemons share, at a
 * place made of namespace and link; the kernel lets it go when the process ends, however it ends.
 *
 * <p>Where that file is out of reach, as for a daemon in a user namespace, claims hold within the process only. One thread
 * at a time.
 */
final class LinkClaims implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LinkClaims.class);
    private static final int INDEX_BITS = 31;

    private final long namespace;
    private final Optional<FileChannel> file;
    private final Set<Integer> held = new HashSet<>();

    LinkClaims(NetworkNamespace host, Path shared) throws IOException {
        this.namespace = host.inode();
        this.file = open(shared);
    }

    private static Optional<FileChannel> open(Path shared) {
        try {
            Files.createDirectories(shared.getParent(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            return Optional.of(FileChannel.open(shared,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))));
        } catch (IOException unreachable) {
            LOG.debug("claims of links are not shared with other daemons: {}", unreachable.toString());
            return Optional.empty();
        }
    }

    /** Claims a link; what lets it go again, or empty where somebody holds it. */
    Optional<Runnable> claim(int index) throws IOException {
        if (!held.add(index)) {
            return Optional.empty();
        }
        if (file.isEmpty()) {
            return Optional.of(() -> held.remove(index));
        }
        FileLock lock;
        try {
            lock = file.get().tryLock(namespace << INDEX_BITS | index, 1, false);
        } catch (OverlappingFileLockException anotherOfThisProcess) {
            lock = null;
        } catch (IOException failed) {
            held.remove(index);
            throw failed;
        }
        if (lock == null) {
            held.remove(index);
            return Optional.empty();
        }
        FileLock taken = lock;
        return Optional.of(() -> {
            held.remove(index);
            try {
                taken.release();
            } catch (IOException failed) {
                LOG.warn("let link {} go: {}", index, failed.getMessage());
            }
        });
    }

    @Override
    public void close() throws IOException {
        if (file.isPresent()) {
            file.get().close();
        }
    }
}
