package io.footbridge.proxy;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.footbridge.tap.CallState;
import io.footbridge.tap.Errno;
import io.footbridge.tap.FileCalls;
import io.footbridge.tap.SocketCalls;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * docker-proxy's command line, which is slirp-proxy's too: flags, descriptors, error texts and exit codes of version 29,
 * such that dockerd 20.10 understands them as well. docs/docker-proxy.md says where we differ on purpose.
 */
public final class DockerProxy {
    /** The status of a port that is served. */
    public static final String SERVED = "0\n";
    /** No descriptor. */
    public static final int NONE = -1;

    private static final int STATUS = 3;
    private static final int LISTENER = 4;
    private static final int F_GETFL = 3;
    private static final int ACCESS_MODE = 3;
    private static final int IPPROTO_TCP = 6;
    private static final int IPPROTO_UDP = 17;

    private static final InetAddress EVERY_IPV6 = InetAddress.ofLiteral("::");
    private static final String LISTENER_NAME = "file file+net listen-sock: ";

    private final String program;
    private final Descriptors descriptors;

    /**
     * @param program how it was called, for its usage
     * @param descriptors where it speaks and what it was given
     */
    public DockerProxy(String program, Descriptors descriptors) {
        this.program = program;
        this.descriptors = descriptors;
    }

    /**
     * What docker-proxy has besides its command line.
     *
     * @param status where the daemon reads whether all is well, or {@link #NONE}; closed once that is said
     * @param listener the listening socket that {@code -use-listen-fd} speaks of
     * @param output standard output
     * @param errors standard error
     */
    public record Descriptors(int status, int listener, PrintStream output, PrintStream errors) {
        /** Those of this process: 3 and 4 if they were handed over. */
        static Descriptors ofProcess() {
            // What is open for reading only is the JVM's own: its class library and our jars.
            int mode = FileCalls.fcntl(CallState.ofThread(), STATUS, F_GETFL, 0);
            boolean given = mode >= 0 && (mode & ACCESS_MODE) != FileCalls.O_RDONLY;
            return new Descriptors(given ? STATUS : NONE, LISTENER, new PrintStream(new FileOutputStream(FileDescriptor.out)),
                    new PrintStream(new FileOutputStream(FileDescriptor.err)));
        }
    }

