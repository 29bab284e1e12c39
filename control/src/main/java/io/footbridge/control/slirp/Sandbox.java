package io.footbridge.control.slirp;

import io.footbridge.tap.CallState;
import io.footbridge.tap.Errno;
import io.footbridge.tap.FileCalls;
import io.footbridge.tap.MountCalls;
import io.footbridge.tap.NamespaceCalls;
import io.footbridge.tap.PrivilegeCalls;
import io.footbridge.tap.ProcessCalls;
import io.footbridge.tap.SystemCallException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.stream.Stream;

/**
 * The way from the first stage to the second: a mount namespace with next to nothing in it, no rights but to bind low ports,
 * and another JVM under the same process id. All of it is done by one thread, the calling one, whose namespaces and rights
 * become the second stage's when it executes it; so nothing may be left to do for others.
 */
final class Sandbox {
    private static final String HOME = "/footbridge";
    private static final String JDK = HOME + "/jdk";
    private static final String PROGRAM = HOME + "/program";
    private static final String LIBRARIES = HOME + "/lib";
    private static final long STRICT = MountCalls.ATTR_RDONLY | MountCalls.ATTR_NOSUID | MountCalls.ATTR_NODEV
        | MountCalls.ATTR_NOEXEC;
    private static final long EXECUTABLE = MountCalls.ATTR_RDONLY | MountCalls.ATTR_NOSUID | MountCalls.ATTR_NODEV;
    private static final long DEVICE = MountCalls.ATTR_RDONLY | MountCalls.ATTR_NOSUID | MountCalls.ATTR_NOEXEC;
    private static final List<String> STAGES = List.of("/tmp", "/mnt", "/media", "/srv", "/opt", "/var/tmp");
    private static final FileAttribute<?> OPEN = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x"));
    private static final int CAPABILITIES = 64;
    private static final int FIRST_OWN_DESCRIPTOR = 3;

    private final CallState state = CallState.ofThread();
    private final Path jdk = Path.of(System.getProperty("java.home")).toRealPath();
    private final Path program;
    private final SequencedSet<Path> libraries;
    private final Path loader;

    /** A part of the host that stays visible. */
    private record Part(Path from, String to, long attributes) {
    }

    /**
     * @param program the folder with the program's jars and options
     */
    Sandbox(Path program) throws IOException {
        this.program = program.toRealPath();
        List<Path> mapped = mappedLibraries();
        this.loader = mapped.stream().filter(file -> file.getFileName().toString().startsWith("ld-")).findFirst()
            .orElseThrow(() -> new IOException("no dynamic loader in /proc/self/maps; start without --enable-sandbox"));
        // The loader's own folder first, since the loader is started by its path.
        this.libraries = new LinkedHashSet<>(List.of(loader.getParent()));
        mapped.forEach(file -> libraries.add(file.getParent()));
    }

