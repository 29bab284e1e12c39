package io.footbridge.tap;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * An AF_PACKET socket on a link, usually our end of a veth pair: a batch of frames per system call, both ways.
 *
 * <p>The kernel strips the outer VLAN tag on receipt and reports it beside the frame; it is put back, so that frames
 * look as they did on the wire. Source: packet(7), linux/if_packet.h.
 */
public final class PacketSocketEndpoint implements Endpoint {
    // linux/if_packet.h
    private static final int SOL_PACKET = 263;
    private static final int PACKET_ADD_MEMBERSHIP = 1;
    private static final int PACKET_STATISTICS = 6;
    private static final int PACKET_AUXDATA = 8;
    private static final int PACKET_VNET_HDR = 15;
    private static final int PACKET_IGNORE_OUTGOING = 23;
    private static final int PACKET_MR_PROMISC = 1;
    private static final int PACKET_MR_ALLMULTI = 2;
    private static final int PACKET_MR_UNICAST = 3;
    private static final int TP_STATUS_VLAN_VALID = 0x10;
    private static final int TP_STATUS_VLAN_TPID_VALID = 0x40;
    private static final int ETH_P_ALL = 3;
    private static final int ETH_P_8021Q = 0x8100;

    private static final int SOCKADDR_LL_LENGTH = 20;
    private static final int SLL_IFINDEX = 4;
    private static final int PACKET_MREQ_LENGTH = 16;
    private static final int MAC_LENGTH = 6;

    // struct cmsghdr with struct tpacket_auxdata behind it
    private static final int CMSG_LEVEL = 8;
    private static final int CMSG_TYPE = 12;
    private static final int CMSG_DATA = 16;
    private static final int AUX_STATUS = CMSG_DATA;
    private static final int AUX_VLAN_TCI = CMSG_DATA + 16;
    private static final int AUX_VLAN_TPID = CMSG_DATA + 18;
    private static final int AUX_CMSG_LENGTH = CMSG_DATA + 20;

    // struct virtio_net_hdr
    private static final int VNET_FLAGS = 0;
    private static final int VNET_HDR_LEN = 2;
    private static final int VNET_CSUM_START = 6;
    private static final int VNET_NEEDS_CSUM = 1;

    private static final int TAG_LENGTH = 4;
    private static final int MACS_LENGTH = 12;
    private static final int ETHERNET_HEADER_LENGTH = 14;

    // A 64 KiB frame counts for about 70 KiB of the receive buffer: room for two hundred of them.
    private static final int SOCKET_BUFFER = 16 << 20;
    private static final int MIN_BATCH = 4;

    private static final ValueLayout.OfShort NETWORK_SHORT = JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final int descriptor;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final boolean link;
    private int batchLength = FrameBatch.CAPACITY;
    private long drops;

    private PacketSocketEndpoint(int descriptor, boolean link) {
        this.descriptor = descriptor;
        this.link = link;
    }

    /**
     * Opens a socket on a link of the calling thread's namespace.
     *
     * @param interfaceIndex the link's index
     * @param label how errors name the link
     */
    public static PacketSocketEndpoint open(int interfaceIndex, String label, Reception reception)
            throws SystemCallException {
        CallState state = CallState.ofThread();
        // Protocol 0: nothing is received before the socket is bound and its options stand.
        int descriptor = SocketCalls.socket(state, SocketCalls.AF_PACKET,
                SocketCalls.SOCK_RAW | SocketCalls.SOCK_NONBLOCK | SocketCalls.SOCK_CLOEXEC, 0);
        if (descriptor < 0) {
            throw new SystemCallException("open a packet socket on " + label, -descriptor,
                    Cures.of(-descriptor));
        }
        try {
            configure(state, descriptor, interfaceIndex, label, reception);
            return new PacketSocketEndpoint(descriptor, true);
        } catch (SystemCallException failed) {
            FileCalls.close(state, descriptor);
            throw failed;
        }
    }

    /**
     * An endpoint over any socket that keeps datagrams apart, such as one end of a socket pair.
     *
     * @param descriptor becomes this endpoint's
     */
    public static PacketSocketEndpoint overDatagrams(int descriptor) {
        return new PacketSocketEndpoint(descriptor, false);
    }

