package io.footbridge.tap;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.footbridge.tap.namespace.NetworkNamespace;
import io.footbridge.tap.netlink.RouteNetlink;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A TAP device's queue: one frame per read and per write, GSO frames of up to 64 KiB among them.
 *
 * <p>The descriptor belongs to the namespace in which {@code /dev/net/tun} was opened and keeps that one alive; the
 * device may have been moved to another since. When the device's namespace ends, reads answer EBADFD.
 */
public final class TapEndpoint implements Endpoint {
    private static final String TUN = "/dev/net/tun";

    // linux/if_tun.h
    private static final long TUNSETIFF = 0x400454caL;
    private static final long TUNSETOFFLOAD = 0x400454d0L;
    private static final long TUNGETIFF = 0x800454d2L;
    private static final long TUNSETVNETHDRSZ = 0x400454d8L;
    private static final int IFF_TAP = 2;
    private static final int IFF_NO_PI = 0x1000;
    private static final int IFF_VNET_HDR = 0x4000;
    private static final int IFF_TUN_EXCL = 0x8000;
    private static final int TAP_FLAGS = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
    private static final int TUN_F_CSUM = 1;
    private static final int TUN_F_TSO4 = 2;
    private static final int TUN_F_TSO6 = 4;
    private static final int TUN_F_TSO_ECN = 8;
    private static final int TUN_F_USO4 = 0x20;
    private static final int TUN_F_USO6 = 0x40;
    private static final int TSO = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN;
    private static final int USO = TUN_F_USO4 | TUN_F_USO6;
    // linux/sockios.h: a descriptor of the device's namespace
    private static final long SIOCGSKNS = 0x894CL;

    private static final int IFREQ_LENGTH = 40;
    private static final int IFREQ_FLAGS = 16;
    private static final int MAX_READ = FrameBuffers.VIRTIO_HEADER_LENGTH + FrameBuffers.MAX_FRAME_LENGTH;
    private static final int CACHE_LINE = 64;

    private final int descriptor;
    private final int offloads;
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile long drops;

    private TapEndpoint(int descriptor, int offloads) {
        this.descriptor = descriptor;
        this.offloads = offloads;
    }

    /**
     * Makes a device in the calling thread's namespace; it goes with its descriptor.
     *
     * @param name the device's name, at most 15 bytes; must not exist yet
     */
    public static TapEndpoint create(String name) throws SystemCallException {
        return open(name, TAP_FLAGS | IFF_TUN_EXCL);
    }

    /** Takes the queue of an existing persistent device of the calling thread's namespace. */
    public static TapEndpoint attach(String name) throws SystemCallException {
        return open(name, TAP_FLAGS);
    }

