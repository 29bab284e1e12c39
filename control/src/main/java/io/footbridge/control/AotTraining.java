package io.footbridge.control;

import io.footbridge.control.api.ApiServer;
import io.footbridge.control.cli.CommandLineRunner;
import io.footbridge.control.config.Configuration;
import io.footbridge.control.edge.Attachment;
import io.footbridge.control.edge.ContainerInterface;
import io.footbridge.control.edge.Edge;
import io.footbridge.control.edge.HostInterface;
import io.footbridge.control.edge.HostRoute;
import io.footbridge.control.edge.LinkConfiguration;
import io.footbridge.control.edge.SharedProxy;
import io.footbridge.control.gateway.GatewayServices;
import io.footbridge.control.handover.FrontEnds;
import io.footbridge.control.model.NetworkSpec;
import io.footbridge.control.model.PortRange;
import io.footbridge.control.model.RefusedException;
import io.footbridge.control.network.LocalControlService;
import io.footbridge.control.training.TrafficTraining;
import io.footbridge.dataplane.Engine;
import io.footbridge.dataplane.EngineSettings;
import io.footbridge.memory.CleanPages;
import io.footbridge.proxy.BackEnd;
import io.footbridge.proxy.DockerProxy;
import io.footbridge.proxy.Proxy;
import io.footbridge.proxy.ProxySettings;
import io.footbridge.proxy.Relay;
import io.footbridge.tap.namespace.NetworkNamespace;
import io.footbridge.tap.netlink.RouteNetlink;
import io.footbridge.wire.IpPrefix;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.slf4j.LoggerFactory;

/**
 * What the AOT cache learns from: {@code --self-test} goes once through what a daemon and a client of it load, and ends.
 * The packaging makes the cache from this run, so whatever is loaded here is loaded fast in service. Each
 * {@linkplain #STEPS step} is one part of the program, gone through for real; it needs no privilege and leaves nothing.
 * Add a step where a new part takes part in starting.
 */
public final class AotTraining {
    private static final List<Step> STEPS = List.of(
        new Step("configuration", AotTraining::configuration),
        new Step("namespaces and netlink", AotTraining::namespacesAndNetlink),
        new Step("what needs privileges", AotTraining::privileged),
        new Step("port proxy", AotTraining::portProxy),
        new Step("daemon and clients", AotTraining::daemonAndClients),
        new Step("traffic", TrafficTraining::run));
    private static final List<String> COMMANDS = List.of("--version", "attach --help",
        "network create web --subnet 10.9.0.0/24 --subnet6 fd09::/64 -o ageing=60",
        "network ls", "network inspect web", "network set web icc=off", "fdb show", "neigh", "stats --json",
        "ports", "conntrack list", "conntrack count", "nat list", "network rm web");

    private static final List<String> PRIVILEGED = List.of("handover.FrontEnd", "daemon.Daemon", "daemon.StateDirectory",
        "daemon.ServiceNotifier", "daemon.MemoryTrim",
        "daemon.ConfiguredEndpoints", "daemon.UplinkCare", "edge.LinuxEdge", "edge.HeldLinks", "edge.DeafLinks",
        "edge.InterfaceSetup", "network.Endpoints",
        "network.AddressClaim", "network.AttachedEndpoint", "daemon.Parts", "run.PrivateRun", "run.RunRequest",
        "edge.CommandProcess",
        "run.CommandPipe", "run.CommandFiles", "edge.Leftovers", "run.Ipv6DefaultRoute", "cli.NetworkRun",
        "cli.RunCommand", "cli.RunArguments");

    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
    private static final int PATIENCE = 20_000;

    private AotTraining() {
    }

    /**
     * Goes through all steps.
     *
     * @return the exit code: 0, or 1 if a step failed, which standard error then names
     */
    public static int run() {
        int status = 0;
        for (Step step : STEPS) {
            try {
                step.action().run();
                LoggerFactory.getLogger(AotTraining.class).debug("{} done", step.name());
            } catch (Exception | LinkageError e) {
                System.err.println("footbridge: self-test, " + step.name() + ": " + e);
                status = 1;
            }
        }
        return status;
    }

    private static void configuration() throws RefusedException {
        Configuration.read("{conntrack: {max: 262144, timeouts: {udp: 300}}, networks: {web: {subnet: 10.9.0.0/24, mtu: 1500, "
            + "uplink: 'frames:eth1,addr=198.51.100.10/24,gw=198.51.100.1', publish: ['8080:80 db'], "
            + "endpoints: {db: {netns: /run/netns/db, ip: 10.9.0.5}}}}}");
    }

    private static void namespacesAndNetlink() throws IOException {
        try (NetworkNamespace namespace = NetworkNamespace.current(); RouteNetlink netlink = RouteNetlink.open()) {
            namespace.inode();
            netlink.links();
            netlink.routes();
        }
    }