    /** Serves one port until SIGINT or SIGTERM, then ends with 0. */
    public static void main(String[] args) {
        CountDownLatch stop = new CountDownLatch(1);
        Thread main = Thread.currentThread();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            stop.countDown();
            // The hook must outlast the main thread, which halts: a JVM that ends by itself says 130 or 143.
            join(main);
        }, "stop"));
        int code = new DockerProxy("docker-proxy", Descriptors.ofProcess()).run(List.of(args), stop);
        Runtime.getRuntime().halt(code);
    }

    /** The status of a port that could not be served. */
    public static String failure(Exception failed) {
        return "1\n" + failed.getMessage();
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Does what the command line says, until it is told to stop.
     *
     * @return the exit code: 0; 1 if the port could not be served, which the status says too; 2 for a command line that
     *         cannot be read
     */
    public int run(List<String> arguments, CountDownLatch stop) {
        DockerProxyArguments asked;
        try {
            asked = DockerProxyArguments.parse(program, arguments);
        } catch (GoFlags.UsageException unreadable) {
            descriptors.errors().print(unreadable.getMessage());
            descriptors.errors().flush();
            return unreadable.exitCode();
        }
        if (asked.version()) {
            String version = DockerProxy.class.getPackage().getImplementationVersion();
            descriptors.output().print("docker-proxy (commit footbridge) version " + (version == null ? "dev" : version) + "\n");
            descriptors.output().flush();
            return 0;
        }
        try (Proxy proxy = Proxy.start(ProxySettings.defaults())) {
            open(proxy, asked, descriptors.listener());
            say(SERVED);
            stop.await();
        } catch (IOException | IllegalStateException failed) {
            say(failure(failed));
            return 1;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        return 0;
    }

    private void say(String status) {
        say(descriptors.status(), status);
    }

    /**
     * Says on a status descriptor how it went, and closes it. In one write: dockerd reads once, two bytes, and compares.
     *
     * @param descriptor {@link #NONE} where nobody is to be told
     */
    public static void say(int descriptor, String status) {
        if (descriptor == NONE) {
            return;
        }
        CallState state = CallState.ofThread();
        try (Arena arena = Arena.ofConfined()) {
            byte[] bytes = status.getBytes(StandardCharsets.UTF_8);
            MemorySegment text = arena.allocateFrom(JAVA_BYTE, bytes);
            // Nobody may be there to read it, as docker-proxy allows.
            FileCalls.write(state, descriptor, text.address(), bytes.length);
        }
        FileCalls.close(state, descriptor);
    }

    /**
     * Serves the port that a command line asks for.
     *
     * @param listener the socket handed over, the proxy's from here on, also if this fails, if the command line says that
     *     there is one; else not touched
     * @throws IOException why it cannot be served, in the words that the status is to carry
     */
    public static Relay open(Proxy proxy, DockerProxyArguments asked, int listener) throws IOException {
        BackEnd backEnd = backEnd(asked);
        boolean stream = asked.protocol().equals("tcp");
        if (asked.useListenDescriptor()) {
            try {
                checkProtocol(asked);
                check(listener, stream);
            } catch (IOException wrong) {
                FileCalls.close(CallState.ofThread(), listener);
                throw wrong;
            }
            return stream ? proxy.adoptTcp(listener, backEnd) : proxy.adoptUdp(listener, backEnd);
        }
        checkProtocol(asked);
        try {
            InetSocketAddress host = host(asked);
            return stream ? proxy.relayTcp(host, backEnd) : proxy.relayUdp(host, backEnd);
        } catch (ListenException taken) {
            throw new IOException("failed to listen on " + asked.host() + ": " + taken.getMessage(), taken);
        }
    }

    private static void checkProtocol(DockerProxyArguments asked) throws IOException {
        switch (asked.protocol()) {
            case "tcp", "udp" -> { }
            // No kernel without the protocol has a socket for it, and with it there is no relay here.
            case "sctp" -> throw new IOException("failed to listen on " + asked.host() + ": "
                    + ListenException.words(Errno.EPROTONOSUPPORT.number()));
            default -> throw new IOException("unsupported protocol " + asked.protocol());
        }
    }

    private static BackEnd backEnd(DockerProxyArguments asked) {
        // A port that cannot be is one where nobody ever answers, as it is for docker-proxy.
        boolean inRange = asked.containerPort() >= 0 && asked.containerPort() <= 65535;
        InetAddress address = asked.containerAddress() == null ? InetAddress.ofLiteral("0.0.0.0") : asked.containerAddress();
        return BackEnd.at(address, inRange ? (int) asked.containerPort() : 0).onThisMachine();
    }

    private static InetSocketAddress host(DockerProxyArguments asked) throws ListenException {
        InetAddress address = asked.hostAddress() == null ? EVERY_IPV6 : asked.hostAddress();
        if (asked.hostPort() < 0 || asked.hostPort() > 65535) {
            throw new ListenException("listen " + asked.protocol() + (address.getAddress().length > 4 ? "6 " : "4 ")
                    + asked.host() + ": bind: " + ListenException.words(Errno.EINVAL.number()), Errno.EINVAL.number());
        }
        return new InetSocketAddress(address, (int) asked.hostPort());
    }

    /** Whether a descriptor is what the protocol needs; the words are those of Go's net package. */
    private static void check(int listener, boolean stream) throws IOException {
        CallState state = CallState.ofThread();
        int type = RelaySockets.type(state, listener);
        if (type < 0) {
            throw new IOException(LISTENER_NAME + (Errno.EBADF.is(type) ? "fcntl" : "getsockopt") + ": "
                    + ListenException.words(-type));
        }
        boolean rightType = type == (stream ? SocketCalls.SOCK_STREAM : SocketCalls.SOCK_DGRAM);
        if (rightType && RelaySockets.family(state, listener) == SocketCalls.AF_UNIX) {
            throw new IOException("unexpected socket type for listener fd: " + (stream ? "unix" : "unixgram"));
        }
        boolean internet = RelaySockets.localAddress(state, listener) != null;
        boolean rightProtocol = RelaySockets.protocol(state, listener) == (stream ? IPPROTO_TCP : IPPROTO_UDP);
        if (!rightType || !internet || !rightProtocol || stream && !RelaySockets.listens(state, listener)) {
            throw new IOException(LISTENER_NAME + ListenException.words(Errno.EINVAL.number()));
        }
    }
}
