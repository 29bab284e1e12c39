package io.footbridge.control.daemon;

import io.footbridge.control.api.ApiServer;
import io.footbridge.control.config.Configuration;
import io.footbridge.control.edge.LinuxEdge;
import io.footbridge.control.edge.SharedProxy;
import io.footbridge.control.gateway.GatewayServices;
import io.footbridge.control.handover.FrontEnds;
import io.footbridge.control.model.NetworkSpec;
import io.footbridge.control.model.RefusedException;
import io.footbridge.control.network.LocalControlService;
import io.footbridge.dataplane.Engine;
import io.footbridge.dataplane.EngineSettings;
import io.footbridge.dataplane.WarmUp;
import io.netty.channel.epoll.Epoll;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * The daemon's life: what is started is stopped in the reverse order, on SIGTERM and SIGINT or when a start fails, and
 * then the process is halted, so that nothing else can hold it up.
 */
public final class Daemon {
    private static final String DEFAULT_NETWORK = "bridge";
    private static final Duration PATIENCE_WITH_CLIENTS = Duration.ofSeconds(30);

    private final ServiceNotifier notifier = new ServiceNotifier(System.getenv("NOTIFY_SOCKET"));
    private final Parts parts = new Parts();
    private final boolean ofRuns;
    private volatile boolean failed;

    private Daemon(boolean ofRuns) {
        this.ofRuns = ofRuns;
    }

    /**
     * Runs until the process is told to end; returns only by an exception, where it could not start.
     *
     * @param socket where clients connect
     * @param file what to begin with
     * @param version the program's version
     * @param ofRuns whether it is there for `footbridge run --network`, and ends when nothing is attached any more
     * @param whenReady called once, when clients may connect
     */
    public static void run(Path socket, Optional<Path> file, String version, boolean ofRuns, Runnable whenReady)
        throws IOException, RefusedException {
        Daemon daemon = new Daemon(ofRuns);
        Runtime.getRuntime().addShutdownHook(new Thread(daemon::end, "stop"));
        try {
            daemon.start(socket, file, version);
        } catch (IOException | RefusedException | RuntimeException failed) {
            daemon.failed = true;
            daemon.parts.stop();
            throw failed;
        }
        whenReady.run();
        daemon.notifier.ready();
        if (ofRuns) {
            WarmUp.runBeside();
        }
        MemoryTrim.forever();
    }

    private void start(Path socket, Optional<Path> file, String version) throws IOException, RefusedException {
        // Netty's natives take their time to load: on another core, meanwhile.
        Thread.ofPlatform().name("load-natives").daemon().start(Epoll::isAvailable);
        Configuration configuration = file.isPresent() ? read(file.get()) : Configuration.EMPTY;
        SecureRandom random = new SecureRandom();
        StateDirectory state = started("state", StateDirectory.take(socket, random));
        LinuxEdge edge = started("edge", new LinuxEdge(state.instance(), state.links()));
        if (state.deadInstance().isPresent()) {
            edge.removeLeftovers(state.deadInstance().get());
        }
        state.begin();
        SharedProxy proxy = started("relays", new SharedProxy());
        Engine engine = started("engine", Engine.start(engineSettings(configuration)));
        GatewayServices gateways = started("gateway services", GatewayServices.start(engine, random));
        LocalControlService service = started("endpoints",
            new LocalControlService(engine, edge, proxy, random, InstantSource.system(), Optional.of(gateways)));
        // Stopped before the endpoints are: removing devices may take so long that the stop is cut short, and the host's
        // own links must not stay deaf then.
        started("settings of links", (AutoCloseable) edge::restoreLinks);
        createNetworks(service, configuration);
        UplinkCare care = started("uplinks", new UplinkCare(service));
        care.begin();
        ConfiguredEndpoints endpoints = started("configuration", new ConfiguredEndpoints(service, configuration.endpoints()));
        service.onLost(endpoints::lost);
        endpoints.begin();
        started("api", ApiServer.start(service, socket, state.path(), version, PATIENCE_WITH_CLIENTS));
        started("front ends", FrontEnds.start(state.path(), proxy));
        if (ofRuns) {
            started("interest", new Interest(service, socket)).begin();
        }
    }

    /** A command that waits to start is not to wait for the warm-up as well. */
    private EngineSettings engineSettings(Configuration configuration) {
        EngineSettings settings = EngineSettings.defaults().withNat(configuration.nat());
        return ofRuns ? settings.cold() : settings;
    }

    private static void createNetworks(LocalControlService service, Configuration configuration) throws RefusedException {
        if (configuration.networks().stream().noneMatch(network -> network.name().equals(DEFAULT_NETWORK))) {
            service.create(NetworkSpec.named(DEFAULT_NETWORK));
        }
        for (NetworkSpec network : configuration.networks()) {
            service.declare(network, configuration.publications().getOrDefault(network.name(), List.of()));
        }
    }

    private static Configuration read(Path file) throws RefusedException {
        try {
            return Configuration.read(Files.readString(file));
        } catch (RefusedException refused) {
            throw RefusedException.invalid(file + ": " + refused.getMessage());
        } catch (NoSuchFileException missing) {
            throw RefusedException.invalid("read " + file + ": No such file or directory");
        } catch (AccessDeniedException denied) {
            throw RefusedException.invalid("read " + file + ": Permission denied");
        } catch (CharacterCodingException binary) {
            throw RefusedException.invalid("read " + file + ": it is not UTF-8 text");
        } catch (IOException unreadable) {
            throw RefusedException.invalid("read " + file + ": " + unreadable.getMessage());
        }
    }

    private <T extends AutoCloseable> T started(String name, T part) {
        return parts.started(name, part);
    }

    private void end() {
        if (!failed) {
            notifier.stopping();
        }
        parts.limitStop();
        parts.stop();
        Runtime.getRuntime().halt(failed ? 1 : 0);
    }
}
