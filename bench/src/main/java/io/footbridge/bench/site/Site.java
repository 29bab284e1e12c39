package io.footbridge.bench.site;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Everything that was made for one mode. Built by the main thread; any thread may close it at any time, after which nothing
 * more can be made. A second close does nothing.
 */
public final class Site implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 5;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final int DELETIONS = 20;
    private static final long PAUSE_NANOS = 50_000_000;

    /** Undoes one thing. */
    private interface Undo {
        void run() throws IOException;
    }

    private final Deque<Undo> undos = new ArrayDeque<>();
    private final List<Process> programs = new ArrayList<>();
    private final List<Process> dataPlane = new ArrayList<>();
    /** Programs whose children are a data plane. */
    private final List<Process> parents = new ArrayList<>();
    private Path folder;
    private int logs;
    private boolean closed;

    /** Something of the mode's that is closed with the site, before what was made earlier. */
    public interface Part {
        /** Ends it. */
        void close() throws IOException;
    }

    /** A namespace with its loopback interface up. */
    public Namespace namespace() throws IOException {
        Namespace namespace;
        synchronized (this) {
            checkOpen();
            namespace = Namespace.create();
            undos.push(namespace::close);
        }
        namespace.run("ip link set lo up");
        return namespace;
    }

    /** A veth pair between two namespaces. */
    public void veth(Namespace one, String oneName, Namespace other, String otherName) throws IOException {
        one.run("ip link add " + oneName + " type veth peer name " + otherName + " netns " + other.path());
        one.run("ip link set " + oneName + " up");
        other.run("ip link set " + otherName + " up");
    }

    /** The mode's own folder, made when it is first asked for. */
    public synchronized Path folder() throws IOException {
        checkOpen();
        if (folder == null) {
            Path made = Files.createTempDirectory("footbridge-bench-mode");
            folder = made;
            undos.push(() -> delete(made));
        }
        return folder;
    }

    /** Starts a program that the mode lives by, in a namespace, its standard error in a file of the folder. Main thread only. */
    public Process start(Namespace namespace, List<String> command) throws IOException {
        Process process = startPassing(namespace, command);
        synchronized (this) {
            programs.add(process);
        }
        return process;
    }

    /** As {@link #start}, for a program that may end before the mode does. */
    public Process startPassing(Namespace namespace, List<String> command) throws IOException {
        Path log = folder().resolve("log" + logs++);
        List<String> whole = new ArrayList<>(namespace.wrap(List.of("setpriv", "--pdeathsig", "KILL", "--")));
        whole.addAll(command);
        synchronized (this) {
            checkOpen();
            Process process = new ProcessBuilder(whole).redirectError(log.toFile()).start();
            undos.push(() -> end(process));
            return process;
        }
    }

    /** As {@link #start}, for a program that moves the mode's data: its processor time is counted. */
    public Process startDataPlane(Namespace namespace, List<String> command) throws IOException {
        Process process = start(namespace, command);
        synchronized (this) {
            dataPlane.add(process);
        }
        return process;
    }

    /**
     * Waits for a line of a program that begins in some way, which is how it says that it is ready.
     *
     * @throws IOException when it ends, or says something else, or nothing
     */
    public void await(Process process, String beginning) throws IOException {
        String line = Programs.line(process, PATIENCE);
        if (line == null || !line.startsWith(beginning)) {
            throw new IOException("it did not start" + (line == null ? "" : ": " + line) + lastWords());
        }
    }

    /** As {@link #start}, for a program that has its data moved by its children, whose processor time is counted. */
    public Process startWithDataPlane(Namespace namespace, List<String> command) throws IOException {
        Process process = start(namespace, command);
        synchronized (this) {
            parents.add(process);
        }
        return process;
    }

    /** Has something closed with the site; at once where that is over. */
    public synchronized void add(Part part) throws IOException {
        if (closed) {
            part.close();
        }
        checkOpen();
        undos.push(part::close);
    }

    /** The processes that move the mode's data; none where the kernel does. */
    public synchronized List<ProcessHandle> dataPlane() {
        return Stream.concat(dataPlane.stream().flatMap(process -> Stream.concat(Stream.of(process.toHandle()), process.descendants())),
                parents.stream().flatMap(Process::descendants)).toList();
    }

    /** That a program of the mode's has ended, with its last words; empty while all run. */
    public synchronized String obituary() {
        return programs.stream().filter(process -> !process.isAlive()).findFirst()
                .map(process -> "a program of it has ended with exit code " + process.exitValue() + lastWords()).orElse("");
    }

    /** What the mode's programs said last on standard error, as the end of a sentence. */
    private synchronized String lastWords() {
        StringBuilder words = new StringBuilder();
        for (int i = 0; i < logs && folder != null; i++) {
            try {
                words.append(Files.readString(folder.resolve("log" + i), StandardCharsets.ISO_8859_1)).append(' ');
            } catch (IOException gone) {
                // Then there are no words.
            }
        }
        String line = Programs.lastWords(words.toString());
        return line.isEmpty() ? "" : ": " + line;
    }

    private void checkOpen() throws IOException {
        if (closed) {
            throw new IOException("bench is ending");
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        while (!undos.isEmpty()) {
            try {
                undos.pop().run();
            } catch (IOException | RuntimeException gone) {
                // What cannot be undone is not there any more; what else there is goes all the same.
            }
        }
    }

    private static void end(Process process) {
        List<ProcessHandle> children = process.descendants().toList();
        process.destroy();
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
            }
        } catch (InterruptedException hurry) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        children.forEach(ProcessHandle::destroyForcibly);
    }

    /** Deletes a folder in which somebody who is ending may still make or delete a file. */
    private static void delete(Path folder) throws IOException {
        for (int i = 0; i < DELETIONS && Files.exists(folder); i++) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            } catch (DirectoryNotEmptyException | UncheckedIOException again) {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }
}
