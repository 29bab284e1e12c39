package io.footbridge.control.run;

import io.footbridge.control.api.ApiServer;
import io.footbridge.control.daemon.Parts;
import io.footbridge.control.daemon.StateDirectory;
import io.footbridge.control.edge.CommandProcess;
import io.footbridge.control.edge.Leftovers;
import io.footbridge.control.edge.LinuxEdge;
import io.footbridge.control.edge.SharedProxy;
import io.footbridge.control.gateway.GatewayServices;
import io.footbridge.control.model.DeviceType;
import io.footbridge.control.model.EndpointKey;
import io.footbridge.control.model.EndpointSpec;
import io.footbridge.control.model.EndpointTarget;
import io.footbridge.control.model.NetworkKey;
import io.footbridge.control.model.NetworkSpec;
import io.footbridge.control.model.PublishSpec;
import io.footbridge.control.model.RefusedException;
import io.footbridge.control.model.Settings;
import io.footbridge.control.model.SubnetChooser;
import io.footbridge.control.model.SubnetRequest;
import io.footbridge.control.network.BindingView;
import io.footbridge.control.network.EndpointView;
import io.footbridge.control.network.LocalControlService;
import io.footbridge.dataplane.Engine;
import io.footbridge.dataplane.EngineSettings;
import io.footbridge.dataplane.WarmUp;
import io.footbridge.nat.NatSettings;
import io.footbridge.tap.SystemCallException;
import io.footbridge.wire.Ipv4Prefix;
import io.footbridge.wire.Ipv6Prefix;
import io.netty.channel.epoll.Epoll;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The life of a COMMAND's private network: from before COMMAND starts until after it has ended. */
public final class PrivateRun {
    private static final Logger LOG = LoggerFactory.getLogger(PrivateRun.class);
    private static final Path IPV6 = Path.of("/proc/net/if_inet6");
    /** Sessions of each family: one COMMAND's flows, not those of a host full of containers. */
    private static final int SESSIONS = 16_384;
    /** MACs: COMMAND's and what it bridges. */
    private static final String MACS = "1024";
    private static final int PREFIX_LENGTH = 24;
    private static final int ULA_LENGTH = 64;
    private static final long ULA = 0xFDL << 56;
    private static final long BELOW_ULA = (1L << 56) - 1;
    private static final Duration PATIENCE_WITH_CLIENTS = Duration.ofSeconds(30);

    private final RunRequest request;
    private final String version;
    private final SecureRandom random = new SecureRandom();
    private final Parts parts = new Parts();

    private PrivateRun(RunRequest request, String version) {
        this.request = request;
        this.version = version;
    }

    /**
     * Serves COMMAND's network, and ends the process when COMMAND has ended. Returns only by an exception, where the
     * network could not be made; COMMAND has not started then,
     * and the launcher waits until this process has ended, so that what went wrong is said before.
     *
     * @param lent the descriptor by which the launcher hears of it
     * @param version the program's version
     * @param published is told what was published, before COMMAND starts
     */
    public static void serve(RunRequest request, int lent, String version, Consumer<List<BindingView>> published)
        throws IOException, RefusedException {
        PrivateRun run = new PrivateRun(request, version);
        Runtime.getRuntime().addShutdownHook(new Thread(run::stop, "stop"));
        try {
            Optional<CommandProcess> command = CommandProcess.open(request.command());
            if (command.isPresent()) {
                run.parts.started("command", command.get());
                run.serve(command.get(), new CommandPipe(lent), published);
            }
        } finally {
            run.stop();
        }
    }

