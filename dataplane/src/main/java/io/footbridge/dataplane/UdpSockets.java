package io.footbridge.dataplane;

import io.footbridge.nat.ConnectionTable;
import io.footbridge.wire.DropReason;

/** UDP by host sockets. Owning worker only. */
final class UdpSockets implements SocketProtocol {
    @Override
    public void enable(ConnectionTable table) {
        // Nothing is kept.
    }

    @Override
    public int open(Packet packet, int flow, SocketTarget target) {
        return DropReason.NO_UPLINK.code();
    }

    @Override
    public int packet(Packet packet, int flow) {
        return DropReason.NO_UPLINK.code();
    }

    @Override
    public void ready(int number, int events, long now) {
        // There are no descriptors.
    }

    @Override
    public void leave(Port port) {
        // Nothing leads anywhere.
    }

    @Override
    public void tick(long now) {
        // Nothing is ever due.
    }

    @Override
    public long deadline() {
        return Long.MAX_VALUE;
    }

    @Override
    public void free() {
        // There are no descriptors.
    }
}
