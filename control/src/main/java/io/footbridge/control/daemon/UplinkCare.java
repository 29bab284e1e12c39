package io.footbridge.control.daemon;

import io.footbridge.control.network.LocalControlService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has uplinks looked after every two seconds: links that wait are taken up when they come, and addresses that are followed
 * may have changed.
 */
final class UplinkCare implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(UplinkCare.class);
    private static final long PERIOD_MILLIS = 2000;

    private final LocalControlService service;
    private final ScheduledExecutorService timer =
        Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().name("uplinks").daemon().factory());

    UplinkCare(LocalControlService service) {
        this.service = service;
    }

    /** Takes up what is there, and goes on looking after the rest. */
    void begin() {
        lookAfter();
        timer.scheduleWithFixedDelay(this::lookAfter, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void lookAfter() {
        try {
            service.lookAfterUplinks();
        } catch (RuntimeException unforeseen) {
            LOG.error("look after uplinks", unforeseen);
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
