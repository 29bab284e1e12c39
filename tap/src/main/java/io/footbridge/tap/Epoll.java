package io.footbridge.tap;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * One worker's epoll set with an eventfd in it, by which other threads wake the worker: a thread in a system call does
 * not feel {@code interrupt}. Level-triggered, so what one cycle leaves unread is ready in the next.
 *
 * <p>Owning worker only, but for {@link #wake}, which any thread may call.
 */
public final class Epoll implements AutoCloseable {
    /** The token of the set's own eventfd; {@link #await} has already reset it. */
    public static final int WAKE_UP = -1;

    /** Event: there is something to read, or to accept. */
    public static final int IN = 1;
    /** Event: there is urgent data. */
    public static final int PRI = 2;
    /** Event: there is room to write, or a connection attempt has ended. */
    public static final int OUT = 4;
    /** Event, always waited for: an error. */
    public static final int ERR = 8;
    /** Event, always waited for: both directions have ended. */
    public static final int HUP = 0x10;
    /** Event: the peer writes no more. */
    public static final int RDHUP = 0x2000;
    /** Beside the events of {@link #add(int, int, int)}: told when something becomes ready, not as long as it is. */
    public static final int EDGE = 1 << 31;

    private static final int CAPACITY = 64;
    // struct epoll_event is packed on x86-64 alone
    private static final boolean PACKED = System.getProperty("os.arch").equals("amd64");
    private static final int EVENT_LENGTH = PACKED ? 12 : 16;
    private static final int DATA_OFFSET = PACKED ? 4 : 8;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment events = arena.allocate(CAPACITY * (long) EVENT_LENGTH, 8);
    private final MemorySegment change = arena.allocate(EVENT_LENGTH, 8);
    private final MemorySegment counter = arena.allocate(JAVA_LONG);
    private final MemorySegment one = arena.allocateFrom(JAVA_LONG, 1L);
    private final CallState state = new CallState();
    private final int epoll;
    private final int eventfd;

    /** An empty set. */
    public Epoll() throws SystemCallException {
        epoll = SystemCallException.check(EpollCalls.create(state), "epoll_create1");
        eventfd = FileCalls.eventfd(state);
        if (eventfd < 0) {
            FileCalls.close(state, epoll);
            throw new SystemCallException("eventfd", -eventfd);
        }
        add(eventfd, WAKE_UP);
    }

    /** Waits until a descriptor can be read; its events carry {@code token}. */
    public void add(int descriptor, int token) throws SystemCallException {
        SystemCallException.check(add(descriptor, token, IN), "add descriptor " + descriptor + " to epoll");
    }

    /** Waits on a descriptor for these events, which carry {@code token}; zero or the negated error number. */
    public int add(int descriptor, int token, int wanted) {
        return control(EpollCalls.EPOLL_CTL_ADD, descriptor, token, wanted);
    }

    /** Waits on a descriptor of the set for these events instead; zero or the negated error number. */
    public int modify(int descriptor, int token, int wanted) {
        return control(EpollCalls.EPOLL_CTL_MOD, descriptor, token, wanted);
    }

    private int control(int operation, int descriptor, int token, int wanted) {
        change.set(JAVA_INT, 0, wanted);
        change.set(JAVA_LONG_UNALIGNED, DATA_OFFSET, token);
        return EpollCalls.control(state, epoll, operation, descriptor, change.address());
    }

    /** Waits on a descriptor no longer; one that is not in the set is ignored. */
    public void remove(int descriptor) {
        EpollCalls.control(state, epoll, EpollCalls.EPOLL_CTL_DEL, descriptor, events.address());
    }

    /**
     * Waits until something is ready.
     *
     * @param milliseconds 0 does not wait, negative waits without limit
     * @return how many events {@link #token} and {@link #failed} can tell of; 0 also when a signal came
     */
    public int await(int milliseconds) {
        int ready = EpollCalls.await(state, epoll, events.address(), CAPACITY, milliseconds);
        return Math.max(ready, 0);
    }

    /** Whose event it is: the token it was added with. */
    public int token(int index) {
        int token = events.get(JAVA_INT_UNALIGNED, (long) index * EVENT_LENGTH + DATA_OFFSET);
        if (token == WAKE_UP) {
            FileCalls.read(state, eventfd, counter.address(), Long.BYTES);
        }
        return token;
    }

    /** What is ready: {@link #IN}, {@link #OUT} and their kin. */
    public int events(int index) {
        return events.get(JAVA_INT_UNALIGNED, (long) index * EVENT_LENGTH);
    }

    /** Whether the descriptor reported an error or the end of its other side. */
    public boolean failed(int index) {
        return (events(index) & (ERR | HUP)) != 0;
    }

    /** Ends the wait under way, or the next one. Any thread. */
    public void wake() {
        FileCalls.write(CallState.ofThread(), eventfd, one.address(), Long.BYTES);
    }

    /** Closes the set. Nobody may {@link #wake} it from now on. */
    @Override
    public void close() {
        FileCalls.close(state, epoll);
        FileCalls.close(state, eventfd);
        arena.close();
    }
}