    private static void configure(CallState state, int descriptor, int interfaceIndex, String label,
            Reception reception) throws SystemCallException {
        enable(state, descriptor, PACKET_VNET_HDR, label);
        enable(state, descriptor, PACKET_AUXDATA, label);
        enable(state, descriptor, PACKET_IGNORE_OUTGOING, label);
        enlarge(state, descriptor, SocketCalls.SO_RCVBUFFORCE, SocketCalls.SO_RCVBUF);
        enlarge(state, descriptor, SocketCalls.SO_SNDBUFFORCE, SocketCalls.SO_SNDBUF);
        try (Arena arena = Arena.ofConfined()) {
            switch (reception) {
                case Reception.Promiscuous() ->
                    join(state, descriptor, membership(arena, interfaceIndex, PACKET_MR_PROMISC, 0), label);
                case Reception.Unicast(long mac) -> {
                    SystemCallException.check(
                            SocketCalls.setsockopt(state, descriptor, SocketCalls.SOL_SOCKET,
                                    SocketCalls.SO_ATTACH_FILTER, PacketFilter.unicast(arena, mac)),
                            "attach a filter to the packet socket on " + label);
                    join(state, descriptor, membership(arena, interfaceIndex, PACKET_MR_UNICAST, mac), label);
                    join(state, descriptor, membership(arena, interfaceIndex, PACKET_MR_ALLMULTI, 0), label);
                }
            }
            MemorySegment name = arena.allocate(SOCKADDR_LL_LENGTH, 4);
            name.set(JAVA_SHORT, 0, (short) SocketCalls.AF_PACKET);
            name.set(NETWORK_SHORT, 2, (short) ETH_P_ALL);
            name.set(JAVA_INT, SLL_IFINDEX, interfaceIndex);
            SystemCallException.check(SocketCalls.bind(state, descriptor, name), "bind a packet socket to " + label);
        }
    }

    private static void enable(CallState state, int descriptor, int option, String label) throws SystemCallException {
        SystemCallException.check(SocketCalls.setsockopt(state, descriptor, SOL_PACKET, option, 1),
                "set option " + option + " of the packet socket on " + label);
    }

    /** Beyond the system's limit where we may, up to it where not. */
    private static void enlarge(CallState state, int descriptor, int force, int option) {
        if (SocketCalls.setsockopt(state, descriptor, SocketCalls.SOL_SOCKET, force, SOCKET_BUFFER) < 0) {
            SocketCalls.setsockopt(state, descriptor, SocketCalls.SOL_SOCKET, option, SOCKET_BUFFER);
        }
    }

    private static void join(CallState state, int descriptor, MemorySegment membership, String label)
            throws SystemCallException {
        SystemCallException.check(
                SocketCalls.setsockopt(state, descriptor, SOL_PACKET, PACKET_ADD_MEMBERSHIP, membership),
                "set what the packet socket on " + label + " receives");
    }

    private static MemorySegment membership(Arena arena, int interfaceIndex, int type, long mac) {
        MemorySegment request = arena.allocate(PACKET_MREQ_LENGTH, 4);
        request.set(JAVA_INT, 0, interfaceIndex);
        request.set(JAVA_SHORT, 4, (short) type);
        request.set(JAVA_SHORT, 6, (short) MAC_LENGTH);
        for (int i = 0; i < MAC_LENGTH; i++) {
            request.set(JAVA_BYTE, 8 + i, (byte) (mac >>> 8 * (MAC_LENGTH - 1 - i)));
        }
        return request;
    }

    @Override
    public int descriptor() {
        return descriptor;
    }

    @Override
    public int offloads() {
        return OFFLOAD_TSO | OFFLOAD_USO;
    }

    /**
     * {@inheritDoc} How many slots are offered follows the sizes seen: the kernel fills as many as it can, and a batch of
     * 64 KiB frames would pass the byte budget and the cache.
     */
    @Override
    public int receive(FrameBuffers buffers, FrameBatch batch) {
        batch.clear();
        int count;
        do {
            count = SocketCalls.recvmmsg(buffers.state(), descriptor, buffers.receiveHeadersAddress(), batchLength,
                    SocketCalls.MSG_DONTWAIT);
        } while (Errno.EINTR.is(count));
        if (count <= 0) {
            return unreceived(count);
        }
        if (!link && buffers.received(0) == 0) {
            return GONE;
        }
        int bytes = 0;
        for (int i = 0; i < count; i++) {
            int received = buffers.received(i);
            long start = FrameBuffers.slot(i) + FrameBuffers.HEADROOM;
            int tag = buffers.controlLength(i) >= AUX_CMSG_LENGTH ? insertTag(buffers, i, start, received) : 0;
            batch.add(start + FrameBuffers.VIRTIO_HEADER_LENGTH - tag,
                    received - FrameBuffers.VIRTIO_HEADER_LENGTH + tag);
            if ((buffers.receivedFlags(i) & SocketCalls.MSG_TRUNC) != 0) {
                batch.result(i, -Errno.EMSGSIZE.number());
            }
            buffers.rearm(i);
            bytes += received;
        }
        batchLength = Math.clamp((long) FrameBuffers.BYTE_BUDGET * count / Math.max(bytes, 1),
                MIN_BATCH, FrameBatch.CAPACITY);
        return count;
    }

