package io.footbridge.control.daemon;

import io.footbridge.control.network.ControlService;
import io.footbridge.control.run.RunFile;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends a daemon that is there for runs two seconds after its last endpoint went.
 *
 * <p>A run that is about to come says so by a file {@code run-PID.wants} beside the socket, and then looks for {@code
 * daemon.pid}. Here that file goes first, and then wants are looked for: so either the run finds no daemon and starts
 * another, or it is seen here. For those that came it keeps their lifelines.
 */
final class Interest implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Interest.class);
    private static final long PERIOD_MILLIS = 100;
    private static final Duration LINGER = Duration.ofSeconds(2);

    private final ControlService service;
    private final Path directory;
    private final Path pidFile;
    private final Lifelines lifelines;
    private final ScheduledExecutorService timer =
        Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().name("interest").daemon().factory());
    private long idleSince = System.nanoTime();

    Interest(ControlService service, Path socket) {
        this.service = service;
        this.directory = socket.getParent();
        this.pidFile = directory.resolve("daemon.pid");
        this.lifelines = new Lifelines(directory);
    }

    void begin() throws IOException {
        writePid();
        timer.scheduleWithFixedDelay(this::look, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void writePid() throws IOException {
        Files.writeString(pidFile, ProcessHandle.current().pid() + "\n");
    }

    private void look() {
        try {
            lifelines.look();
            if (isUsed() || isWanted()) {
                idleSince = System.nanoTime();
            } else if (System.nanoTime() - idleSince > LINGER.toNanos()) {
                Files.deleteIfExists(pidFile);
                if (isWanted()) {
                    writePid();
                    return;
                }
                LOG.info("nothing is attached any more");
                timer.shutdown();
                Thread.ofPlatform().name("end").start(() -> System.exit(0));
            }
        } catch (IOException | RuntimeException failed) {
            LOG.warn("look whether anything is attached: {}", failed.toString());
        }
    }

    private boolean isUsed() {
        return service.networks().stream().anyMatch(network -> !network.endpoints().isEmpty());
    }

    private boolean isWanted() throws IOException {
        try (DirectoryStream<Path> wants = Files.newDirectoryStream(directory, "run-*.wants")) {
            for (Path file : wants) {
                if (Files.exists(RunFile.process(file))) {
                    return true;
                }
            }
            return false;
        } catch (NoSuchFileException gone) {
            // Whoever removed the directory, as a logout does, wants nothing of it any more; nor can a run come to it.
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        timer.shutdownNow();
        Files.deleteIfExists(pidFile);
    }
}
