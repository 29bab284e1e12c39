package io.footbridge.control;

import io.footbridge.tap.TestNamespaces;
import io.footbridge.tap.TestNamespaces.Background;
import io.footbridge.tap.TestNamespaces.Result;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * {@code ./footbridge run} of the program that was built, in a namespace that plays the host, as root and as users of the
 * test's own. Users, their subordinate ids and a TAP device open to all are mounts that only the test sees.
 */
final class TestRuns implements AutoCloseable {
    private static final Path ROOT = Path.of(System.getProperty("footbridge.root"));
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String WRAPPER = """
        #!/bin/sh
        # usage: as UID COMMAND [ARG...]
        set -e
        bed=${0%/*}
        mount --bind "$bed/tun" /dev/net/tun
        for file in passwd group subuid subgid; do
            mount --bind "$bed/$file" "/etc/$file"
        done
        export PATH="$bed/bin:$PATH" XDG_RUNTIME_DIR="$bed/runtime-$1" HOME=/
        [ "$1" -ne 0 ] || export FOOTBRIDGE_SOCKET="$bed/runtime-0/footbridge/control.sock"
        uid=$1
        shift
        exec setpriv --reuid="$uid" --regid="$uid" --clear-groups "$@"
        """;

    private final TestNamespaces namespaces = new TestNamespaces();
    private final String host = namespaces.create();
    private final Path bed;

    /** Who runs it. */
    enum Who {
        ROOT(0),
        /** An account with subordinate ids. */
        USER(47_111),
        /** A number without an account, and so without subordinate ids. */
        STRANGER(47_112);

        private final int uid;

        Who(int uid) {
            this.uid = uid;
        }

        int uid() {
            return uid;
        }
    }

    TestRuns() {
        try {
            bed = Files.createTempDirectory("fbr");
            Files.setPosixFilePermissions(bed, PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.createDirectory(bed.resolve("bin"));
            script("as", WRAPPER);
            for (String file : List.of("passwd", "group")) {
                Files.writeString(bed.resolve(file), Files.readString(Path.of("/etc", file))
                    + (file.equals("passwd") ? "fbrun:x:47111:47111::/:/bin/sh\n" : "fbrun:x:47111:\n"));
            }
            for (String file : List.of("subuid", "subgid")) {
                Files.writeString(bed.resolve(file), "fbrun:471110000:65536\n");
            }
            namespaces.host("mknod", "-m", "0666", bed.resolve("tun").toString(), "c", "10", "200");
            for (Who who : Who.values()) {
                Path runtime = Files.createDirectory(bed.resolve("runtime-" + who.uid()));
                namespaces.host("chown", who.uid() + ":" + who.uid(), runtime.toString());
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** The namespace that plays the host. */
    String host() {
        return host;
    }

    TestNamespaces namespaces() {
        return namespaces;
    }

    Path bed() {
        return bed;
    }

    /** Puts a program before all others of its name. */
    void shadow(String name, String text) {
        script("bin/" + name, "#!/bin/sh\n" + text);
    }

    private void script(String name, String text) {
        try {
            Files.writeString(bed.resolve(name), text);
            Files.setPosixFilePermissions(bed.resolve(name), PosixFilePermissions.fromString("rwxr-xr-x"));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** What starts {@code footbridge run} with these arguments, in the host's namespace. */
    List<String> command(Who who, String... arguments) {
        List<String> command = as(who, ROOT.resolve("footbridge").toString(), "run");
        command.addAll(List.of(arguments));
        return command;
    }

    /** What starts a program as somebody. */
    List<String> as(Who who, String... program) {
        List<String> command =
            new ArrayList<>(List.of("unshare", "--mount", bed.resolve("as").toString(), String.valueOf(who.uid())));
        command.addAll(List.of(program));
        return command;
    }

    Background start(Who who, String... arguments) {
        return namespaces.start(host, command(who, arguments).toArray(String[]::new));
    }

    Result run(Who who, String... arguments) {
        return start(who, arguments).awaitEnd(LIMIT);
    }

    /** Starts one that runs until it is stopped, and waits until its network is there. */
    Background startAndAwait(Who who, String... options) {
        List<String> arguments = new ArrayList<>(List.of(options));
        arguments.addAll(List.of("--", "sh", "-c", "echo started; exec sleep 1000"));
        return start(who, arguments.toArray(String[]::new)).awaitText("started");
    }

    /** The control socket of a run. */
    Path socket(Who who, Background run) {
        return directory(who).resolve("run-" + run.pid() + ".sock");
    }

    Path directory(Who who) {
        return bed.resolve("runtime-" + who.uid()).resolve("footbridge");
    }

    /** The processes that serve a run: the script and the JVM. */
    static List<ProcessHandle> engine(int run) {
        return ProcessHandle.allProcesses().filter(process -> process.info().arguments().map(List::of).orElse(List.of()).stream()
            .anyMatch(argument -> argument.equals(String.valueOf(run)))).filter(process -> process.pid() != run).toList();
    }

    /** Ends COMMAND as a supervisor does, and waits until nothing is left. */
    void end(Who who, Background run) {
        ProcessHandle.of(run.pid()).ifPresent(ProcessHandle::destroy);
        awaitGone(who, run.pid());
        run.stop();
    }

    /** Waits until nothing is left of a run: no process, no file; the kernel takes namespaces and mounts with the last of them. */
    void awaitGone(Who who, int run) {
        TestNamespaces.await("the end of what served run " + run, () -> engine(run).isEmpty());
        TestNamespaces.await("no file of run " + run, () -> filesOf(who).noneMatch(file -> file.contains("run-" + run)));
    }

    private Stream<String> filesOf(Who who) throws IOException {
        try (Stream<Path> files = Files.list(directory(who))) {
            return files.map(file -> file.getFileName().toString()).toList().stream();
        }
    }

    @Override
    public void close() {
        namespaces.close();
        try (Stream<Path> paths = Files.walk(bed)) {
            paths.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
