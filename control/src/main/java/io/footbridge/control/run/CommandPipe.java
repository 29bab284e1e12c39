package io.footbridge.control.run;

import io.footbridge.tap.CallState;
import io.footbridge.tap.FileCalls;
import io.footbridge.tap.SystemCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What the launcher reads before it becomes COMMAND: lines for {@code resolv.conf} and {@code hosts}, each after its file's
 * name and a blank, then {@code ready}. An end without that tells it to give up.
 */
public final class CommandPipe implements AutoCloseable {
    private final int descriptor;

    /** Over a descriptor that the launcher lent; this one's to close. */
    public CommandPipe(int descriptor) {
        this.descriptor = descriptor;
    }

    /** COMMAND may start, with these files. */
    public void ready(List<String> resolvConf, List<String> hosts) throws SystemCallException {
        StringBuilder text = new StringBuilder();
        resolvConf.forEach(line -> text.append("resolv.conf ").append(line).append('\n'));
        hosts.forEach(line -> text.append("hosts ").append(line).append('\n'));
        write(text.append("ready\n").toString());
    }

    private void write(String text) throws SystemCallException {
        CallState state = CallState.ofThread();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocateFrom(text, StandardCharsets.UTF_8);
            long length = bytes.byteSize() - 1;
            for (long at = 0; at < length;) {
                long written = FileCalls.write(state, descriptor, bytes.address() + at, length - at);
                if (written < 0) {
                    throw new SystemCallException("tell the launcher that the network is ready", (int) -written);
                }
                at += written;
            }
        }
    }

    /** Hangs up. */
    @Override
    public void close() {
        FileCalls.close(CallState.ofThread(), descriptor);
    }
}