    /**
     * Takes over a descriptor that somebody else opened and bound to a device.
     *
     * @param descriptor becomes this endpoint's, also when this fails
     */
    public static TapEndpoint ofDescriptor(int descriptor) throws SystemCallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(IFREQ_LENGTH);
            SystemCallException.check(
                    FileCalls.ioctl(CallState.ofThread(), descriptor, TUNGETIFF, request.address()),
                    "take over a TAP descriptor");
            int flags = request.get(JAVA_SHORT, IFREQ_FLAGS);
            if ((flags & TAP_FLAGS) != TAP_FLAGS) {
                throw new SystemCallException("take over a TAP descriptor", Errno.EINVAL.number(),
                        "open it with IFF_TAP|IFF_NO_PI|IFF_VNET_HDR");
            }
            return configure(descriptor);
        } catch (SystemCallException failed) {
            FileCalls.close(CallState.ofThread(), descriptor);
            throw failed;
        }
    }

    /**
     * A queue over any descriptor that keeps datagrams apart, such as one end of a socket pair.
     *
     * @param descriptor non-blocking; becomes this endpoint's
     */
    public static TapEndpoint overDatagrams(int descriptor) {
        return new TapEndpoint(descriptor, OFFLOAD_TSO | OFFLOAD_USO);
    }

    private static TapEndpoint open(String name, int flags) throws SystemCallException {
        CallState state = CallState.ofThread();
        int descriptor = FileCalls.open(state, TUN, FileCalls.O_RDWR | FileCalls.O_NONBLOCK | FileCalls.O_CLOEXEC);
        if (descriptor < 0) {
            throw new SystemCallException("open " + TUN, -descriptor, cureForOpen(-descriptor));
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(IFREQ_LENGTH);
            byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
            MemorySegment.copy(bytes, 0, request, JAVA_BYTE, 0, Math.min(bytes.length, IFREQ_FLAGS - 1));
            request.set(JAVA_SHORT, IFREQ_FLAGS, (short) flags);
            int result = FileCalls.ioctl(state, descriptor, TUNSETIFF, request.address());
            if (result < 0) {
                throw new SystemCallException("make TAP device " + name, -result, cureForBinding(-result));
            }
            return configure(descriptor);
        } catch (SystemCallException failed) {
            FileCalls.close(state, descriptor);
            throw failed;
        }
    }

    private static TapEndpoint configure(int descriptor) throws SystemCallException {
        CallState state = CallState.ofThread();
        SystemCallException.check(FileCalls.setNonBlocking(state, descriptor), "make a TAP descriptor non-blocking");
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment size = arena.allocateFrom(JAVA_INT, FrameBuffers.VIRTIO_HEADER_LENGTH);
            SystemCallException.check(FileCalls.ioctl(state, descriptor, TUNSETVNETHDRSZ, size.address()),
                    "set the virtio-net header size of a TAP device");
        }
        if (FileCalls.ioctl(state, descriptor, TUNSETOFFLOAD, TSO | USO) >= 0) {
            return new TapEndpoint(descriptor, OFFLOAD_TSO | OFFLOAD_USO);
        }
        SystemCallException.check(FileCalls.ioctl(state, descriptor, TUNSETOFFLOAD, TSO), "set TAP offloads");
        return new TapEndpoint(descriptor, OFFLOAD_TSO);
    }

    private static String cureForOpen(int errno) {
        if (errno == Errno.ENOENT.number() || errno == Errno.ENODEV.number()) {
            return "load the tun module, or make the device node: mknod /dev/net/tun c 10 200";
        }
        return Cures.of(errno);
    }

    private static String cureForBinding(int errno) {
        return errno == Errno.EINVAL.number() ? "a device of that name must be a single-queue TAP" : Cures.of(errno);
    }

    @Override
    public int descriptor() {
        return descriptor;
    }

    @Override
    public int offloads() {
        return offloads;
    }

    /** {@inheritDoc} Frames are packed one behind another, so that small ones share few cache lines and pages. */
    @Override
    public int receive(FrameBuffers buffers, FrameBatch batch) {
        CallState state = buffers.state();
        long address = buffers.address();
        long position = FrameBuffers.slot(0);
        long end = position + FrameBuffers.BYTE_BUDGET;
        batch.clear();
        while (!batch.isFull() && position < end) {
            long start = position + FrameBuffers.HEADROOM;
            long result = FileCalls.read(state, descriptor, address + start, MAX_READ);
            if (result < 0) {
                if (Errno.EINTR.is(result)) {
                    continue;
                }
                if (batch.count() == 0 && !Errno.EAGAIN.is(result)) {
                    return Errno.EIO.is(result) ? DOWN : GONE;
                }
                break;
            }
            if (result == 0 && batch.count() == 0) {
                return GONE;
            }
            batch.add(start + FrameBuffers.VIRTIO_HEADER_LENGTH, (int) result - FrameBuffers.VIRTIO_HEADER_LENGTH);
            position = start + result + CACHE_LINE - 1 & -CACHE_LINE;
        }
        return batch.count();
    }

    @Override
    public void transmit(FrameBuffers buffers, FrameBatch batch) {
        CallState state = buffers.state();
        long address = buffers.address();
        int count = batch.count();
        for (int i = 0; i < count; i++) {
            long start = address + batch.offset(i) - FrameBuffers.VIRTIO_HEADER_LENGTH;
            int length = batch.length(i) + FrameBuffers.VIRTIO_HEADER_LENGTH;
            long result = FileCalls.write(state, descriptor, start, length);
            batch.result(i, result < 0 ? (int) result : 0);
        }
    }

    @Override
    public boolean exists() {
        return name().isPresent();
    }

    /**
     * {@inheritDoc} Read from the device, in whatever namespace it is now: frames that found its queue full.
     */
    @Override
    public long kernelDrops() {
        Optional<String> name = name();
        int namespace = name.isPresent() ? FileCalls.ioctl(CallState.ofThread(), descriptor, SIOCGSKNS, 0) : -1;
        if (namespace >= 0) {
            try (NetworkNamespace home = NetworkNamespace.ofDescriptor(namespace, "of " + name.get());
                    RouteNetlink netlink = RouteNetlink.in(home)) {
                drops = netlink.link(name.get()).map(link -> link.statistics().txDropped()).orElse(drops);
            } catch (IOException gone) {
                // The device went while we asked: what was last known stands.
                return drops;
            }
        }
        return drops;
    }

    /** What the device is called now, wherever it is; empty when it is gone. */
    private Optional<String> name() {
        if (closed.get()) {
            return Optional.empty();
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(IFREQ_LENGTH);
            return FileCalls.ioctl(CallState.ofThread(), descriptor, TUNGETIFF, request.address()) >= 0
                    ? Optional.of(request.getString(0)) : Optional.empty();
        }
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            FileCalls.close(CallState.ofThread(), descriptor);
        }
    }
}
