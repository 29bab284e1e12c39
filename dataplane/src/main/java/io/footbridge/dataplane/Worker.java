package io.footbridge.dataplane;

import io.footbridge.memory.Epochs;
import io.footbridge.memory.Region;
import io.footbridge.tap.Endpoint;
import io.footbridge.tap.Epoll;
import io.footbridge.tap.FrameBatch;
import io.footbridge.tap.FrameBuffers;
import io.footbridge.tap.SystemCallException;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.NanoClock;
import org.jctools.queues.varhandle.MpscUnboundedVarHandleArrayQueue;

/**
 * One thread of the engine. Its cycle asks epoll which of its ports have frames, serves each of those once, and passes an
 * epoch; when nothing is ready for some tens of microseconds it blocks.
 *
 * <p>After a batch of bulk frames (TCP segments of tens of kilobytes each) it lets the next ones gather for a moment, as
 * network cards do: each frame that is written alone wakes its receiver alone, and the interrupt for that costs a fifth
 * of the worker's time. Other traffic waits that moment only beside bulk traffic.
 *
 * <p>As an {@link IdleStrategy} it idles itself: only it knows how to be woken.
 */
final class Worker implements Agent, IdleStrategy {
    private static final int SPIN_NANOS = Integer.getInteger("footbridge.spin.micros", 50) * 1000;
    private static final int GATHER_NANOS = Integer.getInteger("footbridge.gather.micros", 40) * 1000;
    private static final int BULK_FRAME_BYTES = 16 * 1024;
    private static final int COMMAND_CHUNK = 64;

    private final int id;
    private final Epochs epochs;
    private final NanoClock clock;
    private final Listener listener;
    private final Region region;
    private final Epoll epoll;
    private final FrameBuffers buffers;
    private final FrameBatch batch = new FrameBatch();
    private final Egress egress;
    private final Gateway gateway;
    private final WorkerSockets sockets;
    private final RouteBatch routed;
    private final Forwarder forwarder;
    private final MpscUnboundedVarHandleArrayQueue<Runnable> commands =
            new MpscUnboundedVarHandleArrayQueue<>(COMMAND_CHUNK);
    private Port[] served = new Port[16];
    private int ready;
    private long gatherUntil;
    private long idleSince;
    private boolean idle;

    /** Who is told what the worker finds out about its ports; on the worker's thread, must return at once. */
    interface Listener {
        /** The port's device is gone. */
        void gone(Port port);

        /** The port's link is down. */
        void down(Port port);
    }

    Worker(int id, Epochs epochs, NanoClock clock, Listener listener, Routes routes) throws IOException {
        this.id = id;
        this.epochs = epochs;
        this.clock = clock;
        this.gatherUntil = clock.nanoTime();
        this.listener = listener;
        this.region = Region.map("frame buffers", RouteBatch.MEMORY + WorkerSockets.MEMORY);
        this.epoll = new Epoll();
        this.buffers = new FrameBuffers(region.segment());
        this.egress = new Egress(id, buffers);
        this.gateway = new Gateway(id, buffers, egress);
        this.sockets = new WorkerSockets(id, epoll, buffers, gateway, egress, routes);
        this.routed = new RouteBatch(id, buffers, egress, gateway, routes, sockets);
        this.forwarder = new Forwarder(id, buffers, egress, gateway, routed);
    }

    int id() {
        return id;
    }

    Gateway gateway() {
        return gateway;
    }

    /** What it routes with. */
    RouteBatch routed() {
        return routed;
    }

    /** Its half of the uplink of host sockets. */
    WorkerSockets sockets() {
        return sockets;
    }

    /** Takes up packets that wait for a neighbour, soon, if there are any; any thread. */
    void neighbourHeard() {
        if (routed.isWaiting()) {
            routed.answered();
            epoll.wake();
        }
    }

