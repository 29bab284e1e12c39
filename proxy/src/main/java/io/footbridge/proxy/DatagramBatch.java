package io.footbridge.proxy;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.footbridge.tap.CallState;
import io.footbridge.tap.SocketCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Sixteen datagrams that are received by one system call and sent on from where they lie. A slot's header is a
 * {@code struct mmsghdr} (sys/socket.h, 64-bit), whose fields are rewritten between the two calls:
 *
 * <pre>
 * offset width name
 *      0     8 msg_name        the peer's address structure
 *      8     4 msg_namelen
 *     16     8 msg_iov         the slot's one vector: {u64 base, u64 length}
 *     24     8 msg_iovlen
 *     32     8 msg_control     control messages
 *     40     8 msg_controllen
 *     48     4 msg_flags
 *     56     4 msg_len         bytes moved
 * </pre>
 */
final class DatagramBatch {
    static final int SLOTS = 16;
    /** More than any datagram over IPv4 or IPv6 holds. */
    static final int CAPACITY = 64 << 10;
    static final int NAME = 32;
    static final int CONTROL = 64;

    private static final int HEADER = 64;
    private static final int VECTOR = 16;

    private final MemorySegment headers;
    private final MemorySegment vectors;
    private final MemorySegment names;
    private final MemorySegment controls;
    private final MemorySegment data;

    DatagramBatch(Arena arena) {
        headers = arena.allocate(SLOTS * HEADER, 64);
        vectors = arena.allocate(SLOTS * VECTOR, 64);
        names = arena.allocate(SLOTS * NAME, 64);
        controls = arena.allocate(SLOTS * CONTROL, 64);
        data = arena.allocate((long) SLOTS * CAPACITY, 64);
        for (int slot = 0; slot < SLOTS; slot++) {
            headers.set(JAVA_LONG, at(slot) + 16, vectors.address() + (long) slot * VECTOR);
            headers.set(JAVA_LONG, at(slot) + 24, 1);
            vectors.set(JAVA_LONG, (long) slot * VECTOR, data.address() + (long) slot * CAPACITY);
        }
    }

    /** Receives from a socket what is there, with senders and control messages: how many, or the negated error number. */
    int receiveFromAnyone(CallState state, int socket) {
        for (int slot = 0; slot < SLOTS; slot++) {
            address(slot, names.address() + (long) slot * NAME, NAME, controls.address() + (long) slot * CONTROL, CONTROL);
            vectors.set(JAVA_LONG, (long) slot * VECTOR + 8, CAPACITY);
        }
        return SocketCalls.recvmmsg(state, socket, headers.address(), SLOTS, SocketCalls.MSG_DONTWAIT);
    }

    /** Receives from a connected socket what is there: how many, or the negated error number. */
    int receive(CallState state, int socket) {
        for (int slot = 0; slot < SLOTS; slot++) {
            address(slot, 0, 0, 0, 0);
            vectors.set(JAVA_LONG, (long) slot * VECTOR + 8, CAPACITY);
        }
        return SocketCalls.recvmmsg(state, socket, headers.address(), SLOTS, SocketCalls.MSG_DONTWAIT);
    }

    /** The sender's address structure. */
    MemorySegment name(int slot) {
        return names.asSlice((long) slot * NAME, NAME);
    }

    /** The control messages that came with a datagram. */
    MemorySegment control(int slot) {
        long length = headers.get(JAVA_LONG, at(slot) + 40);
        return controls.asSlice((long) slot * CONTROL, Math.min(length, CONTROL));
    }

    /** What a datagram holds; valid until the next receive. */
    MemorySegment data(int slot) {
        return data.asSlice((long) slot * CAPACITY, headers.get(JAVA_INT, at(slot) + 56));
    }

    /** The place of the last slot's data, for a datagram that comes from elsewhere. */
    MemorySegment room() {
        return data.asSlice((long) (SLOTS - 1) * CAPACITY, CAPACITY);
    }

    /** Makes a slot that was received one that is sent, to a peer and with control messages, or to a connected one. */
    void readdress(int slot, MemorySegment name, MemorySegment control) {
        int length = headers.get(JAVA_INT, at(slot) + 56);
        address(slot, name.address(), (int) name.byteSize(), control.address(), (int) control.byteSize());
        vectors.set(JAVA_LONG, (long) slot * VECTOR + 8, length);
    }

    /** Sends slots: how many went, or the negated error number of the first. */
    int send(CallState state, int socket, int firstSlot, int count) {
        return SocketCalls.sendmmsg(state, socket, headers.address() + at(firstSlot), count,
                SocketCalls.MSG_DONTWAIT | SocketCalls.MSG_NOSIGNAL);
    }

    private void address(int slot, long name, int nameLength, long control, int controlLength) {
        headers.set(JAVA_LONG, at(slot), name);
        headers.set(JAVA_INT, at(slot) + 8, nameLength);
        headers.set(JAVA_LONG, at(slot) + 32, control);
        headers.set(JAVA_LONG, at(slot) + 40, controlLength);
        headers.set(JAVA_INT, at(slot) + 48, 0);
    }

    private static long at(int slot) {
        return (long) slot * HEADER;
    }
}
