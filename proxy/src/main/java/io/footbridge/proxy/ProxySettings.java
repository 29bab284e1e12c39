package io.footbridge.proxy;

import java.time.Duration;

/**
 * What a proxy may use.
 *
 * @param workers event loops, at least 1
 * @param pipes pipes that each worker makes at most, each of two descriptors; 0 copies everything
 * @param acceptRetry how long a listener waits for descriptors when there are none
 * @param resetGrace how long a reset waits for the bytes before it to reach the other side
 * @param udpIdle how long a UDP client is remembered after its last datagram in either direction
 * @param udpClients clients that one UDP listener remembers; past it the one that was silent longest is forgotten
 */
public record ProxySettings(int workers, int pipes, Duration acceptRetry, Duration resetGrace, Duration udpIdle,
        int udpClients) {
    private static final int DEFAULT_PIPES = 32;
    private static final int MOST_WORKERS = 4;
    private static final int DEFAULT_UDP_CLIENTS = 4096;

    /** Checks the ranges. */
    public ProxySettings {
        if (workers < 1 || pipes < 0 || udpClients < 1) {
            throw new IllegalArgumentException("workers " + workers + ", pipes " + pipes + ", UDP clients " + udpClients
                    + ": at least 1, 0 and 1 are needed");
        }
    }

    /**
     * For this machine: a worker for each processor, at most four. The kernel does most of the work, and what sends and what
     * receives run on the same processors: with fewer workers one of these waits now and then while the relay has work.
     */
    public static ProxySettings defaults() {
        return new ProxySettings(Math.clamp(Runtime.getRuntime().availableProcessors(), 1, MOST_WORKERS), DEFAULT_PIPES,
                Duration.ofMillis(100), Duration.ofSeconds(5), Duration.ofSeconds(90), DEFAULT_UDP_CLIENTS);
    }

    /** The same with another number of workers. */
    public ProxySettings withWorkers(int other) {
        return new ProxySettings(other, pipes, acceptRetry, resetGrace, udpIdle, udpClients);
    }

    /** The same with another number of pipes for each worker. */
    public ProxySettings withPipes(int other) {
        return new ProxySettings(workers, other, acceptRetry, resetGrace, udpIdle, udpClients);
    }

    /** The same with other bounds for what is remembered of UDP clients. */
    public ProxySettings withUdp(Duration idle, int clients) {
        return new ProxySettings(workers, pipes, acceptRetry, resetGrace, idle, clients);
    }
}
