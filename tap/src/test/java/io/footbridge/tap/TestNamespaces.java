package io.footbridge.tap;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * Network namespaces for a test, made and entered with {@code ip netns}, and gone with it. Names are {@code
 * fbt-PID-N}, so test runs side by side do not meet. Made and closed by one thread; {@link #exec} and {@link #await}
 * are for any.
 */
public final class TestNamespaces implements AutoCloseable {
    /** How long a command or a condition may take where nothing else is said. */
    public static final Duration LIMIT = Duration.ofSeconds(20);

    private static final Path DIRECTORY = Path.of("/run/netns");
    private static final Path TUN = Path.of("/dev/net/tun");
    private static final int CAP_NET_ADMIN = 12;
    private static final int CAP_SYS_ADMIN = 21;
    private static final Duration POLL = Duration.ofMillis(2);
    private static final AtomicInteger NEXT = new AtomicInteger();

    private final Deque<String> names = new ArrayDeque<>();
    private final Deque<Background> started = new ArrayDeque<>();

    /** What a command left behind. */
    public record Result(int exitCode, String output, String errors) {
        /** Whether it ended with 0. */
        public boolean succeeded() {
            return exitCode == 0;
        }
    }

    /** Skips the test, saying why, where the machine has no way to run it; and only there. */
    public static void assumeCapable() {
        Optional<String> reason = whyIncapable();
        Assumptions.assumeTrue(reason.isEmpty(), () -> "no namespaces for tests here: " + reason.orElse(""));
    }

    /** What this machine lacks for tests in namespaces; empty where it lacks nothing. */
    public static Optional<String> whyIncapable() {
        if (!hasCapability(CAP_NET_ADMIN) || !hasCapability(CAP_SYS_ADMIN)) {
            return Optional.of("not root (CAP_NET_ADMIN and CAP_SYS_ADMIN are needed)");
        }
        if (!Files.exists(Path.of("/proc/self/ns/net"))) {
            return Optional.of("the kernel has no network namespaces");
        }
        if (!Files.isReadable(TUN) || !Files.isWritable(TUN)) {
            return Optional.of("no " + TUN + " that may be opened");
        }
        if (Stream.of(System.getenv("PATH").split(":")).noneMatch(d -> Files.isExecutable(Path.of(d, "ip")))) {
            return Optional.of("no `ip` program; install iproute2");
        }
        return Optional.empty();
    }

    /** Makes a namespace with its loopback up; its name, for {@code ip netns} and {@link #path}. */
    public String create() {
        String name = "fbt-" + ProcessHandle.current().pid() + "-" + NEXT.incrementAndGet();
        if (Files.exists(path(name))) {
            // Our process id is ours alone: this was left behind by an earlier process that had it.
            host("ip", "netns", "del", name);
        }
        mustSucceed(host("ip", "netns", "add", name), "ip netns add " + name);
        names.push(name);
        run(name, "ip", "link", "set", "lo", "up");
        return name;
    }

    /** The file that stands for a namespace. */
    public static Path path(String name) {
        return DIRECTORY.resolve(name);
    }

    /** Deletes a namespace before the test ends. */
    public void delete(String name) {
        names.remove(name);
        mustSucceed(host("ip", "netns", "del", name), "ip netns del " + name);
    }

    /** Runs a command in a namespace, to its end. */
    public Result exec(String name, String... command) {
        return exec(LIMIT, name, command);
    }

    /** Runs a command in a namespace; past the limit it is ended and the test fails. */
    public Result exec(Duration limit, String name, String... command) {
        return host(limit, inside(name, command));
    }

    /** Runs a command in a namespace that must succeed; its output. */
    public String run(String name, String... command) {
        return mustSucceed(exec(name, command), String.join(" ", command)).output();
    }

    /** Runs a command where the test itself runs. */
    public Result host(String... command) {
        return host(LIMIT, List.of(command));
    }

    /** Starts a command in a namespace that runs until it is stopped, at the latest by {@link #close}. */
    public Background start(String name, String... command) {
        Background background = new Background(inside(name, command));
        started.push(background);
        return background;
    }

    /** Waits until a condition holds; the test fails where it does not in time. */
    public static void await(String what, Callable<Boolean> condition) {
        await(what, LIMIT, condition);
    }

    /** As {@link #await(String, Callable)}, with a limit. The condition is asked again every two milliseconds. */
    public static void await(String what, Duration limit, Callable<Boolean> condition) {
        long end = System.nanoTime() + limit.toNanos();
        try {
            while (!condition.call()) {
                if (System.nanoTime() - end > 0) {
                    throw new AssertionError("not within " + limit.toMillis() + " ms: " + what);
                }
                LockSupport.parkNanos(POLL.toNanos());
            }
        } catch (RuntimeException failed) {
            throw failed;
        } catch (Exception failed) {
            throw new AssertionError("while waiting for: " + what, failed);
        }
    }

    /** Ends what was started and deletes the namespaces; fails if one of them cannot be deleted. */
    @Override
    public void close() {
        started.forEach(Background::stop);
        List<String> failures = new ArrayList<>();
        for (String name : names) {
            Result deleted = host("ip", "netns", "del", name);
            if (!deleted.succeeded()) {
                failures.add(deleted.errors().strip());
            }
        }
        names.clear();
        if (!failures.isEmpty()) {
            throw new AssertionError("namespaces left behind: " + failures);
        }
    }

    /** A command that runs beside the test. */
    public static final class Background {
        private static final int LAST_RESORT_SECONDS = 5;

        private final String command;
        private final Path output;
        private final Path errors;
        private final Process process;
        private String lastOutput = "";
        private String lastErrors = "";

        private Background(List<String> command) {
            this.command = String.join(" ", command);
            try {
                output = Files.createTempFile("fbt", ".out");
                errors = Files.createTempFile("fbt", ".err");
                process = new ProcessBuilder(command)
                        .redirectInput(Path.of("/dev/null").toFile())
                        .redirectOutput(output.toFile()).redirectError(errors.toFile()).start();
            } catch (IOException failed) {
                throw new UncheckedIOException("cannot start " + this.command, failed);
            }
        }

        /** The command's own process: {@code ip netns exec} becomes it. */
        public int pid() {
            return (int) process.pid();
        }

        /** Whether it still runs. */
        public boolean isAlive() {
            return process.isAlive();
        }

        /** What it has written so far, or until it was stopped. */
        public String output() {
            return lastOutput.isEmpty() ? text(output) : lastOutput;
        }

        /** What it has complained about so far, or until it was stopped. */
        public String errors() {
            return lastErrors.isEmpty() ? text(errors) : lastErrors;
        }

        /** Waits until its output, or its errors, contain a text. */
        public Background awaitText(String expected) {
            await("'" + expected + "' from " + command, () -> {
                if (output().contains(expected) || errors().contains(expected)) {
                    return true;
                }
                if (!isAlive()) {
                    throw new AssertionError(command + " ended with " + process.exitValue() + ": " + errors());
                }
                return false;
            });
            return this;
        }

        /** Waits for its end; past the limit it is ended and the test fails. */
        public Result awaitEnd(Duration limit) {
            try {
                if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                    String soFar = output() + errors();
                    stop();
                    throw new AssertionError("not done within " + limit.toMillis() + " ms: " + command + "\n" + soFar);
                }
                Result result = new Result(process.exitValue(), output(), errors());
                stop();
                return result;
            } catch (InterruptedException interrupted) {
                stop();
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted while waiting for " + command, interrupted);
            }
        }

        /** Ends it and its children. A second stop does nothing. */
        public void stop() {
            List<ProcessHandle> children = process.descendants().toList();
            process.destroy();
            children.forEach(ProcessHandle::destroy);
            try {
                if (!process.waitFor(LAST_RESORT_SECONDS, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException interrupted) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
            children.forEach(ProcessHandle::destroyForcibly);
            lastOutput = output();
            lastErrors = errors();
            try {
                Files.deleteIfExists(output);
                Files.deleteIfExists(errors);
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }

        private static String text(Path file) {
            try {
                return Files.exists(file) ? Files.readString(file) : "";
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }
    }

    private static Result host(Duration limit, List<String> command) {
        return new Background(command).awaitEnd(limit);
    }

    private static List<String> inside(String name, String... command) {
        List<String> whole = new ArrayList<>(List.of("ip", "netns", "exec", name));
        whole.addAll(List.of(command));
        return whole;
    }

    private static Result mustSucceed(Result result, String command) {
        if (!result.succeeded()) {
            throw new AssertionError(command + " ended with " + result.exitCode() + ": " + result.errors()
                    + result.output());
        }
        return result;
    }

    private static boolean hasCapability(int number) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("CapEff:"))
                    .map(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
                    .anyMatch(mask -> (mask >>> number & 1) != 0);
        } catch (IOException unreadable) {
            return false;
        }
    }
}