    /** Loaded without being used. */
    private static void privileged() throws ClassNotFoundException {
        for (String name : PRIVILEGED) {
            Class.forName(AotTraining.class.getPackageName() + "." + name);
        }
    }

    /** As docker-proxy, told to stop before it starts, and with a client of each protocol. */
    private static void portProxy() throws IOException {
        DockerProxy.Descriptors nothingGiven = new DockerProxy.Descriptors(DockerProxy.NONE, DockerProxy.NONE, System.err, System.err);
        int code = new DockerProxy("docker-proxy", nothingGiven).run(List.of("-proto", "tcp", "-host-ip", LOOPBACK.getHostAddress(),
            "-host-port", "0", "-container-ip", LOOPBACK.getHostAddress(), "-container-port", "1"), new CountDownLatch(0));
        if (code != 0) {
            throw new IllegalStateException("docker-proxy ended with " + code);
        }
        try (Proxy proxy = Proxy.start(ProxySettings.defaults()); ServerSocket server = new ServerSocket(0, 1, LOOPBACK);
            DatagramSocket datagrams = new DatagramSocket(0, LOOPBACK); DatagramSocket sender = new DatagramSocket(0, LOOPBACK)) {
            server.setSoTimeout(PATIENCE);
            datagrams.setSoTimeout(PATIENCE);
            Relay stream = proxy.relayTcp(new InetSocketAddress(LOOPBACK, 0), BackEnd.at(LOOPBACK, server.getLocalPort()));
            try (Socket client = new Socket(LOOPBACK, stream.address().getPort()); Socket accepted = server.accept()) {
                client.getOutputStream().write(new byte[1]);
                accepted.getInputStream().read();
            }
            Relay packets = proxy.relayUdp(new InetSocketAddress(LOOPBACK, 0), BackEnd.at(LOOPBACK, datagrams.getLocalPort()));
            sender.send(new DatagramPacket(new byte[1], 1, packets.address()));
            datagrams.receive(new DatagramPacket(new byte[1], 1));
        }
    }

    private static void daemonAndClients() throws IOException, RefusedException {
        Path folder = Files.createTempDirectory("footbridge-self-test");
        Path socket = folder.resolve("control.sock");
        Engine engine = Engine.start(EngineSettings.defaults());
        SharedProxy proxy = new SharedProxy();
        GatewayServices gateways = GatewayServices.start(engine, new Random());
        LocalControlService service =
            new LocalControlService(engine, new NoEdge(), proxy, new Random(), InstantSource.system(), Optional.of(gateways));
        service.create(NetworkSpec.named("bridge"));
        try (proxy; ApiServer _ = ApiServer.start(service, socket, folder, "self-test", Duration.ofSeconds(10));
            FrontEnds _ = FrontEnds.start(folder, proxy)) {
            Files.writeString(folder.resolve("requests"), "serve 999999999 new -proto tcp\n", StandardOpenOption.WRITE);
            for (String command : COMMANDS) {
                command(socket, command);
            }
            CleanPages.find().giveBack();
            CleanPages.resident();
        } finally {
            service.close();
            gateways.close();
            engine.close();
            Files.deleteIfExists(folder);
        }
    }

    private static void command(Path socket, String command) {
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
        int code = new CommandLineRunner(nowhere, new PrintWriter(System.err, true))
            .run(("--socket " + socket + " " + command).split(" "));
        if (code != 0) {
            throw new IllegalStateException(command + " ended with " + code);
        }
    }

    /** One part of the program, gone through once. */
    private record Step(String name, Action action) {
    }

    @FunctionalInterface
    private interface Action {
        void run() throws Exception;
    }

    /** Where there are no privileges there are no devices. */
    private static final class NoEdge implements Edge {
        private static final String REFUSED = "no devices in the self-test";

        @Override
        public Attachment attachContainer(ContainerInterface wanted) throws IOException {
            throw new IOException(REFUSED);
        }

        @Override
        public Attachment attachHost(HostInterface wanted) throws IOException {
            throw new IOException(REFUSED);
        }

        @Override
        public Attachment attachLink(String ifname, boolean withAddresses) throws IOException {
            throw new IOException(REFUSED);
        }

        @Override
        public Attachment attachUplink(String ifname, long mac, boolean withAddresses) throws IOException {
            throw new IOException(REFUSED);
        }

        @Override
        public LinkConfiguration linkConfiguration(String ifname) throws IOException {
            throw new IOException(REFUSED);
        }

        @Override
        public OptionalInt linkMtu(String ifname) throws IOException {
            throw new IOException(REFUSED);
        }

        @Override
        public void addRoute(HostRoute route) throws IOException {
            throw new IOException(REFUSED);
        }

        @Override
        public void removeRoute(HostRoute route) throws IOException {
            throw new IOException(REFUSED);
        }

        @Override
        public List<IpPrefix> prefixesOfHost() {
            return List.of();
        }

        @Override
        public PortRange ephemeralPorts() {
            return new PortRange(32768, 60999);
        }
    }
}
