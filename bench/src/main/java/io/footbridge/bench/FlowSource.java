package io.footbridge.bench;

import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.MacAddress;
import io.footbridge.wire.Protocol;
import io.footbridge.wire.Udp;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** A host that opens one flow after the other: each of its ports to each destination. Frames are written in place. */
class FlowSource extends MemoryLink {
    private static final int IP = Ethernet.HEADER_LENGTH;
    private static final int UDP = IP + Ipv4.MIN_HEADER_LENGTH;
    private static final int PAYLOAD = 18;
    private static final int LENGTH = UDP + Udp.HEADER_LENGTH + PAYLOAD;
    private static final int HOPS = 64;

    private final int number;
    private final int address;
    private final long nextHop;
    private volatile int left;
    private int next;

    FlowSource(int number, int address, long nextHop) throws IOException {
        this.number = number;
        this.address = address;
        this.nextHop = nextHop;
    }

    /** Opens so many flows, from the first on; any thread. */
    final void begin(int flows) {
        next = 0;
        left = flows;
        ring();
    }

    @Override
    final boolean hasMore() {
        return left > 0;
    }

    @Override
    int produce(MemorySegment memory, long frame) {
        if (left == 0) {
            return 0;
        }
        Ethernet.write(memory, frame, nextHop, MacAddress.ofIpv4(address), Ethernet.IPV4);
        Ipv4.write(memory, frame + IP, address, BoundedWork.FIRST_DESTINATION + next % BoundedWork.DESTINATIONS, Protocol.UDP, HOPS,
                LENGTH - IP);
        Udp.write(memory, frame + UDP, BoundedWork.FIRST_PORT + number * BoundedWork.PORTS + next / BoundedWork.DESTINATIONS, 80,
                Udp.HEADER_LENGTH + PAYLOAD);
        next++;
        left--;
        return LENGTH;
    }

    @Override
    final void consume(MemorySegment memory, long frame, int length) {
        // Nobody answers.
    }
}
