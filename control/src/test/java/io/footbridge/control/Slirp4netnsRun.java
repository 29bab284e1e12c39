package io.footbridge.control;

import io.footbridge.tap.TestNamespaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * {@code bin/slirp4netns} under the process id that a client would know. Descriptor 3 leads to a file, for {@code -r 3}, and
 * descriptor 4 is the reading end of a FIFO, for {@code -e 4}. What it writes is in files of a folder of the test's.
 */
final class Slirp4netnsRun implements AutoCloseable {
    static final Path PROGRAM = Path.of(System.getProperty("footbridge.root"), "bin/slirp4netns");

    private static final int LIMIT_SECONDS = 30;

    private final Path folder;
    private final Process process;

    private Slirp4netnsRun(Path folder, Process process) {
        this.folder = folder;
        this.process = process;
    }

    /** Starts it with these arguments. */
    static Slirp4netnsRun start(Path parent, String... arguments) throws IOException {
        return startBy(parent, List.of(), arguments);
    }

    /** Starts it by another program, such as setpriv, which becomes it. */
    static Slirp4netnsRun startBy(Path parent, List<String> prefix, String... arguments) throws IOException {
        Path folder = Files.createTempDirectory(parent, "slirp");
        TestNamespaces.await("a FIFO", () -> new ProcessBuilder("mkfifo", folder.resolve("exit").toString()).start().waitFor() == 0);
        List<String> command = new ArrayList<>(List.of("sh", "-c", "cd \"$0\" && exec \"$@\" 3>ready 4<>exit", folder.toString()));
        command.addAll(prefix);
        command.add(PROGRAM.toString());
        command.addAll(List.of(arguments));
        return new Slirp4netnsRun(folder, new ProcessBuilder(command).redirectInput(Path.of("/dev/null").toFile())
            .redirectOutput(folder.resolve("out").toFile()).redirectError(folder.resolve("err").toFile()).start());
    }

    /** Waits until it says on descriptor 3 that it is ready. */
    Slirp4netnsRun awaitReady() {
        TestNamespaces.await("slirp4netns ready", () -> {
            if (!process.isAlive()) {
                throw new AssertionError("it ended with " + process.exitValue() + ": " + errors());
            }
            return !ready().isEmpty();
        });
        return this;
    }

    /** Waits for its end; its exit code. */
    int awaitEnd() throws InterruptedException {
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("slirp4netns still runs: " + errors());
        }
        return process.exitValue();
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** What was written to descriptor 3. */
    String ready() {
        return read("ready");
    }

    String output() {
        return read("out");
    }

    String errors() {
        return read("err");
    }

    Path folder() {
        return folder;
    }

    /** What a file of its in /proc says of each of its threads, without what is on other lines. */
    List<String> ofAllThreads(String key) throws IOException {
        try (Stream<Path> threads = Files.list(Path.of("/proc/" + pid() + "/task"))) {
            List<String> values = new ArrayList<>();
            for (Path thread : threads.toList()) {
                statusOf(thread).stream().filter(line -> line.startsWith(key + ":"))
                    .map(line -> line.substring(key.length() + 1).strip()).forEach(values::add);
            }
            return values;
        }
    }

    /** Compilers' threads come and go. */
    private static List<String> statusOf(Path thread) throws IOException {
        try {
            return Files.readAllLines(thread.resolve("status"));
        } catch (IOException failed) {
            if (Files.exists(thread)) {
                throw failed;
            }
            return List.of();
        }
    }

    private String read(String file) {
        try {
            return Files.exists(folder.resolve(file)) ? Files.readString(folder.resolve(file)) : "";
        } catch (IOException unreadable) {
            throw new AssertionError(unreadable);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