    private int unreceived(int result) {
        // EINVAL: the head of the queue was of a GSO kind that has no virtio-net header; the kernel has discarded it.
        if (Errno.EAGAIN.is(result) || Errno.EINVAL.is(result) || Errno.ENOBUFS.is(result)) {
            return 0;
        }
        if (!link) {
            return GONE;
        }
        return exists() ? DOWN : GONE;
    }

    /** Puts back the tag that the kernel took off; returns by how much the frame grew towards its front. */
    private static int insertTag(FrameBuffers buffers, int index, long start, int received) {
        MemorySegment memory = buffers.memory();
        long control = FrameBuffers.control(index);
        if (memory.get(JAVA_INT, control + CMSG_LEVEL) != SOL_PACKET
                || memory.get(JAVA_INT, control + CMSG_TYPE) != PACKET_AUXDATA
                || received < FrameBuffers.VIRTIO_HEADER_LENGTH + ETHERNET_HEADER_LENGTH) {
            return 0;
        }
        int status = memory.get(JAVA_INT, control + AUX_STATUS);
        if ((status & TP_STATUS_VLAN_VALID) == 0) {
            return 0;
        }
        int tpid = (status & TP_STATUS_VLAN_TPID_VALID) != 0
                ? memory.get(JAVA_SHORT, control + AUX_VLAN_TPID) : ETH_P_8021Q;
        short tci = memory.get(JAVA_SHORT, control + AUX_VLAN_TCI);
        int moved = FrameBuffers.VIRTIO_HEADER_LENGTH + MACS_LENGTH;
        MemorySegment.copy(memory, start, memory, start - TAG_LENGTH, moved);
        long tag = start - TAG_LENGTH + moved;
        memory.set(NETWORK_SHORT, tag, (short) tpid);
        memory.set(NETWORK_SHORT, tag + 2, tci);
        long header = start - TAG_LENGTH;
        if ((memory.get(JAVA_BYTE, header + VNET_FLAGS) & VNET_NEEDS_CSUM) != 0) {
            grow(memory, header + VNET_CSUM_START);
        }
        if (memory.get(JAVA_SHORT_UNALIGNED, header + VNET_HDR_LEN) != 0) {
            grow(memory, header + VNET_HDR_LEN);
        }
        return TAG_LENGTH;
    }

    private static void grow(MemorySegment memory, long field) {
        memory.set(JAVA_SHORT_UNALIGNED, field, (short) (memory.get(JAVA_SHORT_UNALIGNED, field) + TAG_LENGTH));
    }

    @Override
    public void transmit(FrameBuffers buffers, FrameBatch batch) {
        int count = batch.count();
        for (int i = 0; i < count; i++) {
            buffers.transmit(i, batch.offset(i), batch.length(i));
        }
        int sent = 0;
        while (sent < count) {
            int result = SocketCalls.sendmmsg(buffers.state(), descriptor, buffers.transmitHeadersAddress(sent),
                    count - sent, SocketCalls.MSG_DONTWAIT);
            if (result > 0) {
                sent += result;
            } else if (!Errno.EINTR.is(result)) {
                batch.result(sent++, result);
                if (Errno.EAGAIN.is(result) || Errno.ENOBUFS.is(result)) {
                    // The queue is full and this call must not wait: the rest would meet the same.
                    while (sent < count) {
                        batch.result(sent++, result);
                    }
                }
            }
        }
    }

    /** {@inheritDoc} The kernel sets the socket's interface index to -1 when the device is unregistered. */
    @Override
    public boolean exists() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocate(SOCKADDR_LL_LENGTH, 4);
            return SocketCalls.getsockname(CallState.ofThread(), descriptor, name) >= 0
                    && name.get(JAVA_INT, SLL_IFINDEX) > 0;
        }
    }

    /** {@inheritDoc} The socket's own count of frames that found its receive buffer full. */
    @Override
    public synchronized long kernelDrops() {
        if (link && !closed.get()) {
            try (Arena arena = Arena.ofConfined()) {
                // struct tpacket_stats { packets, drops }: read and cleared in one
                MemorySegment statistics = arena.allocate(JAVA_INT, 2);
                if (SocketCalls.getsockopt(CallState.ofThread(), descriptor, SOL_PACKET, PACKET_STATISTICS,
                        statistics) >= 0) {
                    drops += Integer.toUnsignedLong(statistics.getAtIndex(JAVA_INT, 1));
                }
            }
        }
        return drops;
    }

    @Override
    public synchronized void close() {
        if (closed.compareAndSet(false, true)) {
            FileCalls.close(CallState.ofThread(), descriptor);
        }
    }
}