    private void serve(CommandProcess command, CommandPipe pipe, Consumer<List<BindingView>> published)
        throws IOException, RefusedException {
        // Netty's natives take their time to load: on another core, meanwhile.
        Thread.ofPlatform().name("load-natives").daemon().start(Epoll::isAvailable);
        FutureTask<Engine> starting = new FutureTask<>(() -> Engine.start(EngineSettings.defaults().cold()
            .withNat(new NatSettings(SESSIONS, NatSettings.DEFAULT.timeouts()))));
        Thread.ofPlatform().name("engine-start").daemon().start(starting);
        Leftovers leftovers = parts.started("namespace", new Leftovers(command.pid()));
        Path socket = request.directory().resolve(request.ownNetwork() + ".sock");
        StateDirectory state = StateDirectory.take(socket, random);
        parts.started("state", state::remove);
        LinuxEdge edge = parts.started("edge", new LinuxEdge(state.instance(), state.links()));
        NetworkSpec network = network(edge);
        Engine engine = parts.started("engine", result(starting));
        SharedProxy relays = parts.started("relays", new SharedProxy());
        GatewayServices gateways = parts.started("gateway services", GatewayServices.start(engine, random));
        LocalControlService service = parts.started("endpoint",
            new LocalControlService(engine, edge, relays, random, InstantSource.system(), Optional.of(gateways)));
        service.create(network);
        EndpointView endpoint = service.attach(request.ownNetwork(), endpoint());
        Ipv6DefaultRoute route = parts.started("route", new Ipv6DefaultRoute(leftovers.namespace(), endpoint));
        route.begin();
        published.accept(publish(service, endpoint.name()));
        pipe.ready(CommandFiles.resolvConf(endpoint.gateways()), CommandFiles.hosts(endpoint));
        pipe.close();
        afterReady(command, service, socket, state.path());
        command.awaitEnd();
        parts.limitStop();
        leftovers.kill();
        stop();
        Runtime.getRuntime().halt(0);
    }

    /** Side by side with the rest: COMMAND waits for all of it. */
    private static Engine result(FutureTask<Engine> starting) throws IOException {
        try {
            return starting.get();
        } catch (InterruptedException interrupted) {
            throw new IOException("start the engine: interrupted", interrupted);
        } catch (ExecutionException failed) {
            throw new IOException("start the engine: " + failed.getCause().getMessage(), failed.getCause());
        }
    }

    /** What COMMAND does not wait for. */
    private void afterReady(CommandProcess command, LocalControlService service, Path socket, Path birthplace)
        throws SystemCallException {
        try {
            parts.started("api", ApiServer.start(service, socket, birthplace, version, PATIENCE_WITH_CLIENTS));
        } catch (IOException failed) {
            // Another run clears away after a COMMAND that has ended.
            if (!command.hasEnded()) {
                LOG.warn("no control socket for this run: {}", failed.getMessage());
            }
        }
        WarmUp.runBeside();
    }

    private NetworkSpec network(LinuxEdge edge) throws IOException, RefusedException {
        Ipv4Prefix subnet = request.ip().isPresent() ? new Ipv4Prefix(request.ip().get().address(), PREFIX_LENGTH).network()
            : SubnetChooser.chooseForRun(edge.prefixesOfHost());
        Settings<NetworkKey> settings = Settings.initial(NetworkKey.class).with(NetworkKey.FDB_LIMIT, MACS)
            .with(NetworkKey.HOST_LOOPBACK, request.hostLoopback() ? "on" : "off");
        boolean ipv6 = request.carriesIpv6() && Files.exists(IPV6);
        return new NetworkSpec(request.ownNetwork(), new SubnetRequest.Given(subnet), Optional.empty(),
            ipv6 ? Optional.of(randomSubnet()) : Optional.empty(), request.mtu(), settings);
    }

    /** Of the addresses that everybody may draw at random (RFC 4193). */
    private Ipv6Prefix randomSubnet() {
        return new Ipv6Prefix(ULA | random.nextLong() & BELOW_ULA, 0, ULA_LENGTH);
    }

    private EndpointSpec endpoint() {
        return new EndpointSpec(Optional.of(request.nameOrDefault()), request.aliases(), new EndpointTarget.Process(request.command()),
            Optional.empty(), request.ip(), Optional.empty(), Optional.empty(), Optional.of(DeviceType.TAP),
            Settings.initial(EndpointKey.class));
    }

    private List<BindingView> publish(LocalControlService service, String endpoint) throws RefusedException {
        List<BindingView> bindings = new ArrayList<>();
        for (PublishSpec spec : request.published()) {
            bindings.addAll(service.publish(request.ownNetwork(), spec, endpoint).bindings());
        }
        return bindings;
    }

    private void stop() {
        parts.stop();
    }
}
