package io.footbridge.control.dns;

import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the host's servers. Any thread asks; all else happens on one event loop, which is never blocked for longer than a look
 * at a small file takes.
 */
public final class UpstreamResolver {
    /** Questions that may be under way at once; each has a socket. */
    static final int LIMIT = 1024;

    private static final Logger LOG = LoggerFactory.getLogger(UpstreamResolver.class);
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    /** How long a server that did not answer comes last. */
    private static final long SET_BACK_NANOS = Duration.ofSeconds(20).toNanos();

    private final EventLoop loop;
    private final RandomGenerator random;
    private final LongFunction<List<InetSocketAddress>> servers;
    private final Duration patience;
    private final AtomicInteger underWay = new AtomicInteger();
    /** When each server last failed to answer; event loop only. */
    private final Map<InetSocketAddress, Long> failures = new HashMap<>();

    /**
     * @param loop of one of the kinds of {@link LoopChannels}
     * @param random from which identifiers are drawn
     */
    public UpstreamResolver(EventLoop loop, RandomGenerator random) {
        this(loop, random, ResolvConf.ofHost()::servers, PATIENCE);
    }

    /**
     * @param servers those to ask, at a time in nanoseconds; asked on the event loop
     * @param patience how long each of them has
     */
    UpstreamResolver(EventLoop loop, RandomGenerator random, LongFunction<List<InetSocketAddress>> servers, Duration patience) {
        this.loop = loop;
        this.random = random;
        this.servers = servers;
        this.patience = patience;
    }

    /**
     * Asks for an answer, with the asker's own identifier.
     *
     * @param modest whether the question is refused already when half of all that may be are under way
     * @param answer is told once what came of it, on the event loop or, where it is refused, at once; empty where no server
     *     gave an answer
     */
    void ask(DnsQuery query, boolean modest, Consumer<Optional<byte[]>> answer) {
        if (underWay.incrementAndGet() > (modest ? LIMIT / 2 : LIMIT)) {
            underWay.decrementAndGet();
            answer.accept(Optional.empty());
            return;
        }
        try {
            loop.execute(() -> new UpstreamQuestion(this, query, servers(), found -> {
                underWay.decrementAndGet();
                answer.accept(found);
            }).begin());
        } catch (RejectedExecutionException stopping) {
            LOG.debug("a question is not asked any more", stopping);
            underWay.decrementAndGet();
            answer.accept(Optional.empty());
        }
    }

    /** How many questions are under way; any thread. */
    int underWay() {
        return underWay.get();
    }

    /** Those that answered of late, in the file's order, then the others. */
    private List<InetSocketAddress> servers() {
        long now = System.nanoTime();
        List<InetSocketAddress> all = servers.apply(now);
        failures.values().removeIf(failed -> now - failed > SET_BACK_NANOS);
        List<InetSocketAddress> ordered = new ArrayList<>(all.stream().filter(server -> !failures.containsKey(server)).toList());
        all.stream().filter(failures::containsKey).forEach(ordered::add);
        return ordered;
    }

    void failed(InetSocketAddress server) {
        if (failures.put(server, System.nanoTime()) == null) {
            LOG.debug("server {} does not answer", server);
        }
    }

    void answered(InetSocketAddress server) {
        failures.remove(server);
    }

    EventLoop loop() {
        return loop;
    }

    Duration patience() {
        return patience;
    }

    int newIdentifier() {
        return random.nextInt(1 << Short.SIZE);
    }
}
