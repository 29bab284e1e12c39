package io.footbridge.control.cli;

import io.footbridge.control.model.PortRange;
import io.footbridge.control.model.PublishSpec;
import io.footbridge.control.model.TransportProtocol;
import io.footbridge.proxy.BackEnd;
import io.footbridge.proxy.ListenException;
import io.footbridge.proxy.Proxy;
import io.footbridge.proxy.ProxyProtocol;
import io.footbridge.proxy.ProxySettings;
import io.footbridge.proxy.Relay;
import io.footbridge.tap.Errno;
import io.footbridge.tap.SystemCallException;
import io.footbridge.tap.namespace.NetworkNamespace;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv6Address;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code footbridge proxy}: the relay alone, in the foreground, until it is told to end. */
@Command(name = "proxy", description = "Relay ports of this host, with no network and no daemon; SIGINT or SIGTERM ends it.",
    footer = {"", "SPEC: [HOSTIP:|[V6ADDR]:][HOSTPORT[-END]:]PORT[-END][/tcp|/udp]"})
final class ProxyCommand implements Callable<Integer> {
    /** What a machine without IPv6 says of it (socket(7)); then only IPv4 is served, unless IPv6 was asked for. */
    private static final Set<Integer> NO_SUCH_FAMILY = Set.of(Errno.EAFNOSUPPORT.number(), Errno.EADDRNOTAVAIL.number());
    private static final int TRIES = 100;

    @Spec
    private CommandSpec command;
    @Option(names = "-p", required = true, paramLabel = "SPEC", description = "which ports, as docker's -p; repeatable")
    private List<String> specs;
    @Option(names = "--to", required = true, paramLabel = "ADDR", description = "where they lead; with --netns or --pid, as seen there")
    private String to;
    @ArgGroup
    private Inside inside;
    @Option(names = "--proxy-protocol", paramLabel = "v1|v2", description = "tell the back end who its client is; TCP only")
    private String proxyProtocol;

    private final StringBuilder bindings = new StringBuilder();

    static final class Inside {
        @Option(names = "--netns", required = true, paramLabel = "PATH", description = "connect in a namespace, by its file")
        private Path netns;
        @Option(names = "--pid", required = true, paramLabel = "PID", description = "connect in a namespace, by a process in it")
        private Integer pid;

        NetworkNamespace open() throws SystemCallException {
            return netns != null ? NetworkNamespace.open(netns) : NetworkNamespace.ofPid(pid);
        }
    }

    @Override
    public Integer call() throws CommandFailure {
        List<PublishSpec> wanted = new ArrayList<>();
        BackEnd backEnd;
        try {
            for (String spec : specs) {
                wanted.add(PublishSpec.parse(spec));
            }
            ProxyProtocol header = proxyProtocol == null ? ProxyProtocol.NONE : ProxyProtocol.parse(proxyProtocol);
            if (header != ProxyProtocol.NONE && wanted.stream().anyMatch(spec -> spec.protocol() != TransportProtocol.TCP)) {
                throw new IllegalArgumentException("--proxy-protocol: only TCP has one");
            }
            // Who names the loopback of a namespace means it.
            Optional<BackEnd.Door> door = Optional.ofNullable(inside).map(within -> within::open);
            backEnd = new BackEnd(IpAddress.parse(to).toInetAddress(), 1, door, header);
        } catch (IllegalArgumentException wrong) {
            throw new ParameterException(command.commandLine(), wrong.getMessage());
        }
        Proxy proxy = start(backEnd);
        try {
            for (PublishSpec spec : wanted) {
                open(proxy, spec, backEnd);
            }
        } catch (IOException failed) {
            proxy.close();
            throw new CommandFailure(failed.getMessage(), failed);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            proxy.close();
            Runtime.getRuntime().halt(0);
        }, "stop"));
        Footbridge root = (Footbridge) command.root().userObject();
        root.out().print(bindings);
        root.out().flush();
        waitForever();
        return 0;
    }

    /** A namespace that cannot be entered is better said now than to each client by silence. */
    private static Proxy start(BackEnd backEnd) throws CommandFailure {
        try {
            if (backEnd.door().isPresent()) {
                try (NetworkNamespace namespace = backEnd.door().get().open()) {
                    namespace.call(() -> null);
                }
            }
            return Proxy.start(ProxySettings.defaults());
        } catch (SystemCallException | IllegalStateException failed) {
            throw new CommandFailure(failed.getMessage(), failed);
        }
    }

    private void open(Proxy proxy, PublishSpec spec, BackEnd backEnd) throws IOException {
        PortRange inside = spec.containerPorts();
        Optional<PortRange> outside = spec.hostPorts();
        if (outside.isPresent() && outside.get().count() > inside.count()) {
            openAny(proxy, spec, backEnd, outside.get());
            return;
        }
        for (int i = 0; i < inside.count(); i++) {
            int port = inside.first() + i;
            if (outside.isPresent()) {
                open(proxy, spec, backEnd.withPort(port), outside.get().first() + i);
            } else {
                openEphemeral(proxy, spec, backEnd.withPort(port));
            }
        }
    }

    /** The first port of a range that is free at all addresses. */
    private void openAny(Proxy proxy, PublishSpec spec, BackEnd backEnd, PortRange range) throws IOException {
        for (int port = range.first();; port++) {
            try {
                open(proxy, spec, backEnd.withPort(spec.containerPorts().first()), port);
                return;
            } catch (ListenException taken) {
                if (port == range.last()) {
                    throw taken;
                }
            }
        }
    }

    /** The system chooses at one address; another may have that port taken at the other. */
    private void openEphemeral(Proxy proxy, PublishSpec spec, BackEnd backEnd) throws IOException {
        for (int i = 1;; i++) {
            try {
                open(proxy, spec, backEnd, 0);
                return;
            } catch (ListenException taken) {
                if (i == TRIES || taken.errno() != Errno.EADDRINUSE.number()) {
                    throw taken;
                }
            }
        }
    }

    /** Listens at each address that is meant, with the same port; all or none. */
    private void open(Proxy proxy, PublishSpec spec, BackEnd backEnd, int hostPort) throws IOException {
        List<Relay> open = new ArrayList<>();
        StringBuilder lines = new StringBuilder();
        int port = hostPort;
        List<IpAddress> addresses = spec.address().map(List::of).orElse(List.of(Ipv4Address.UNSPECIFIED, Ipv6Address.UNSPECIFIED));
        for (IpAddress address : addresses) {
            InetSocketAddress where = new InetSocketAddress(address.toInetAddress(), port);
            try {
                open.add(spec.protocol() == TransportProtocol.TCP ? proxy.relayTcp(where, backEnd) : proxy.relayUdp(where, backEnd));
            } catch (ListenException failed) {
                if (!address.isIpv4() && addresses.size() > 1 && NO_SUCH_FAMILY.contains(failed.errno())) {
                    continue;
                }
                open.forEach(Relay::close);
                throw failed;
            } catch (IOException failed) {
                open.forEach(Relay::close);
                throw failed;
            }
            port = open.getLast().address().getPort();
            lines.append(backEnd.port()).append('/').append(spec.protocol().label()).append(" -> ")
                .append(address.isIpv4() ? address.toString() : "[" + address + "]").append(':').append(port).append('\n');
        }
        bindings.append(lines);
    }

    private static void waitForever() {
        CountDownLatch never = new CountDownLatch(1);
        try {
            never.await();
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
        }
    }
}
