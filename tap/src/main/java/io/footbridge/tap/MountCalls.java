package io.footbridge.tap;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * System calls on mounts, of the mount namespace of the calling thread. Every method returns zero or the negated error
 * number. Any thread, with a {@link CallState} of its own.
 */
public final class MountCalls {
    /** Nothing may be written (linux/mount.h). */
    public static final long MS_RDONLY = 1;
    /** Set-user-id bits have no effect. */
    public static final long MS_NOSUID = 2;
    /** Device files cannot be opened. */
    public static final long MS_NODEV = 4;
    /** Nothing can be executed or mapped to be. */
    public static final long MS_NOEXEC = 8;
    /** Changes a mount that is there. */
    public static final long MS_REMOUNT = 32;
    /** Shows a tree in a second place. */
    public static final long MS_BIND = 4096;
    /** With everything below. */
    public static final long MS_REC = 16_384;
    /** What the other namespaces mount and unmount is followed, and nothing goes back. */
    public static final long MS_SLAVE = 1 << 19;

    /** {@link #umount}: out of sight at once, gone when nobody uses it. */
    public static final int MNT_DETACH = 2;

    /** {@link #setAttributes}: as {@link #MS_RDONLY}. */
    public static final long ATTR_RDONLY = 1;
    /** {@link #setAttributes}: as {@link #MS_NOSUID}. */
    public static final long ATTR_NOSUID = 2;
    /** {@link #setAttributes}: as {@link #MS_NODEV}. */
    public static final long ATTR_NODEV = 4;
    /** {@link #setAttributes}: as {@link #MS_NOEXEC}. */
    public static final long ATTR_NOEXEC = 8;

    /** The same number on x86-64 and aarch64; called by number because an older C library has no such function. */
    private static final long SYS_MOUNT_SETATTR = 442;
    private static final int AT_FDCWD = -100;
    private static final int AT_RECURSIVE = 0x8000;
    /** {@code struct mount_attr}: attr_set, attr_clr, propagation, userns_fd, eight bytes each. */
    private static final int ATTRIBUTES_LENGTH = 32;

    private static final MethodHandle MOUNT =
            Downcalls.bind("mount", JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS);
    private static final MethodHandle UMOUNT = Downcalls.bind("umount2", JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle PIVOT_ROOT = Downcalls.bind("pivot_root", JAVA_INT, ADDRESS, ADDRESS);
    private static final MethodHandle CHDIR = Downcalls.bind("chdir", JAVA_INT, ADDRESS);
    private static final MethodHandle MOUNT_SETATTR =
            Downcalls.bindVariadic("syscall", 1, JAVA_LONG, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_LONG);

    private MountCalls() {
    }

    /** mount(2); source, type and data may be empty. */
    public static int mount(CallState state, String source, String target, String type, long flags, String data) {
        try (Arena arena = Arena.ofConfined()) {
            return state.result((int) MOUNT.invokeExact(state.segment(), arena.allocateFrom(source),
                    arena.allocateFrom(target), arena.allocateFrom(type), flags, arena.allocateFrom(data)));
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }

    /** umount2(2). */
    public static int umount(CallState state, String target, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            return state.result((int) UMOUNT.invokeExact(state.segment(), arena.allocateFrom(target), flags));
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }

    /** pivot_root(2): the mount at {@code newRoot} becomes the root, the old one appears at {@code oldRoot} below it. */
    public static int pivotRoot(CallState state, String newRoot, String oldRoot) {
        try (Arena arena = Arena.ofConfined()) {
            return state.result((int) PIVOT_ROOT.invokeExact(state.segment(), arena.allocateFrom(newRoot),
                    arena.allocateFrom(oldRoot)));
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }

    /** chdir(2), of the whole process or, after its unshare(2) of the mount namespace, of the calling thread alone. */
    public static int chdir(CallState state, String directory) {
        try (Arena arena = Arena.ofConfined()) {
            return state.result((int) CHDIR.invokeExact(state.segment(), arena.allocateFrom(directory)));
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }

    /** mount_setattr(2), since Linux 5.12: adds attributes ({@code ATTR_}) to a mount and all below it. */
    public static int setAttributes(CallState state, String target, long attributes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment change = arena.allocate(ATTRIBUTES_LENGTH, Long.BYTES);
            change.set(JAVA_LONG, 0, attributes);
            return (int) state.result((long) MOUNT_SETATTR.invokeExact(state.segment(), SYS_MOUNT_SETATTR, AT_FDCWD,
                    arena.allocateFrom(target), AT_RECURSIVE, change, (long) ATTRIBUTES_LENGTH));
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }
}
