package io.footbridge.proxy;

import io.footbridge.tap.CallState;
import io.footbridge.tap.FileCalls;

/**
 * A pipe through which bytes pass from socket to socket without being copied. Owning worker only.
 *
 * @param source the end that is read
 * @param sink the end that is written
 * @param size bytes it holds at most
 */
record Pipe(int source, int sink, int size) {
    void close(CallState state) {
        FileCalls.close(state, source);
        FileCalls.close(state, sink);
    }
}
