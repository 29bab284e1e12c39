package io.footbridge.control.cli;

import io.footbridge.control.model.SystemReason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/** Where a daemon's control socket is: where it is said, else where daemon and clients of one user meet. */
public final class SocketPath {
    // stat(2)'s st_mode
    private static final int FILE_TYPE = 0xF000;
    private static final int SOCKET = 0xC000;

    private static final String NAME = "control.sock";
    private static final String INITIAL_USER_NAMESPACE = "0 0 4294967295";
    // sockaddr_un's path with its terminating zero, less what the daemon adds while it makes the socket
    private static final int MAX_BYTES = 103;

    private SocketPath() {
    }

    /**
     * The socket's path.
     *
     * @param option what {@code --socket} said
     */
    public static Path resolve(Optional<Path> option) throws IOException {
        String environment = System.getenv("FOOTBRIDGE_SOCKET");
        Path path;
        if (option.isPresent()) {
            path = option.get();
        } else if (environment != null && !environment.isEmpty()) {
            path = Path.of(environment);
        } else {
            path = directory().resolve(NAME);
        }
        Path absolute = path.toAbsolutePath().normalize();
        if (absolute.toString().getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            throw new IOException("socket path " + absolute + " is too long: at most " + MAX_BYTES + " bytes");
        }
        return absolute;
    }

    /** Makes the directory of a socket, for its owner alone, where it is missing; refuses one of somebody else's. */
    public static void prepareDirectory(Path socket) throws IOException {
        if (Files.exists(socket) && ((int) Files.getAttribute(socket, "unix:mode") & FILE_TYPE) != SOCKET) {
            throw new IOException(socket + " exists and is not a socket; give --socket another path");
        }
        Path directory = socket.getParent();
        if (!Files.isDirectory(directory)) {
            try {
                Files.createDirectories(directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            } catch (FileSystemException failed) {
                throw new IOException("cannot make directory " + directory + " for the control socket: "
                    + SystemReason.of(failed) + "; give --socket another path", failed);
            }
        }
        if (directory.startsWith("/tmp") && directory.getFileName().toString().startsWith("footbridge-")) {
            int owner = (int) Files.getAttribute(directory, "unix:uid");
            if (owner != uid() || !PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)).equals("rwx------")) {
                throw new IOException("directory " + directory + " is not this user's alone; remove it, or give --socket");
            }
        }
    }

    private static Path directory() throws IOException {
        int uid = uid();
        if (uid == 0 && inInitialUserNamespace()) {
            return Path.of("/run/footbridge");
        }
        String runtime = System.getenv("XDG_RUNTIME_DIR");
        if (runtime != null && runtime.startsWith("/")) {
            return Path.of(runtime, "footbridge");
        }
        Path ofUser = Path.of("/run/user", String.valueOf(uid));
        return Files.isDirectory(ofUser) ? ofUser.resolve("footbridge") : Path.of("/tmp/footbridge-" + uid);
    }

    private static int uid() throws IOException {
        return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    }

    private static boolean inInitialUserNamespace() throws IOException {
        Path map = Path.of("/proc/self/uid_map");
        return !Files.exists(map) || Files.readString(map).strip().replaceAll("\\s+", " ").equals(INITIAL_USER_NAMESPACE);
    }
}
