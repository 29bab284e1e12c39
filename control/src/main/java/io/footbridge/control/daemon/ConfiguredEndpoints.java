package io.footbridge.control.daemon;

import io.footbridge.control.config.Configuration.ConfiguredEndpoint;
import io.footbridge.control.model.RefusedException;
import io.footbridge.control.network.ControlService;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Attaches the endpoints of the configuration, each as soon as it can be: its namespace may be made later, or go and be
 * made again. What is in the way is said once, and again when it is something else.
 *
 * <p>Namespaces are looked for twice a second. Their files are mount points: no event tells of one that is made.
 */
final class ConfiguredEndpoints implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ConfiguredEndpoints.class);
    private static final long PERIOD_MILLIS = 500;

    private final ControlService service;
    private final Map<String, ConfiguredEndpoint> all = new LinkedHashMap<>();
    private final Map<String, ConfiguredEndpoint> missing = new LinkedHashMap<>();
    private final Map<String, String> said = new HashMap<>();
    private final ScheduledExecutorService timer =
        Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().name("configured-endpoints").daemon().factory());

    ConfiguredEndpoints(ControlService service, List<ConfiguredEndpoint> endpoints) {
        this.service = service;
        endpoints.forEach(endpoint -> all.put(key(endpoint.network(), endpoint.name()), endpoint));
        missing.putAll(all);
    }

    /** Attaches what is there, and goes on looking for the rest. */
    void begin() {
        if (all.isEmpty()) {
            return;
        }
        attachMissing();
        timer.scheduleWithFixedDelay(this::attachMissing, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** An endpoint's device is gone: if it is one of ours it is missing again. */
    synchronized void lost(String network, String name) {
        ConfiguredEndpoint endpoint = all.get(key(network, name));
        if (endpoint != null) {
            missing.put(key(network, name), endpoint);
        }
    }

    private synchronized void attachMissing() {
        Iterator<Map.Entry<String, ConfiguredEndpoint>> left = missing.entrySet().iterator();
        while (left.hasNext()) {
            Map.Entry<String, ConfiguredEndpoint> entry = left.next();
            ConfiguredEndpoint endpoint = entry.getValue();
            try {
                service.attach(endpoint.network(), endpoint.spec());
                LOG.info("endpoint {} of network {} is attached", endpoint.name(), endpoint.network());
                said.remove(entry.getKey());
                left.remove();
            } catch (RefusedException refused) {
                if (!refused.getMessage().equals(said.put(entry.getKey(), refused.getMessage()))) {
                    LOG.warn("endpoint {} of network {} waits: {}", endpoint.name(), endpoint.network(), refused.getMessage());
                }
            } catch (RuntimeException unforeseen) {
                LOG.error("endpoint {} of network {}", endpoint.name(), endpoint.network(), unforeseen);
            }
        }
    }

    private static String key(String network, String name) {
        return network + "/" + name;
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
