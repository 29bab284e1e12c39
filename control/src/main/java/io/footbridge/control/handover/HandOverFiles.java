package io.footbridge.control.handover;

import io.footbridge.control.model.SystemReason;
import io.footbridge.tap.CallState;
import io.footbridge.tap.FileCalls;
import io.footbridge.tap.SystemCallException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** The named pipes by which front ends find a daemon and ask it, and the file that says who it is. */
final class HandOverFiles implements AutoCloseable {
    private static final int OURS_ALONE = 0600;
    private static final int FLAGS = FileCalls.O_RDWR | FileCalls.O_NONBLOCK | FileCalls.O_CLOEXEC;
    /** Of the fields after the name in /proc/PID/stat (proc(5)), the process's start in ticks after the machine's. */
    private static final int START_TIME = 19;

    private final Path daemon;
    private final Path requestsPath;
    private final Path alivePath;
    private final int requests;
    private final int alive;
    private final Object aliveKey;

    private HandOverFiles(Path daemon, Path requestsPath, Path alivePath, int requests, int alive) throws IOException {
        this.daemon = daemon;
        this.requestsPath = requestsPath;
        this.alivePath = alivePath;
        this.requests = requests;
        this.alive = alive;
        this.aliveKey = fileKey(alive);
    }

    /** Makes the pipes, in place of a predecessor's, and opens them. */
    static HandOverFiles make(Path directory) throws IOException {
        Path requests = directory.resolve("requests");
        Path alive = directory.resolve("alive");
        int reading = fifo(requests);
        int held;
        try {
            held = fifo(alive);
        } catch (IOException failed) {
            FileCalls.close(CallState.ofThread(), reading);
            throw failed;
        }
        return new HandOverFiles(directory.resolve("daemon"), requests, alive, reading, held);
    }

    private static int fifo(Path path) throws IOException {
        CallState state = CallState.ofThread();
        Files.deleteIfExists(path);
        check(FileCalls.makeFifo(state, path.toString(), OURS_ALONE), "make pipe " + path);
        // For both, so that there is always a writer and a reader: no end of file, and no wait.
        return check(FileCalls.open(state, path.toString(), FLAGS), "open pipe " + path);
    }

    private static int check(int result, String action) throws SystemCallException {
        if (result < 0) {
            throw new SystemCallException(action, -result, "give --socket another path");
        }
        return result;
    }

    /** From here on front ends find this daemon. */
    void announce() throws IOException {
        String stat = Files.readString(Path.of("/proc/self/stat"));
        String started = started(stat);
        Path written = daemon.resolveSibling("daemon.new");
        try {
            Files.writeString(written, stat.substring(0, stat.indexOf(' ')) + " " + started + "\n");
            Files.move(written, daemon, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException failed) {
            Files.deleteIfExists(written);
            throw new IOException("write " + daemon + ": " + SystemReason.of(failed)
                + "; make room there, or give --socket another path", failed);
        }
    }

    /** When a process started, in ticks after the machine's start; an IOException where that cannot be read. */
    static String startOf(int pid) throws IOException {
        return started(Files.readString(Path.of("/proc/" + pid + "/stat")));
    }

    private static String started(String stat) {
        return stat.substring(stat.lastIndexOf(')') + 2).split(" ")[START_TIME];
    }

    /** The descriptor that requests are read from; a read does not wait. */
    int requests() {
        return requests;
    }

    /** Whether a descriptor of ours is one of the pipe that front ends wait on. */
    boolean isAlive(int descriptor) throws IOException {
        return fileKey(descriptor).equals(aliveKey);
    }

    /** Device and inode. */
    private static Object fileKey(int descriptor) throws IOException {
        return Files.readAttributes(Path.of("/proc/self/fd/" + descriptor), java.nio.file.attribute.BasicFileAttributes.class).fileKey();
    }

    /** Front ends find nobody from here on, and those who wait see the end. */
    @Override
    public void close() throws IOException {
        CallState state = CallState.ofThread();
        try {
            Files.deleteIfExists(daemon);
            Files.deleteIfExists(requestsPath);
            Files.deleteIfExists(alivePath);
        } finally {
            FileCalls.close(state, requests);
            FileCalls.close(state, alive);
        }
    }
}
