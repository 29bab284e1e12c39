package io.footbridge.control.daemon;

import io.footbridge.control.model.RefusedException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * The directory {@code SOCKET.d} beside a daemon's socket, held by a lock as long as the daemon lives, however it ends.
 *
 * <p>{@code lock} is the locked file; {@code instance} is the id of the daemon that holds the lock, or of a dead one that
 * could not clean up; {@code links} is what settings of held links were before.
 */
final class StateDirectory implements AutoCloseable {
    private static final int ID_BYTES = 8;
    private static final Pattern ID = Pattern.compile("[0-9a-f]{" + 2 * ID_BYTES + "}");

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

    /** Takes the directory of a socket; refuses where a daemon that lives has it. */
    static StateDirectory take(Path socket, RandomGenerator random) throws IOException, RefusedException {
        Path directory = socket.resolveSibling(socket.getFileName() + ".d");
        if (!Files.isDirectory(directory)) {
            try {
                Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            } catch (FileSystemException failed) {
                throw new IOException("cannot make directory " + directory + ", which holds the daemon's lock", failed);
            }
        }
        FileChannel lockFile = FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = lockFile.tryLock();
            if (lock == null) {
                throw RefusedException.conflict("a daemon already runs on " + socket + "; stop it, or give --socket another path");
            }
            Path file = directory.resolve("instance");
            Optional<String> dead = Files.exists(file)
                ? Optional.of(Files.readString(file).strip()).filter(ID.asMatchPredicate()) : Optional.empty();
            byte[] id = new byte[ID_BYTES];
            random.nextBytes(id);
            String instance = HexFormat.of().formatHex(id);
            return new StateDirectory(directory, lockFile, instance, dead);
        } catch (IOException | RefusedException failed) {
            lockFile.close();
            throw failed;
        }
    }

    /** What this daemon's devices are known by. */
    String instance() {
        return instance;
    }

    /** The id of a predecessor that did not clean up. */
    Optional<String> deadInstance() {
        return deadInstance;
    }

    /** Writes this daemon's id down: to be called when its predecessor's leftovers are gone. */
    void begin() throws IOException {
        Files.writeString(directory.resolve("instance"), instance + "\n");
    }

    /** The directory itself, of mode 0700. */
    Path path() {
        return directory;
    }

    /** Where a held link's settings are kept. */
    Path links() {
        return directory.resolve("links");
    }

    /** Lets the lock go. All is cleaned up by then, and nothing is left to know. */
    @Override
    public void close() throws IOException {
        Files.deleteIfExists(directory.resolve("instance"));
        Files.deleteIfExists(links());
        lockFile.close();
    }
}
