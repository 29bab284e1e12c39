package io.footbridge.control.daemon;

import io.footbridge.control.model.RefusedException;
import io.footbridge.control.model.SystemReason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directory {@code SOCKET.d} beside a daemon's socket, held by a lock as long as the daemon lives, however it ends.
 *
 * <p>{@code lock} is the locked file; {@code instance} is the id of the daemon that holds the lock, or of a dead one that
 * could not clean up; {@code links} is what settings of held links were before. The rest is package {@code handover}'s.
 *
 * <p>What is read here is carried out with the daemon's rights, and a socket may lie where others may write, as in
 * {@code /tmp}. So the directory must be this user's alone, and no link is followed to it or in it.
 */
public final class StateDirectory implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StateDirectory.class);
    private static final int ID_BYTES = 8;
    private static final Pattern ID = Pattern.compile("[0-9a-f]{" + 2 * ID_BYTES + "}");
    private static final Set<PosixFilePermission> OURS_ALONE = PosixFilePermissions.fromString("rwx------");

    private final Path directory;
    private final FileChannel lockFile;
    private final String instance;
    private final Optional<String> deadInstance;

    private StateDirectory(Path directory, FileChannel lockFile, String instance, Optional<String> deadInstance) {
        this.directory = directory;
        this.lockFile = lockFile;
        this.instance = instance;
        this.deadInstance = deadInstance;
    }

    /** Takes the directory of a socket; refuses where a daemon that lives has it, or where it is not ours alone. */
    public static StateDirectory take(Path socket, RandomGenerator random) throws IOException, RefusedException {
        Path directory = socket.resolveSibling(socket.getFileName() + ".d");
        prepare(directory);
        FileChannel lockFile = openLock(directory.resolve("lock"));
        try {
            FileLock lock = lockFile.tryLock();
            if (lock == null) {
                throw RefusedException.conflict("a daemon already runs on " + socket + "; stop it, or give --socket another path");
            }
            Optional<String> dead = read(directory.resolve("instance")).filter(ID.asMatchPredicate());
            byte[] id = new byte[ID_BYTES];
            random.nextBytes(id);
            String instance = HexFormat.of().formatHex(id);
            return new StateDirectory(directory, lockFile, instance, dead);
        } catch (IOException | RefusedException | RuntimeException failed) {
            lockFile.close();
            throw failed;
        }
    }

    private static void prepare(Path directory) throws IOException, RefusedException {
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            try {
                Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(OURS_ALONE));
            } catch (FileSystemException failed) {
                throw new IOException("make directory " + directory + " for the daemon's lock: " + SystemReason.of(failed)
                    + "; give --socket a path where this user may write", failed);
            }
        }
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            throw refusal(directory, "is not a directory");
        }
        Object owner = Files.getAttribute(directory, "unix:uid", LinkOption.NOFOLLOW_LINKS);
        if (!owner.equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))) {
            throw refusal(directory, "belongs to user " + owner);
        }
        Set<PosixFilePermission> mode = Files.getPosixFilePermissions(directory, LinkOption.NOFOLLOW_LINKS);
        if (!mode.equals(OURS_ALONE)) {
            throw refusal(directory, "is open to others (" + PosixFilePermissions.toString(mode) + ")");
        }
    }

    private static RefusedException refusal(Path directory, String fault) {
        return RefusedException.conflict(directory + ", where the daemon keeps its state, " + fault
            + "; it must be a directory of this user's alone, mode 0700: remove it, or give --socket another path");
    }

    private static FileChannel openLock(Path file) throws IOException {
        try {
            return FileChannel.open(file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (IOException failed) {
            throw new IOException("open " + file + ", the daemon's lock: " + SystemReason.of(failed)
                + "; remove " + file.getParent() + ", or give --socket another path", failed);
        }
    }

    /** A short file's text; empty where there is none, or where it is no file of its own. */
    private static Optional<String> read(Path file) throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        try (SeekableByteChannel channel =
            Files.newByteChannel(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
            ByteBuffer text = ByteBuffer.allocate(4 * ID_BYTES);
            int length = channel.read(text);
            return Optional.of(new String(text.array(), 0, Math.max(0, length), StandardCharsets.US_ASCII).strip());
        } catch (NoSuchFileException gone) {
            return Optional.empty();
        }
    }

    /** By which this daemon's devices are known. */
    public String instance() {
        return instance;
    }

    /** The id of a predecessor that did not clean up. */
    public Optional<String> deadInstance() {
        return deadInstance;
    }

    /** Writes this daemon's id down: to be called when its predecessor's leftovers are gone. */
    public void begin() throws IOException {
        Path file = directory.resolve("instance");
        Path written = directory.resolve("instance.new");
        try {
            Files.deleteIfExists(written);
            Files.writeString(written, instance + "\n", StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException failed) {
            throw new IOException("write " + file + ": " + SystemReason.of(failed)
                + "; make room there, or give --socket another path", failed);
        }
    }

    /** The directory itself, of mode 0700. */
    public Path path() {
        return directory;
    }

    /** Where a held link's settings are kept. */
    public Path links() {
        return directory.resolve("links");
    }

    /** Lets the lock go and removes the directory: for a socket whose path is nobody's after this. */
    public void remove() throws IOException {
        close();
        Files.deleteIfExists(directory.resolve("lock"));
        Files.deleteIfExists(directory);
    }

    /** Lets the lock go. All is cleaned up by then; only what could not be is left for the next daemon to know. */
    @Override
    public void close() throws IOException {
        try {
            Files.deleteIfExists(links());
            Files.deleteIfExists(directory.resolve("instance"));
        } catch (DirectoryNotEmptyException linksNotPutBack) {
            LOG.warn("settings of links are left in {}; the next start on this socket puts them back", links());
        } finally {
            lockFile.close();
        }
    }
}
