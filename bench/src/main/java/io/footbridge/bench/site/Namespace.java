package io.footbridge.bench.site;

import io.footbridge.bench.traffic.Place;
import io.footbridge.tap.namespace.NetworkNamespace;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A network namespace of a mode's own, held by a descriptor of this process, or the one that this process stands in.
 *
 * @param held the descriptor's holder; null for this process's own namespace
 */
public record Namespace(NetworkNamespace held) {
    /** This process's own. */
    public static final Namespace OWN = new Namespace(null);

    static Namespace create() throws IOException {
        return new Namespace(NetworkNamespace.createPrivate());
    }

    /** The path by which other programs find it. */
    public String path() {
        return held == null ? "/proc/self/ns/net" : "/proc/" + ProcessHandle.current().pid() + "/fd/" + held.descriptor();
    }

    /** Where sockets are made in it. */
    public Place place() {
        return held == null ? Place.HERE : Place.in(held);
    }

    /** A command, run in it. */
    public List<String> wrap(List<String> command) {
        if (held == null) {
            return command;
        }
        List<String> wrapped = new ArrayList<>(List.of("nsenter", "--net=" + path(), "--"));
        wrapped.addAll(command);
        return wrapped;
    }

    /** Runs a command in it to its end; gives what it printed. */
    public String run(String command) throws IOException {
        return Programs.run(wrap(List.of(command.strip().split("\\s+"))));
    }

    void close() {
        if (held != null) {
            held.close();
        }
    }
}
