package io.footbridge.control.slirp;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.footbridge.tap.CallState;
import io.footbridge.tap.Errno;
import io.footbridge.tap.FileCalls;
import io.footbridge.tap.Sockaddr;
import io.footbridge.tap.SocketCalls;
import io.footbridge.tap.SystemCallException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * slirp4netns's API socket: a connection brings one request, which is what the first read finds, and gets one answer. One
 * thread serves all connections and waits for none: a client that says nothing, or takes nothing, holds up nobody. Where
 * there are too many, the one that has been silent longest goes.
 */
final class ApiSocket implements Runnable {
    private static final int MAX_REQUEST = 4096;
    private static final int BACKLOG = 128;
    private static final int MAX_CLIENTS = 64;
    private static final int PAUSE_MILLIS = 100;

    private final int listener;
    private final ApiRequests requests;
    private final CallState state = new CallState();
    /** The oldest first. */
    private final List<Client> clients = new ArrayList<>();

    /** A connection; the answer is null until there is one. */
    private static final class Client {
        private final int socket;
        private byte[] answer;
        private int sent;

        Client(int socket) {
            this.socket = socket;
        }
    }

    /**
     * @param listener a listening socket, non-blocking
     */
    ApiSocket(int listener, ApiRequests requests) {
        this.listener = listener;
        this.requests = requests;
    }

    /** A listening socket at a path, in the place of what is there; non-blocking, closed on exec. */
    static int listen(String path) throws IOException {
        CallState state = CallState.ofThread();
        Path file = Path.of(path);
        if (!Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException refused) {
                // Binding says the same, and why.
                throw new IOException("replace API socket " + path + ": " + refused.getMessage(), refused);
            }
        }
        int socket = SocketCalls.socket(state, SocketCalls.AF_UNIX,
            SocketCalls.SOCK_STREAM | SocketCalls.SOCK_NONBLOCK | SocketCalls.SOCK_CLOEXEC, 0);
        try (Arena arena = Arena.ofConfined()) {
            check(socket, "make API socket " + path);
            check(SocketCalls.bind(state, socket, Sockaddr.ofPath(arena, path)), "bind API socket " + path);
            check(SocketCalls.listen(state, socket, BACKLOG), "listen at API socket " + path);
            return socket;
        } catch (IOException failed) {
            FileCalls.close(state, socket);
            throw failed;
        }
    }

    private static void check(int result, String action) throws SystemCallException {
        if (result < 0) {
            throw new SystemCallException(action, -result, Errno.ENOENT.is(result) ? "make its directory first" : "");
        }
    }

    /** Serves for ever. */
    @Override
    public void run() {
        while (true) {
            serveOnce();
        }
    }

    private void serveOnce() {
        int[] descriptors = new int[clients.size() + 1];
        int[] events = new int[clients.size() + 1];
        descriptors[0] = listener;
        events[0] = FileCalls.POLLIN;
        for (int i = 0; i < clients.size(); i++) {
            descriptors[i + 1] = clients.get(i).socket;
            events[i + 1] = clients.get(i).answer == null ? FileCalls.POLLIN : FileCalls.POLLOUT;
        }
        if (FileCalls.poll(state, descriptors, events, -1) <= 0) {
            return;
        }
        List<Client> ready = new ArrayList<>();
        for (int i = 0; i < clients.size(); i++) {
            if (events[i + 1] != 0) {
                ready.add(clients.get(i));
            }
        }
        ready.forEach(this::serve);
        if (events[0] != 0) {
            accept();
        }
    }

    private void accept() {
        int socket = SocketCalls.accept(state, listener, SocketCalls.SOCK_NONBLOCK | SocketCalls.SOCK_CLOEXEC);
        if (socket >= 0) {
            if (clients.size() == MAX_CLIENTS) {
                close(clients.getFirst());
            }
            Client client = new Client(socket);
            clients.add(client);
            serve(client);
        } else if (Errno.EMFILE.is(socket) && !clients.isEmpty()) {
            close(clients.getFirst());
        } else if (!Errno.EAGAIN.is(socket)) {
            // No descriptor is free: the connection stays where it is, and asking at once again would only burn time.
            FileCalls.poll(state, new int[0], new int[0], PAUSE_MILLIS);
        }
    }

    private void serve(Client client) {
        if (client.answer == null && !read(client)) {
            return;
        }
        send(client);
    }

    /** Reads what is there; whether there is an answer now. */
    private boolean read(Client client) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(MAX_REQUEST);
            long length = FileCalls.read(state, client.socket, buffer.address(), MAX_REQUEST);
            if (Errno.EAGAIN.is(length) || Errno.EINTR.is(length)) {
                return false;
            }
            if (length < 0) {
                close(client);
                return false;
            }
            String answer = length == MAX_REQUEST ? ApiRequests.tooLarge()
                : requests.answer(buffer.asSlice(0, length).toArray(JAVA_BYTE));
            client.answer = answer.getBytes(StandardCharsets.UTF_8);
            return true;
        }
    }

    private void send(Client client) {
        try (Arena arena = Arena.ofConfined()) {
            int left = client.answer.length - client.sent;
            MemorySegment rest = arena.allocate(left);
            MemorySegment.copy(client.answer, client.sent, rest, JAVA_BYTE, 0, left);
            long sent = SocketCalls.send(state, client.socket, rest.address(), left, SocketCalls.MSG_NOSIGNAL);
            if (sent >= 0) {
                client.sent += (int) sent;
            }
            if (client.sent == client.answer.length || sent < 0 && !Errno.EAGAIN.is(sent) && !Errno.EINTR.is(sent)) {
                close(client);
            }
        }
    }

    private void close(Client client) {
        clients.remove(client);
        FileCalls.close(state, client.socket);
    }
}
