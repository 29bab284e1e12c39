package io.footbridge.control.edge;

import io.footbridge.tap.namespace.NetworkNamespace;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What COMMAND leaves running in its network namespace: it would live on there without a network. */
public final class Leftovers implements AutoCloseable {
    private static final Path PROCESSES = Path.of("/proc");
    /** A process may start others while we look; each round finds them. More rounds than that is a fork bomb. */
    private static final int ROUNDS = 1000;

    private final NetworkNamespace namespace;
    private final String link;

    /**
     * Of a process's network namespace, held open from here on.
     *
     * @throws IllegalArgumentException it is our own, in which nothing may be killed
     */
    public Leftovers(int pid) throws IOException {
        namespace = NetworkNamespace.ofPid(pid);
        link = "net:[" + namespace.inode() + "]";
        try (NetworkNamespace own = NetworkNamespace.current()) {
            if (own.isSameAs(namespace)) {
                namespace.close();
                throw new IllegalArgumentException("process " + pid + " is in the host's network namespace");
            }
        }
    }

    /** Kills all of it; returns when it has ended. */
    public void kill() throws IOException {
        for (int round = 0; round < ROUNDS; round++) {
            List<CommandProcess> found = find();
            if (found.isEmpty()) {
                return;
            }
            for (CommandProcess process : found) {
                try (process) {
                    process.kill();
                    process.awaitEnd();
                }
            }
        }
    }

    /** The namespace, open until this is closed. */
    public NetworkNamespace namespace() {
        return namespace;
    }

    private List<CommandProcess> find() throws IOException {
        List<CommandProcess> found = new ArrayList<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROCESSES, "[0-9]*")) {
            for (Path process : processes) {
                if (isIn(process)) {
                    // Held first and looked at again: the number may be another's by now.
                    CommandProcess.open(Integer.parseInt(process.getFileName().toString())).ifPresent(held -> {
                        if (isIn(process)) {
                            found.add(held);
                        } else {
                            held.close();
                        }
                    });
                }
            }
        }
        return found;
    }

    private boolean isIn(Path process) {
        try {
            return Files.readSymbolicLink(process.resolve("ns/net")).toString().equals(link);
        } catch (IOException endedOrNotOurs) {
            return false;
        }
    }

    /** Lets the namespace go. */
    @Override
    public void close() {
        namespace.close();
    }
}