    /** Whatever is mapped that is not the JDK's own: the C library and its kin. */
    private List<Path> mappedLibraries() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
            return lines.map(line -> line.substring(Math.max(0, line.indexOf('/'))))
                .filter(path -> path.startsWith("/") && path.substring(path.lastIndexOf('/') + 1).contains(".so"))
                .map(Path::of).filter(path -> !path.startsWith(jdk)).distinct().toList();
        }
    }

    /**
     * Enters it and executes the second stage; returns only by an exception.
     *
     * @param descriptors that the second stage inherits
     * @param options the JVM's options, main class and arguments; files are named as they are in the sandbox, see
     *     {@link #program(String)}
     */
    void execute(List<Integer> descriptors, List<String> options) throws IOException {
        makeRoot();
        dropRights();
        check(FileCalls.closeOnExecuteFrom(state, FIRST_OWN_DESCRIPTOR), "close_range");
        for (int descriptor : descriptors) {
            check(FileCalls.keepOnExecute(state, descriptor), "keep descriptor " + descriptor);
        }
        String loading = LIBRARIES + "0/" + loader.getFileName();
        List<String> command = new ArrayList<>(List.of(loading, "--library-path", libraryPath(), JDK + "/bin/java"));
        command.addAll(options);
        List<String> environment = System.getenv().entrySet().stream().filter(entry -> !entry.getKey().startsWith("LD_"))
            .map(entry -> entry.getKey() + "=" + entry.getValue()).toList();
        int result = ProcessCalls.execute(state, loading, command, environment);
        throw new SystemCallException("start " + JDK + "/bin/java in the sandbox", -result,
            "its files and folders must be readable by all, or start without --enable-sandbox");
    }

    /** Where a file of the program's folder is in the sandbox. */
    static String program(String file) {
        return PROGRAM + "/" + file;
    }

    private String libraryPath() {
        StringBuilder path = new StringBuilder(JDK + "/lib");
        for (int i = 0; i < libraries.size(); i++) {
            path.append(':').append(LIBRARIES).append(i);
        }
        return path.toString();
    }

    private List<Part> parts() {
        List<Part> parts = new ArrayList<>(List.of(new Part(Path.of("/etc"), "/etc", STRICT), new Part(Path.of("/run"), "/run", STRICT)));
        parts.add(new Part(jdk, JDK, EXECUTABLE));
        parts.add(new Part(program, PROGRAM, STRICT));
        int number = 0;
        for (Path folder : libraries) {
            parts.add(new Part(folder, LIBRARIES + number++, EXECUTABLE));
        }
        parts.add(new Part(Path.of("/dev/urandom"), "/dev/urandom", DEVICE));
        resolverOutside().ifPresent(file -> parts.add(new Part(file, file.toString(), STRICT)));
        return parts;
    }

    /** What resolv.conf leads to, where that is neither in /etc nor in /run. */
    private static Optional<Path> resolverOutside() {
        try {
            Path file = Path.of("/etc/resolv.conf").toRealPath();
            return file.startsWith("/etc") || file.startsWith("/run") ? Optional.empty() : Optional.of(file);
        } catch (IOException none) {
            return Optional.empty();
        }
    }

    private void makeRoot() throws IOException {
        List<Part> parts = parts();
        String stage = STAGES.stream().filter(folder -> Files.isDirectory(Path.of(folder)))
            .filter(folder -> parts.stream().noneMatch(part -> part.from().startsWith(folder))).findFirst()
            .orElseThrow(() -> new IOException("no folder to mount the sandbox on; make /mnt, or start without --enable-sandbox"));
        check(NamespaceCalls.unshare(state, NamespaceCalls.CLONE_NEWNS), "unshare of the mount namespace");
        check(MountCalls.mount(state, "", "/", "", MountCalls.MS_SLAVE | MountCalls.MS_REC, ""), "make mounts follow the host's");
        check(MountCalls.mount(state, "tmpfs", stage, "tmpfs", MountCalls.MS_NOSUID | MountCalls.MS_NODEV | MountCalls.MS_NOEXEC,
            "size=4k,mode=755"), "mount the sandbox's root on " + stage);
        for (Part part : parts) {
            show(part, Path.of(stage + part.to()));
        }
        Path old = Files.createDirectory(Path.of(stage, "old"));
        check(MountCalls.pivotRoot(state, stage, old.toString()), "pivot_root to " + stage);
        check(MountCalls.chdir(state, "/"), "chdir to /");
        check(MountCalls.umount(state, "/old", MountCalls.MNT_DETACH), "unmount the host's files");
        Files.delete(Path.of("/old"));
        check(MountCalls.mount(state, "", "/", "", MountCalls.MS_REMOUNT | MountCalls.MS_BIND | MountCalls.MS_RDONLY
            | MountCalls.MS_NOSUID | MountCalls.MS_NODEV | MountCalls.MS_NOEXEC, ""), "make the sandbox's root read-only");
    }

    private void show(Part part, Path at) throws IOException {
        if (Files.isDirectory(part.from())) {
            Files.createDirectories(at, OPEN);
        } else {
            Files.createDirectories(at.getParent(), OPEN);
            Files.createFile(at);
        }
        check(MountCalls.mount(state, part.from().toString(), at.toString(), "", MountCalls.MS_BIND | MountCalls.MS_REC, ""),
            "show " + part.from() + " in the sandbox");
        int result = MountCalls.setAttributes(state, at.toString(), part.attributes());
        if (Errno.ENOSYS.is(result)) {
            throw new SystemCallException("make " + part.from() + " read-only in the sandbox", -result,
                "Linux 5.12 is needed; or start without --enable-sandbox");
        }
        check(result, "make " + part.from() + " read-only in the sandbox");
    }

    private void dropRights() throws SystemCallException {
        check(PrivilegeCalls.setNoNewPrivileges(state), "prctl PR_SET_NO_NEW_PRIVS");
        check(PrivilegeCalls.clearAmbientSet(state), "prctl PR_CAP_AMBIENT_CLEAR_ALL");
        for (int capability = 0; capability < CAPABILITIES; capability++) {
            if (capability != PrivilegeCalls.CAP_NET_BIND_SERVICE) {
                int result = PrivilegeCalls.dropFromBoundingSet(state, capability);
                if (Errno.EINVAL.is(result)) {
                    break;
                }
                check(result, "prctl PR_CAPBSET_DROP");
            }
        }
        int kept = 1 << PrivilegeCalls.CAP_NET_BIND_SERVICE;
        check(PrivilegeCalls.setCapabilities(state, kept, kept, kept), "capset");
    }

    private static void check(int result, String action) throws SystemCallException {
        if (result < 0) {
            throw new SystemCallException(action, -result, "start without --enable-sandbox if that is not allowed here");
        }
    }
}