    /** Runs a command on the worker's thread, soon; any thread. What it throws, the future does. */
    CompletableFuture<Void> execute(Command command) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        commands.add(() -> {
            try {
                command.run();
                done.complete(null);
            } catch (IOException | RuntimeException failed) {
                done.completeExceptionally(failed);
            } finally {
                // An error goes on to the worker's own report; who waits for the command must not wait for ever.
                done.cancel(false);
            }
        });
        epoll.wake();
        return done;
    }

    /** What a worker may be asked to do. */
    interface Command {
        void run() throws IOException;
    }

    /** Begins to receive from a port; owning worker only. */
    void serve(Port port) throws SystemCallException {
        int token = 0;
        while (token < served.length && served[token] != null) {
            token++;
        }
        if (token == served.length) {
            served = Arrays.copyOf(served, 2 * token);
        }
        epoll.add(port.endpoint().descriptor(), token);
        served[token] = port;
    }

    /** Receives from a port no longer; owning worker only. */
    void leave(Port port) {
        for (int token = 0; token < served.length; token++) {
            if (served[token] == port) {
                epoll.remove(port.endpoint().descriptor());
                served[token] = null;
            }
        }
        sockets.leave(port);
    }

    @Override
    public void onStart() {
        epochs.enter(id);
    }

    @Override
    public int doWork() {
        int work = runCommands();
        long now = clock.nanoTime();
        if (now - gatherUntil < 0) {
            epochs.pass(id);
            Thread.onSpinWait();
            return 1;
        }
        if (ready == 0) {
            ready = epoll.await(0);
        }
        int events = ready;
        ready = 0;
        now = clock.nanoTime();
        if (routed.hasAnswers()) {
            routed.resume(now);
        }
        for (int i = 0; i < events; i++) {
            int token = epoll.token(i);
            if (WorkerSockets.isOurs(token)) {
                sockets.ready(token, epoll.events(i), now);
            } else if (token != Epoll.WAKE_UP) {
                receive(served[token], now);
            }
        }
        sockets.tick(now);
        epochs.pass(id);
        return work + events;
    }

    private int runCommands() {
        int count = 0;
        Runnable command;
        while (count < COMMAND_CHUNK && (command = commands.poll()) != null) {
            command.run();
            count++;
        }
        if (count > 0) {
            egress.flush();
        }
        return count;
    }

    private void receive(Port port, long now) {
        if (port == null) {
            return;
        }
        int received = port.endpoint().receive(buffers, batch);
        if (received > 0) {
            if (isBulk()) {
                gatherUntil = now + GATHER_NANOS;
            }
            forward(port, now);
        } else if (received == Endpoint.GONE) {
            leave(port);
            listener.gone(port);
        } else if (received == Endpoint.DOWN) {
            listener.down(port);
        }
    }

    /** Whether the batch is of large frames, and not so many that more are surely there already. */
    private boolean isBulk() {
        long bytes = 0;
        int count = batch.count();
        for (int i = 0; i < count; i++) {
            bytes += batch.length(i);
        }
        return bytes >= (long) count * BULK_FRAME_BYTES && bytes < FrameBuffers.BYTE_BUDGET / 2;
    }

    private void forward(Port port, long now) {
        boolean done = false;
        try {
            forwarder.forward(port, batch, now);
            done = true;
        } finally {
            if (!done) {
                egress.discard();
            }
        }
    }

    /** Spins for a while after the last work, then blocks until a port is ready or somebody wakes the worker. */
    @Override
    public void idle(int workCount) {
        if (workCount > 0) {
            idle = false;
            return;
        }
        idle();
    }

    @Override
    public void idle() {
        long now = System.nanoTime();
        if (!idle) {
            idle = true;
            idleSince = now;
        } else if (now - idleSince > SPIN_NANOS && commands.isEmpty()) {
            epochs.leave(id);
            ready = epoll.await(sockets.patienceMillis(now));
            epochs.enter(id);
            return;
        }
        Thread.onSpinWait();
    }

    @Override
    public void reset() {
        idle = false;
    }

    /** Ends a wait under way; any thread. */
    void wake() {
        epoll.wake();
    }

    @Override
    public void onClose() {
        epochs.leave(id);
    }

    /** Frees what the worker had; when its thread has ended. */
    void free() {
        sockets.free();
        routed.free();
        epoll.close();
        region.close();
    }

    @Override
    public String roleName() {
        return "footbridge-worker-" + id;
    }
}
