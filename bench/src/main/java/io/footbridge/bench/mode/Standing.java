package io.footbridge.bench.mode;

import io.footbridge.bench.site.Machine;
import io.footbridge.bench.site.Namespace;
import io.footbridge.bench.site.ProcessorTime;
import io.footbridge.bench.site.Site;
import io.footbridge.bench.traffic.Outcome;
import io.footbridge.bench.traffic.Responder;
import io.footbridge.bench.traffic.Task;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** A mode that is built, with the responder at the server's end. */
public final class Standing {
    private static final Duration TRIAL = Duration.ofSeconds(3);
    private static final int TRIALS = 8;
    private static final long PAUSE_NANOS = 250_000_000;
    private static final Duration GRACE = Duration.ofSeconds(15);

    private final Mode mode;
    private final Site site;
    private final Topology topology;
    private final Responder responder;

    private Standing(Mode mode, Site site, Topology topology, Responder responder) {
        this.mode = mode;
        this.site = site;
        this.topology = topology;
        this.responder = responder;
    }

    /**
     * Builds a mode on a site and tries it. Main thread only. When it fails, what was made is the site's to remove.
     *
     * @throws IOException when something cannot be made, or the client does not reach the server
     */
    public static Standing build(Mode mode, Site site, Machine machine) throws IOException {
        Topology topology = mode.build(site, machine);
        Responder responder = new Responder(topology.server().place(), topology.listen(), topology.port());
        site.add(responder::close);
        Standing standing = new Standing(mode, site, topology, responder);
        standing.attempt();
        return standing;
    }

    private void attempt() throws IOException {
        for (int i = 1; true; i++) {
            try {
                run(Task.Kind.CONNECTIONS, 1, 0, 0, 1, TRIAL);
                return;
            } catch (IOException notYet) {
                responder.dropConnections();
                if (i == TRIALS || !site.obituary().isEmpty()) {
                    throw new IOException("the client does not reach the server: " + notYet.getMessage() + ended(), notYet);
                }
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    /** Which mode. */
    public Mode mode() {
        return mode;
    }

    /**
     * Does a task over it once.
     *
     * @param nanos how long it is meant to take; of a search, one trial
     * @throws IOException with the reason, that the data plane has ended included
     */
    public Outcome run(Task.Kind kind, int streams, int payload, int perSecond, long nanos) throws IOException {
        if (!isAlive()) {
            throw new IOException(site.obituary());
        }
        try {
            return run(kind, streams, payload, perSecond, nanos, GRACE.plusNanos(kind == Task.Kind.FRAME_RATE ? 40 * nanos : 3 * nanos));
        } catch (IOException failed) {
            responder.dropConnections();
            throw new IOException(failed.getMessage() + ended(), failed);
        }
    }

    private Outcome run(Task.Kind kind, int streams, int payload, int perSecond, long nanos, Duration limit) throws IOException {
        return topology.client().run(new Task(kind, topology.target(), topology.port(), streams, payload, perSecond, nanos), limit);
    }

    private String ended() {
        String obituary = site.obituary();
        return obituary.isEmpty() ? "" : " (" + obituary + ")";
    }

    /** Whether all that moves its data still runs. */
    public boolean isAlive() {
        return site.obituary().isEmpty();
    }

    /** Whether processes in user space move its data, whose processor time is then counted. */
    public boolean hasDataPlane() {
        return !site.dataPlane().isEmpty();
    }

    /** Processor time so far: the machine's, and its own data plane's. */
    public ProcessorTime processorTime() throws IOException {
        return ProcessorTime.now(site.dataPlane());
    }

    /** Where other programs find the client's end; empty where they may not enter. */
    public Optional<Namespace> clientNamespace() {
        return topology.clientNamespace();
    }

    /** Where the server stands. */
    public Namespace serverNamespace() {
        return topology.server();
    }

    /** The address at which the client reaches the server. */
    public String target() {
        return topology.target();
    }

    /** The responder's port; the next one is reached in the same way. */
    public int port() {
        return topology.port();
    }
}
