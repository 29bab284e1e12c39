package io.footbridge.tap.namespace;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.footbridge.tap.CallState;
import io.footbridge.tap.Cures;
import io.footbridge.tap.Errno;
import io.footbridge.tap.FileCalls;
import io.footbridge.tap.InterfaceName;
import io.footbridge.tap.SystemCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One kernel setting of one interface: {@code /proc/sys/net/ipv4|ipv6/conf/INTERFACE/KEY} (ip-sysctl in the kernel's
 * documentation). The file shows the namespace of the thread that opens it; methods without a namespace mean the calling
 * platform thread's, which lets one {@link NetworkNamespace#call} set several.
 *
 * @param family which half of the tree
 * @param interfaceName an interface, or {@code all}, or {@code default} for those to come
 * @param key the file, such as {@code rp_filter}
 */
public record InterfaceSysctl(Family family, String interfaceName, String key) {
    private static final int CAPACITY = 256;
    private static final String READ_ONLY = "/proc/sys is read-only here, as in an unprivileged container";
    private static final int EROFS = 30;

    /** The half of the tree. */
    public enum Family {
        /** {@code net/ipv4/conf}. */
        IPV4("ipv4"),
        /** {@code net/ipv6/conf}, absent where the kernel has no IPv6. */
        IPV6("ipv6");

        private final String directory;

        Family(String directory) {
            this.directory = directory;
        }
    }

    /** Refuses what would lead out of the directory. */
    public InterfaceSysctl {
        InterfaceName.check(interfaceName);
        if (!key.matches("[a-z0-9_]+")) {
            throw new IllegalArgumentException("'" + key + "' is not the name of a kernel setting");
        }
    }

    /** A setting of IPv4 on an interface: {@code rp_filter}, {@code arp_ignore}, {@code forwarding}. */
    public static InterfaceSysctl ipv4(String interfaceName, String key) {
        return new InterfaceSysctl(Family.IPV4, interfaceName, key);
    }

    /** A setting of IPv6 on an interface: {@code accept_ra}, {@code disable_ipv6}. */
    public static InterfaceSysctl ipv6(String interfaceName, String key) {
        return new InterfaceSysctl(Family.IPV6, interfaceName, key);
    }

    /** The value without its line end; empty where the kernel has no such file (no IPv6, no such interface). */
    public Optional<String> read() throws SystemCallException {
        CallState state = CallState.ofThread();
        int descriptor = FileCalls.open(state, path().toString(), FileCalls.O_RDONLY | FileCalls.O_CLOEXEC);
        if (Errno.ENOENT.is(descriptor)) {
            return Optional.empty();
        }
        check(descriptor, "open " + path());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocate(CAPACITY);
            long length = FileCalls.read(state, descriptor, text.address(), CAPACITY);
            check(length, "read " + path());
            byte[] bytes = text.asSlice(0, length).toArray(JAVA_BYTE);
            return Optional.of(new String(bytes, StandardCharsets.US_ASCII).strip());
        } finally {
            FileCalls.close(state, descriptor);
        }
    }

    /** As {@link #read()}, in a namespace. */
    public Optional<String> read(NetworkNamespace namespace) throws SystemCallException {
        return namespace.<Optional<String>, SystemCallException>call(this::read);
    }

    /** Sets the value. A missing file is an error. */
    public void write(String value) throws SystemCallException {
        CallState state = CallState.ofThread();
        int descriptor = FileCalls.open(state, path().toString(), FileCalls.O_RDWR | FileCalls.O_CLOEXEC);
        check(descriptor, "open " + path());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocateFrom(JAVA_BYTE, value.getBytes(StandardCharsets.US_ASCII));
            long written = FileCalls.write(state, descriptor, text.address(), text.byteSize());
            check(written, "write of " + value + " to " + path());
        } finally {
            FileCalls.close(state, descriptor);
        }
    }

    /** As {@link #write(String)}, in a namespace. */
    public void write(NetworkNamespace namespace, String value) throws SystemCallException {
        namespace.<Void, SystemCallException>call(() -> {
            write(value);
            return null;
        });
    }

    /** Sets the value where the kernel has the file; whether it has. */
    public boolean writeIfPresent(String value) throws SystemCallException {
        boolean present = Files.exists(path());
        if (present) {
            write(value);
        }
        return present;
    }

    /** Sets the value where the file is there and may be written; whether it was. For settings that only help. */
    boolean writeIfWritable(String value) throws SystemCallException {
        boolean writable = Files.isWritable(path());
        if (writable) {
            write(value);
        }
        return writable;
    }

    private Path path() {
        return Path.of("/proc/sys/net", family.directory, "conf", interfaceName, key);
    }

    private static void check(long result, String action) throws SystemCallException {
        if (result < 0) {
            int errno = (int) -result;
            throw new SystemCallException(action, errno, errno == EROFS ? READ_ONLY : Cures.of(errno));
        }
    }
}
