package io.footbridge.control.cli;

import io.footbridge.control.config.Node;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code footbridge top}. */
@Command(name = "top", description = "Counters of every port, again and again.")
final class TopCommand extends ClientCommand {
    private static final String CLEAR = "\033[H\033[2J";

    @Option(names = "-d", paramLabel = "SECONDS", defaultValue = "1", description = "time between two; default: 1")
    private double seconds;
    @Option(names = "-n", paramLabel = "COUNT", defaultValue = "0", description = "how often; default: without end")
    private long count;

    @Override
    void run(ControlClient client) throws CommandFailure {
        boolean terminal = System.console() != null && System.console().isTerminal();
        // Never counted down: a wait for time alone, which an interrupt ends.
        CountDownLatch never = new CountDownLatch(1);
        for (long i = 0; count == 0 || i < count; i++) {
            try {
                if (i > 0 && never.await(Duration.ofMillis((long) (seconds * 1000)).toMillis(), TimeUnit.MILLISECONDS)) {
                    return;
                }
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                return;
            }
            Node answer = client.get(ControlClient.path("statistics"));
            String start = terminal ? CLEAR : i > 0 && !root().json() ? "\n" : "";
            print(answer, statistics -> start + Listings.statistics(statistics));
            if (root().out().checkError()) {
                return;
            }
        }
    }
}
