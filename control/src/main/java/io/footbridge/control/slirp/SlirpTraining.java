package io.footbridge.control.slirp;

import io.footbridge.control.slirp.SlirpCommandLine.Outcome;
import io.footbridge.control.training.TrafficTraining;
import io.footbridge.tap.CallState;
import io.footbridge.tap.FileCalls;
import io.footbridge.tap.SocketCalls;
import io.footbridge.tap.SystemCallException;
import io.footbridge.tap.TapEndpoint;
import io.footbridge.tap.namespace.NetworkNamespace;
import io.footbridge.tap.netlink.RouteNetlink;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What the AOT cache of the JVMs that stand for slirp4netns learns from: once through what both stages load. It needs no
 * privilege, though it does more with some, and leaves nothing.
 */
public final class SlirpTraining {
    private static final String COMMAND_LINE = "--mtu=65520 --enable-sandbox --enable-seccomp --enable-ipv6 --cidr 10.0.2.0/24 -c -e 3 "
        + "-r 4 --api-socket /tmp/api.sock --netns-type=path /run/netns/example tap0";
    private static final List<String> REQUESTS = List.of("{\"execute\":\"list_hostfwd\"}", "{",
        "{\"execute\":\"add_hostfwd\",\"arguments\":{\"proto\":\"tcp\",\"host_port\":8080,\"guest_port\":80}}",
        "{\"execute\":\"list_hostfwd\"}", "{\"execute\":\"remove_hostfwd\",\"arguments\":{\"id\":1}}");
    private static final List<String> PRIVILEGED = List.of("io.footbridge.control.slirp.GuestTap", "io.footbridge.control.slirp.Sandbox",
        "io.footbridge.control.slirp.ApiSocket", "io.footbridge.control.slirp.SeccompFilter", "io.footbridge.control.slirp.Endings",
        "io.footbridge.tap.MountCalls", "io.footbridge.tap.PrivilegeCalls", "io.footbridge.tap.ProcessCalls");

    private SlirpTraining() {
    }

    /**
     * Goes through it.
     *
     * @return the exit code: 0, or 1 if something failed, which standard error then names
     */
    public static int run() {
        try {
            train();
            return 0;
        } catch (IOException | ClassNotFoundException | RuntimeException | LinkageError failed) {
            System.err.println("slirp4netns: self-test: " + failed);
            return 1;
        }
    }

    /** In a namespace of its own, where we may make one and open TAPs; the cache is a little less good where not. */
    private static void configureTap(SlirpOptions options) throws IOException {
        try (NetworkNamespace namespace = NetworkNamespace.createPrivate()) {
            GuestTap.open(options.withTarget(new SlirpOptions.Target.File("/proc/self/fd/" + namespace.descriptor()))).endpoint().close();
        } catch (SystemCallException notAllowed) {
            try (RouteNetlink netlink = RouteNetlink.open()) {
                netlink.link("lo");
            }
        }
    }

    private static void train() throws IOException, ClassNotFoundException {
        for (String name : PRIVILEGED) {
            Class.forName(name);
        }
        SlirpCommandLine commandLine = new SlirpCommandLine(_ -> true, _ -> Optional.empty(), _ -> Optional.empty());
        if (!(commandLine.read(COMMAND_LINE.split(" ")) instanceof Outcome.Serve(SlirpOptions options))) {
            throw new IllegalStateException("the command line is refused: " + COMMAND_LINE);
        }
        Slirp4netns.train(options);
        configureTap(options);
        int[] pair = new int[2];
        CallState state = CallState.ofThread();
        if (SocketCalls.socketpair(state, SocketCalls.SOCK_DGRAM | SocketCalls.SOCK_NONBLOCK | SocketCalls.SOCK_CLOEXEC, pair) < 0) {
            throw new IOException("make a socket pair");
        }
        try (SlirpEngine engine = SlirpEngine.start(options, TapEndpoint.overDatagrams(pair[0]), 2, () -> { })) {
            ApiRequests requests = new ApiRequests(engine, options.network().guest());
            REQUESTS.forEach(request -> requests.answer(request.getBytes(StandardCharsets.UTF_8)));
            // Readable at once, so that it does not wait.
            new Endings(pair[1], -1, "").await(0);
            FileCalls.close(state, pair[1]);
        }
        Endings.of(new SlirpOptions.Target.Process((int) ProcessHandle.current().pid()), OptionalInt.empty()).await(0);
        TrafficTraining.run();
    }
}
