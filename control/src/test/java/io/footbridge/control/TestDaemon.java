package io.footbridge.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.control.cli.CommandLineRunner;
import io.footbridge.tap.TestNamespaces;
import io.footbridge.tap.TestNamespaces.Background;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A daemon in a JVM of its own, in a namespace that plays the host, with a socket in a temporary directory; and its
 * command line, run in the test's JVM.
 */
final class TestDaemon implements AutoCloseable {
    private final TestNamespaces namespaces;
    private final Path directory;
    private final String host;
    private final List<String> jvmOptions = new ArrayList<>();
    private Background process;

    /** What a command line left behind. */
    record Result(int exitCode, String output, String errors) {
    }

    private TestDaemon(TestNamespaces namespaces, Path directory, String host) {
        this.namespaces = namespaces;
        this.directory = directory;
        this.host = host;
    }

    /** Starts one and waits until it is ready. */
    static TestDaemon start(TestNamespaces namespaces, String... options) {
        return prepare(namespaces, namespaces.create()).begin(options);
    }

    /** One that is not started yet, in a namespace that exists. */
    static TestDaemon prepare(TestNamespaces namespaces, String host) {
        try {
            return new TestDaemon(namespaces, Files.createTempDirectory("fbt"), host);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Lets it be started with an option of the JVM's. */
    TestDaemon with(String jvmOption) {
        jvmOptions.add(jvmOption);
        return this;
    }

    /** Starts it, again where it was killed, and waits until it is ready. */
    TestDaemon begin(String... options) {
        process = launch(options).awaitText("footbridge: ready on " + socket());
        return this;
    }

    /** Starts one on the same socket. */
    Background launch(String... options) {
        List<String> command = new ArrayList<>(List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC", "-Xmx256m", "-XX:-UsePerfData",
            "--enable-native-access=ALL-UNNAMED"));
        command.addAll(jvmOptions);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "io.footbridge.control.Main", "daemon",
            "--socket", socket().toString()));
        command.addAll(List.of(options));
        return namespaces.start(host, command.toArray(String[]::new));
    }

    Path socket() {
        return directory.resolve("c.sock");
    }

    Path directory() {
        return directory;
    }

    /** The namespace that plays the host. */
    String host() {
        return host;
    }

    Background process() {
        return process;
    }

    /** Runs a command line against it. */
    Result footbridge(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] all = new String[args.length + 2];
        System.arraycopy(args, 0, all, 0, args.length);
        all[args.length] = "--socket";
        all[args.length + 1] = socket().toString();
        int code = new CommandLineRunner(new PrintWriter(out), new PrintWriter(err)).run(all);
        return new Result(code, out.toString(), err.toString());
    }

    /** Runs a command line that must succeed; its output. */
    String must(String... args) {
        Result result = footbridge(args);
        assertThat(result.exitCode()).as("%s: %s", String.join(" ", args), result.errors()).isZero();
        return result.output();
    }

    /** Makes a namespace and attaches it. */
    String container(String network, String name, String... options) {
        String namespace = namespaces.create();
        attach(network, name, namespace, options);
        return namespace;
    }

    /** Attaches a namespace; the line that is printed. */
    String attach(String network, String name, String namespace, String... options) {
        List<String> args = new ArrayList<>(List.of("attach", network, "--netns", TestNamespaces.path(namespace).toString(),
            "--name", name));
        args.addAll(List.of(options));
        return must(args.toArray(String[]::new));
    }

    /** Whether one namespace reaches an address. */
    boolean pings(String from, String address) {
        return namespaces.exec(from, "ping", "-n", "-c", "1", "-W", "2", address).succeeded();
    }

    /** Asserts that it answers; the first packet may be lost while links come up. */
    void awaitPing(String from, String address) {
        TestNamespaces.await(from + " reaches " + address,
            () -> namespaces.exec(from, "ping", "-n", "-c", "1", "-W", "1", address).succeeded());
    }

    /** Asserts that nothing answers: three packets, so that a lost one proves nothing. */
    void assertNoPing(String from, String address) {
        assertThat(namespaces.exec(from, "ping", "-n", "-c", "3", "-i", "0.1", "-W", "1", address).succeeded())
            .as("%s reaches %s", from, address).isFalse();
    }

    /** Ends it without letting it know. */
    void kill() {
        ProcessHandle.of(process.pid()).ifPresent(ProcessHandle::destroyForcibly);
        TestNamespaces.await("the daemon's end", () -> !process.isAlive());
    }

    /** Ends it as a supervisor does; its exit code. */
    int terminate(Duration limit) {
        ProcessHandle.of(process.pid()).ifPresent(ProcessHandle::destroy);
        return process.awaitEnd(limit).exitCode();
    }

    @Override
    public void close() {
        if (process != null) {
            process.stop();
        }
        try (var paths = Files.walk(directory)) {
            paths.sorted(java.util.Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
