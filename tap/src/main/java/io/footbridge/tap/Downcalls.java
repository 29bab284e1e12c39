package io.footbridge.tap;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/** Binds functions of the C library. Pointers are passed as {@code long} addresses, so that no call makes an object. */
final class Downcalls {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup LIBC = LINKER.defaultLookup();
    private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");

    private Downcalls() {
    }

    /** A function with a fixed list of arguments; its handle takes the call state's segment first. */
    static MethodHandle bind(String name, MemoryLayout result, MemoryLayout... arguments) {
        return LINKER.downcallHandle(LIBC.findOrThrow(name), FunctionDescriptor.of(result, arguments), ERRNO);
    }

    /** A variadic function in one of its shapes; {@code fixed} arguments stand before the ellipsis. */
    static MethodHandle bindVariadic(String name, int fixed, MemoryLayout result, MemoryLayout... arguments) {
        return LINKER.downcallHandle(LIBC.findOrThrow(name), FunctionDescriptor.of(result, arguments), ERRNO,
                Linker.Option.firstVariadicArg(fixed));
    }

    /** What a call site throws when a handle throws, which a downcall cannot. */
    static AssertionError unexpected(Throwable thrown) {
        return new AssertionError("a downcall threw", thrown);
    }
}
