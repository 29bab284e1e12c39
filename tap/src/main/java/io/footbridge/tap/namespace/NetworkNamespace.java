package io.footbridge.tap.namespace;

import io.footbridge.tap.CallState;
import io.footbridge.tap.Cures;
import io.footbridge.tap.Errno;
import io.footbridge.tap.FileCalls;
import io.footbridge.tap.NamespaceCalls;
import io.footbridge.tap.SystemCallException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A network namespace, held by a descriptor. It lives at least as long as this is open. Any thread; but it must not be
 * closed while another thread is in {@link #call}.
 */
public final class NetworkNamespace implements AutoCloseable {
    private static final int CLOSED = -1;
    private static final int OPEN_FLAGS = FileCalls.O_RDONLY | FileCalls.O_CLOEXEC | FileCalls.O_NONBLOCK;
    private static final Path OWN = Path.of("/proc/thread-self/ns/net");

    static {
        // The platform's cleaner thread is born with the first state: it must not be born in a foreign namespace.
        CallState.ofThread();
    }

    private final AtomicInteger descriptor;
    private final String name;
    private final long inode;

    private NetworkNamespace(int descriptor, String name, long inode) {
        this.descriptor = new AtomicInteger(descriptor);
        this.name = name;
        this.inode = inode;
    }

    /** What runs inside a namespace. It starts no thread and no process: they would stay there. */
    @FunctionalInterface
    public interface Task<T, X extends Exception> {
        /** Runs on a thread that stands in the namespace and ends right after. */
        T call() throws X;
    }

    /** The namespace that a file stands for: {@code /run/netns/NAME}, {@code /proc/PID/ns/net}. */
    public static NetworkNamespace open(Path path) throws SystemCallException {
        return open(path, path.toString(), "no such namespace: " + path);
    }

    /** The namespace that a process is in. */
    public static NetworkNamespace ofPid(int pid) throws SystemCallException {
        return open(Path.of("/proc/" + pid + "/ns/net"), "of process " + pid, "no such process: " + pid);
    }

    /** The namespace of the calling thread. */
    public static NetworkNamespace current() throws SystemCallException {
        return open(OWN, "of this process", "open " + OWN);
    }

    /**
     * The namespace of a descriptor that came from elsewhere (SIOCGSKNS, another process). The descriptor is this
     * object's from here on; if it is of no network namespace, it is closed.
     *
     * @param name as messages are to name it
     */
    public static NetworkNamespace ofDescriptor(int descriptor, String name) throws SystemCallException {
        CallState state = CallState.ofThread();
        try {
            int kind = FileCalls.ioctl(state, descriptor, NamespaceCalls.NS_GET_NSTYPE, 0);
            if (kind != NamespaceCalls.CLONE_NEWNET) {
                throw new SystemCallException(name + " is not a network namespace", Errno.EINVAL.number(),
                        "give a file such as /run/netns/NAME or /proc/PID/ns/net");
            }
            long inode = (long) Files.getAttribute(Path.of("/proc/self/fd/" + descriptor), "unix:ino");
            return new NetworkNamespace(descriptor, name, inode);
        } catch (SystemCallException failed) {
            FileCalls.close(state, descriptor);
            throw failed;
        } catch (IOException failed) {
            FileCalls.close(state, descriptor);
            throw new SystemCallException("stat of namespace " + name, Errno.EIO.number(), "mount /proc");
        }
    }

    /**
     * A new namespace that nothing but this descriptor holds. It contains a loopback interface, down, and IPv6 is off in
     * it where /proc/sys may be written, so that no link put there ever speaks for itself.
     */
    public static NetworkNamespace createPrivate() throws SystemCallException {
        return onThreadOfItsOwn("namespace-create", () -> {
            int result = NamespaceCalls.unshare(CallState.ofThread(), NamespaceCalls.CLONE_NEWNET);
            if (result < 0) {
                throw new SystemCallException("unshare of the network namespace", -result, Cures.of(-result));
            }
            for (String which : new String[] {"all", "default"}) {
                InterfaceSysctl.ipv6(which, "disable_ipv6").writeIfWritable("1");
            }
            return open(OWN, "of our own", "open " + OWN);
        });
    }

    /** Whether a file stands for a network namespace now. Needs no {@code /proc}. */
    public static boolean exists(Path path) {
        CallState state = CallState.ofThread();
        int descriptor = FileCalls.open(state, path.toString(), OPEN_FLAGS);
        if (descriptor < 0) {
            return false;
        }
        int kind = FileCalls.ioctl(state, descriptor, NamespaceCalls.NS_GET_NSTYPE, 0);
        FileCalls.close(state, descriptor);
        return kind == NamespaceCalls.CLONE_NEWNET;
    }

    /**
     * Runs a task on a platform thread of its own that has moved into this namespace, and waits for it. What the task
     * throws is thrown here. An interrupt does not end the wait: a thread in a system call would not feel it.
     *
     * @throws SystemCallException when the thread may not enter
     */
    public <T, X extends Exception> T call(Task<T, X> task) throws X, SystemCallException {
        SystemCallException[] refused = new SystemCallException[1];
        T value = onThreadOfItsOwn("namespace-call", () -> {
            int result = NamespaceCalls.setns(CallState.ofThread(), descriptor(), NamespaceCalls.CLONE_NEWNET);
            // Without rights over the host's own namespace a thread may still be in it.
            if (result < 0 && !isOfThisThread()) {
                refused[0] = new SystemCallException("setns into namespace " + name, -result, Cures.of(-result));
                return null;
            }
            return task.call();
        });
        if (refused[0] != null) {
            throw refused[0];
        }
        return value;
    }

    private boolean isOfThisThread() {
        try {
            return (long) Files.getAttribute(OWN, "unix:ino") == inode;
        } catch (IOException unknown) {
            return false;
        }
    }

    /** The descriptor, valid until this is closed. */
    public int descriptor() {
        int now = descriptor.get();
        if (now == CLOSED) {
            throw new IllegalStateException("namespace " + name + " is closed");
        }
        return now;
    }

    /** The number that tells this namespace from every other that lives: {@code net:[4026531840]}. */
    public long inode() {
        return inode;
    }

    /** Whether the two are one namespace. */
    public boolean isSameAs(NetworkNamespace other) {
        return inode == other.inode;
    }

    /** Lets go of the namespace. A second close does nothing. */
    @Override
    public void close() {
        int last = descriptor.getAndSet(CLOSED);
        if (last != CLOSED) {
            FileCalls.close(CallState.ofThread(), last);
        }
    }

    /** As messages name it: {@code /run/netns/db}, {@code of process 4711}. */
    @Override
    public String toString() {
        return name;
    }

    private static NetworkNamespace open(Path path, String name, String whenAbsent) throws SystemCallException {
        CallState state = CallState.ofThread();
        int descriptor = FileCalls.open(state, path.toString(), OPEN_FLAGS);
        if (descriptor < 0) {
            boolean absent = Errno.ENOENT.is(descriptor) || Errno.ENOTDIR.is(descriptor) || Errno.ESRCH.is(descriptor);
            throw new SystemCallException(absent ? whenAbsent : "open " + path, -descriptor, Cures.of(-descriptor));
        }
        return ofDescriptor(descriptor, name);
    }

    private static <T, X extends Exception> T onThreadOfItsOwn(String role, Task<T, X> task) throws X {
        Outcome<T> outcome = new Outcome<>();
        Thread thread = Thread.ofPlatform().name(role).daemon().inheritInheritableThreadLocals(false).start(() -> {
            try {
                outcome.value = task.call();
            } catch (Throwable thrown) {
                outcome.thrown = thrown;
            }
        });
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException later) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return outcome.take();
    }

    /** What a task left behind; read after the join, which orders it. */
    private static final class Outcome<T> {
        private T value;
        private Throwable thrown;

        @SuppressWarnings("unchecked")
        <X extends Exception> T take() throws X {
            switch (thrown) {
                case null -> {
                    return value;
                }
                case Error error -> throw error;
                default -> throw (X) thrown;
            }
        }
    }
}
