package io.footbridge.control.handover;

import io.footbridge.proxy.DockerProxy;
import io.footbridge.proxy.DockerProxyArguments;
import io.footbridge.proxy.ListenException;
import io.footbridge.proxy.Proxy;
import io.footbridge.tap.CallState;
import io.footbridge.tap.Epoll;
import io.footbridge.tap.Errno;
import io.footbridge.tap.FileCalls;
import io.footbridge.tap.ProcessCalls;
import io.footbridge.tap.SpareDescriptors;
import io.footbridge.tap.SystemCallException;
import io.footbridge.tap.namespace.NetworkNamespace;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves the ports that front ends hand over; see the package. Made and closed by any thread, else its own. */
public final class FrontEnds implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FrontEnds.class);
    private static final int REQUESTS = -2;
    private static final String NO_ROOM = "the daemon has too many open files; raise its limit (ulimit -n, LimitNOFILE)";
    private static final int BUFFER = 64 << 10;
    private static final int MOST_POSTPONED = 4096;
    private static final long RETRY_NANOS = 1_000_000_000L;
    private static final long PATIENCE_MILLIS = 3_000;
    // A pidfd, a copy of what the process waits on, its namespace, its status, and a listener; and as many for other threads
    private static final int SPARES = 10;

    private final HandOverFiles files;
    private final Epoll epoll;
    private final Supplier<Proxy> proxy;
    private final NetworkNamespace own;
    private final SpareDescriptors spares;
    private final Thread thread;
    private final Map<Integer, FrontEnd> byPidfd = new HashMap<>();
    private final Map<Integer, FrontEnd> byPid = new HashMap<>();
    private final List<Declined> declined = new ArrayList<>();
    private final Set<Request.Serve> postponed = new LinkedHashSet<>();
    private final StringBuilder unread = new StringBuilder();
    private final MemorySegment buffer = Arena.ofAuto().allocate(BUFFER);
    private volatile boolean closed;
    private long retryDue = Long.MAX_VALUE;

    private FrontEnds(HandOverFiles files, Epoll epoll, Supplier<Proxy> proxy, NetworkNamespace own) {
        this.files = files;
        this.epoll = epoll;
        this.proxy = proxy;
        this.own = own;
        this.spares = new SpareDescriptors(files.requests(), SPARES);
        this.thread = Thread.ofPlatform().name("front-ends").daemon().unstarted(this::run);
    }

    /**
     * From here on front ends find this daemon.
     *
     * @param directory the daemon's state directory
     * @param proxy what serves, made when it is first asked for, which is soon
     */
    public static FrontEnds start(Path directory, Supplier<Proxy> proxy) throws IOException {
        HandOverFiles files = HandOverFiles.make(directory);
        try {
            Epoll epoll = new Epoll();
            epoll.add(files.requests(), REQUESTS);
            FrontEnds started = new FrontEnds(files, epoll, proxy, NetworkNamespace.current());
            files.announce();
            started.thread.start();
            return started;
        } catch (IOException failed) {
            files.close();
            throw failed;
        }
    }

    private void run() {
        try {
            // Before the first port: it takes its time.
            proxy.get();
        } catch (IllegalStateException impossible) {
            LOG.warn("ports of docker-proxy cannot be served: {}", impossible.getMessage());
        }
        int wait = -1;
        while (!closed) {
            boolean asked = sweep(epoll.await(wait));
            if (asked) {
                read();
            }
            wait = lookAtTime();
        }
        byPidfd.values().forEach(FrontEnd::closePort);
        spares.close();
    }

    /** Looks at what is ready; whether there are requests. The ends of front ends come before what others ask. */
    private boolean sweep(int ready) {
        boolean asked = false;
        for (int i = 0; i < ready; i++) {
            int token = epoll.token(i);
            if (token == REQUESTS) {
                asked = true;
            } else if (token != Epoll.WAKE_UP) {
                ended(token);
            }
        }
        return asked;
    }

    private void ended(int pidfd) {
        FrontEnd gone = byPidfd.remove(pidfd);
        if (gone != null) {
            byPid.remove(gone.pid(), gone);
            epoll.remove(pidfd);
            gone.forget();
        }
    }

    private void read() {
        long length = FileCalls.read(CallState.ofThread(), files.requests(), buffer.address(), BUFFER);
        if (length <= 0) {
            return;
        }
        unread.append(new String(buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1));
        int from = 0;
        for (int end = unread.indexOf("\n"); end >= 0; end = unread.indexOf("\n", from)) {
            String line = unread.substring(from, end);
            from = end + 1;
            carryOut(line);
        }
        unread.delete(0, from);
        // A line comes in one piece: what has no end by now is none of ours.
        unread.setLength(Math.min(unread.length(), BUFFER));
    }

    private void carryOut(String line) {
        Request.parse(line).ifPresentOrElse(this::carryOut, () -> LOG.warn("a request for a port cannot be read and is ignored"));
    }

    private void carryOut(Request request) {
        try {
            switch (request) {
                case Request.Serve serve -> serve(serve);
                case Request.End end -> end(end);
            }
        } catch (RuntimeException failed) {
            LOG.warn("a request for a port: {}", failed.toString());
        }
    }

    private void end(Request.End request) {
        postponed.removeIf(late -> late.pid() == request.pid());
        declined.removeIf(told -> told.pid() == request.pid());
        FrontEnd leaving = byPid.get(request.pid());
        if (leaving != null) {
            leaving.closePort();
            leaving.tell(FrontEnd.Answer.END, System.nanoTime());
        }
    }

    private void serve(Request.Serve request) {
        boolean room = spares.refill();
        boolean late = false;
        try {
            serve(request, room);
        } catch (IOException failed) {
            late = true;
            postpone(request, failed.getMessage());
        } finally {
            if (!late) {
                postponed.remove(request);
            }
            spares.refill();
        }
    }

    /** Others were quicker to take the descriptors that were kept back: who asked waits for an answer, and has it later. */
    private void postpone(Request.Serve request, String why) {
        if (postponed.contains(request) || postponed.size() < MOST_POSTPONED) {
            if (postponed.add(request)) {
                LOG.info("docker-proxy {} is looked at later: {}", request.pid(), why);
            }
            retryDue = Math.min(retryDue, System.nanoTime() + RETRY_NANOS);
        } else {
            LOG.warn("docker-proxy {} is not served: {}", request.pid(), why);
        }
    }

    private void serve(Request.Serve request, boolean room) throws IOException {
        CallState state = CallState.ofThread();
        int pidfd = descriptor("pidfd_open", () -> ProcessCalls.pidfdOpen(state, request.pid()));
        if (pidfd < 0) {
            return;
        }
        FrontEnd frontEnd;
        Given given = Given.NOTHING;
        try {
            frontEnd = known(request, pidfd, room);
            if (frontEnd != null) {
                given = request.again() ? Given.NOTHING : givenTo(frontEnd);
                epoll.add(pidfd, pidfd);
            }
        } catch (IOException | RuntimeException failed) {
            given.close();
            FileCalls.close(state, pidfd);
            throw failed;
        }
        if (frontEnd == null) {
            FileCalls.close(state, pidfd);
            return;
        }
        byPidfd.put(pidfd, frontEnd);
        byPid.put(request.pid(), frontEnd);
        if (request.again()) {
            tryAgain(frontEnd);
        } else {
            begin(frontEnd, given);
        }
    }

    /**
     * Copies of what dockerd gave a front end; each {@link DockerProxy#NONE} where it has none.
     *
     * @param status where it is read how it went
     * @param listener the socket that it is to serve
     */
    private record Given(int status, int listener) {
        static final Given NOTHING = new Given(DockerProxy.NONE, DockerProxy.NONE);

        void close() {
            close(status);
            close(listener);
        }

        private static void close(int descriptor) {
            if (descriptor >= 0) {
                FileCalls.close(CallState.ofThread(), descriptor);
            }
        }
    }

    /** Both, or neither: a status that cannot be said would be read as an empty one. */
    private Given givenTo(FrontEnd frontEnd) throws IOException {
        int status = descriptor("pidfd_getfd", frontEnd::takeStatus);
        try {
            return new Given(Math.max(status, DockerProxy.NONE), listenerOf(frontEnd));
        } catch (IOException failed) {
            Given.close(status);
            throw failed;
        }
    }

    private int listenerOf(FrontEnd frontEnd) throws IOException {
        return frontEnd.asked().useListenDescriptor() ? descriptor("pidfd_getfd", frontEnd::takeListener) : DockerProxy.NONE;
    }

    /** The front end that a request is of; null where it is none, or is to serve its port itself. */
    private FrontEnd known(Request.Serve request, int pidfd, boolean room) throws IOException {
        int alive = descriptor("pidfd_getfd", () -> FrontEnd.takeAlive(pidfd));
        if (Errno.EPERM.is(alive)) {
            return yourself(request, pidfd, "its descriptors may not be copied: " + Errno.text(-alive));
        }
        if (alive < 0) {
            return null;
        }
        boolean waits;
        try {
            waits = files.isAlive(alive);
        } finally {
            FileCalls.close(CallState.ofThread(), alive);
        }
        FrontEnd before = byPid.get(request.pid());
        if (before != null && waits) {
            sweep(epoll.await(0));
            before = byPid.get(request.pid());
        }
        if (!waits || before != null) {
            return null;
        }
        spares.giveOne();
        try (NetworkNamespace namespace = NetworkNamespace.ofPid(request.pid())) {
            if (!namespace.isSameAs(own)) {
                return yourself(request, pidfd, "it is in another network namespace");
            }
        }
        if (!room && !request.again()) {
            return yourself(request, pidfd, NO_ROOM);
        }
        try {
            return new FrontEnd(request.pid(), pidfd, DockerProxyArguments.of(request.words()));
        } catch (IllegalArgumentException unreadable) {
            return yourself(request, pidfd, unreadable.getMessage());
        }
    }

    /**
     * What a call gives that makes a descriptor, or its negated error number. Where none is left it is made again with one of those
     * that were kept back: given away no sooner, since others wait for descriptors too.
     */
    private int descriptor(String call, IntSupplier made) throws SystemCallException {
        int result = made.getAsInt();
        while (Errno.isExhausted(result) && spares.giveOne()) {
            result = made.getAsInt();
        }
        if (Errno.isExhausted(result)) {
            throw new SystemCallException(call, -result);
        }
        return result;
    }

    private FrontEnd yourself(Request.Serve request, int pidfd, String why) {
        LOG.info("docker-proxy {} serves its port itself: {}", request.pid(), why);
        if (!request.again()) {
            FrontEnd.send(pidfd, FrontEnd.Answer.YOURSELF);
            declined.add(new Declined(request.pid(), System.nanoTime()));
        }
        return null;
    }

    private void begin(FrontEnd frontEnd, Given given) {
        String said;
        try {
            open(frontEnd, given.listener());
            // Before the status: who reads that may want the front end's end the next moment.
            frontEnd.tell(FrontEnd.Answer.SERVED, System.nanoTime());
            said = DockerProxy.SERVED;
        } catch (IOException | IllegalStateException failed) {
            LOG.info("docker-proxy {}: {}", frontEnd.pid(), failed.getMessage());
            said = DockerProxy.failure(failed);
        }
        DockerProxy.say(given.status(), said);
        if (!frontEnd.isServed()) {
            frontEnd.tell(FrontEnd.Answer.END, System.nanoTime());
        }
    }

    private void tryAgain(FrontEnd frontEnd) {
        try {
            open(frontEnd, listenerOf(frontEnd));
            frontEnd.tell(FrontEnd.Answer.SERVED, System.nanoTime());
        } catch (IOException | IllegalStateException failed) {
            if (frontEnd.complains(failed.getMessage())) {
                LOG.warn("docker-proxy {} waits: {}", frontEnd.pid(), failed.getMessage());
            }
            retryDue = Math.min(retryDue, System.nanoTime() + RETRY_NANOS);
        }
    }

    private void open(FrontEnd frontEnd, int listener) throws IOException {
        Proxy serving;
        try {
            serving = proxy.get();
        } catch (IllegalStateException impossible) {
            Given.close(listener);
            throw impossible;
        }
        while (true) {
            try {
                frontEnd.serve(DockerProxy.open(serving, frontEnd.asked(), listener));
                return;
            } catch (IOException failed) {
                // Whoever had the port may have ended the moment before.
                boolean again = isExhausted(failed) && spares.giveOne() || isTaken(failed) && endsOfOthers();
                if (!again || frontEnd.asked().useListenDescriptor()) {
                    throw failed;
                }
            }
        }
    }

    private static boolean isExhausted(IOException failed) {
        return failed.getCause() instanceof ListenException noRoom && Errno.isExhausted(-noRoom.errno());
    }

    private static boolean isTaken(IOException failed) {
        return failed.getCause() instanceof ListenException taken && taken.errno() == Errno.EADDRINUSE.number();
    }

    /** Whether any front end has ended since it was last looked. */
    private boolean endsOfOthers() {
        int first = byPidfd.size();
        int before;
        do {
            before = byPidfd.size();
            sweep(epoll.await(0));
        } while (byPidfd.size() < before);
        return before < first;
    }

    /** Does what is due, and says how many milliseconds there are until something else is. */
    private int lookAtTime() {
        long now = System.nanoTime();
        if (retryDue != Long.MAX_VALUE && now - retryDue >= 0) {
            retryDue = Long.MAX_VALUE;
            List<FrontEnd> waiting = new ArrayList<>(byPidfd.values());
            waiting.removeIf(frontEnd -> !frontEnd.isWaiting());
            waiting.forEach(this::tryAgain);
            spares.refill();
            List.copyOf(postponed).forEach(this::carryOut);
        }
        long next = retryDue;
        for (FrontEnd frontEnd : byPidfd.values()) {
            long due = frontEnd.repeat(now);
            next = Math.min(next, due);
        }
        next = Math.min(next, tellDeclined(now));
        return next == Long.MAX_VALUE ? -1 : (int) Math.max(1, (next - now) / 1_000_000);
    }

    /** Tells again those who are to serve their ports themselves; when to do so next. */
    private long tellDeclined(long now) {
        if (declined.stream().anyMatch(told -> told.isDue(now))) {
            // For a pidfd, and a file of /proc.
            spares.giveOne();
            spares.giveOne();
            declined.removeIf(told -> told.isDue(now) && !told.repeat(now));
            spares.refill();
        }
        return declined.stream().mapToLong(Declined::due).min().orElse(Long.MAX_VALUE);
    }

    /** Closes all ports. The front ends see it, and wait for another daemon. */
    @Override
    public void close() throws IOException {
        closed = true;
        epoll.wake();
        try {
            thread.join(PATIENCE_MILLIS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        files.close();
        own.close();
    }
}
