package io.footbridge.dataplane;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Frame;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv6;
import io.footbridge.wire.Ipv6Address;
import io.footbridge.wire.Udp;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread between the workers and who answers at the gateway: takes the questions out of the workers' rings, one by one,
 * in the order they came, and gives each answer to the worker that owns the port it goes to.
 */
final class Services implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Services.class);
    private static final int CAPACITY = 512 << 10;
    private static final int REPORTS_BURST = 10;

    private final List<Bridge> bridges;
    private final RateLimit reports = new RateLimit(1, REPORTS_BURST, System.nanoTime());
    private FrameRing[] rings = {};
    private GatewayService service;
    private Thread thread;
    private volatile boolean waiting;
    private volatile boolean closed;

    /**
     * @param bridges whose ports ask; read by the service thread
     */
    Services(List<Bridge> bridges) {
        this.bridges = bridges;
    }

    /** Begins to take questions, for this service; once. */
    void begin(Worker[] workers, GatewayService with) throws IOException {
        if (thread != null) {
            throw new IllegalStateException("the gateways' services are served already");
        }
        service = with;
        rings = new FrameRing[workers.length];
        for (int i = 0; i < workers.length; i++) {
            rings[i] = new FrameRing("the gateways' services", CAPACITY);
        }
        thread = Thread.ofPlatform().name("footbridge-services").daemon().unstarted(this::run);
        for (int i = 0; i < workers.length; i++) {
            workers[i].gateway().serve(rings[i], this::wake);
        }
        thread.start();
    }

    /** After a record was written; any worker, allocates nothing. */
    private void wake() {
        VarHandle.fullFence();
        if (waiting) {
            LockSupport.unpark(thread);
        }
    }

    private void run() {
        while (!closed) {
            if (drain() == 0) {
                waiting = true;
                VarHandle.fullFence();
                if (isEmpty() && !closed) {
                    LockSupport.park(this);
                }
                waiting = false;
            }
        }
    }

    private boolean isEmpty() {
        for (FrameRing ring : rings) {
            if (ring.next() >= 0) {
                return false;
            }
        }
        return true;
    }

    private int drain() {
        int count = 0;
        for (FrameRing ring : rings) {
            int position = ring.next();
            if (position >= 0) {
                count++;
                ServiceRequest request = request(ring.memory(), position);
                ring.release(position);
                if (request != null) {
                    take(request);
                }
            }
        }
        return count;
    }

    private void take(ServiceRequest request) {
        try {
            service.take(request);
        } catch (RuntimeException failed) {
            request.ignore();
            if (reports.allows(System.nanoTime())) {
                LOG.error("a question to the gateway of {} was not answered", request.port(), failed);
            }
        }
    }

    /** What a record asks; null where its port is gone. */
    private ServiceRequest request(MemorySegment ring, int position) {
        int kind = ring.get(JAVA_INT, position + FrameRing.KIND);
        Port port = port(ServiceIntake.portIndex(kind), ring.get(JAVA_LONG, position + FrameRing.PORT));
        GatewayAddresses gateway = port == null ? null : port.bridge().gatewayAddresses();
        if (gateway == null) {
            if (port != null) {
                port.services().giveBack();
            }
            return null;
        }
        long frame = position + FrameRing.FRAME;
        long parsed = Frame.parse(ring, frame, ring.get(JAVA_INT, position));
        long packet = frame + Frame.networkOffset(parsed);
        long datagram = frame + Frame.transportOffset(parsed);
        boolean ipv4 = Frame.etherType(parsed) == Ethernet.IPV4;
        IpAddress source = ipv4 ? new Ipv4Address(Ipv4.source(ring, packet))
                : new Ipv6Address(Ipv6.sourceHigh(ring, packet), Ipv6.sourceLow(ring, packet));
        byte[] payload = ring.asSlice(datagram + Udp.HEADER_LENGTH, Udp.length(ring, datagram) - Udp.HEADER_LENGTH)
                .toArray(JAVA_BYTE);
        return new ServiceRequest(this, port, ServiceIntake.service(kind),
                new ServiceRequest.Asker(Ethernet.source(ring, frame), source, Udp.source(ring, datagram)),
                ipv4 ? answerer4(gateway, ring, packet) : answerer6(gateway, ring, packet), payload);
    }

    /** The address that was asked; the gateway's own where all were. */
    private static IpAddress answerer4(GatewayAddresses gateway, MemorySegment memory, long packet) {
        int asked = Ipv4.destination(memory, packet);
        return new Ipv4Address(gateway.has(asked) ? asked : gateway.ipv4);
    }

    /** The address that was asked; the fe80 address where all were. */
    private static IpAddress answerer6(GatewayAddresses gateway, MemorySegment memory, long packet) {
        long high = Ipv6.destinationHigh(memory, packet);
        return Ipv6.isMulticast(high) ? new Ipv6Address(Ipv6.LINK_LOCAL_HIGH, gateway.linkLocalLow)
                : new Ipv6Address(high, Ipv6.destinationLow(memory, packet));
    }

    private Port port(int index, long serial) {
        for (Bridge bridge : bridges) {
            Port port = bridge.portTable().get(index);
            if (port != null && port.serial() == serial) {
                return port;
            }
        }
        return null;
    }

    /** Lets the port's worker send an answer; any thread. After {@link #close} nobody wakes a worker. */
    synchronized void send(Port port, ServiceReply reply) {
        if (!closed) {
            port.owner().execute(() -> {
                port.services().giveBack();
                if (port.isAttached()) {
                    port.owner().gateway().send(port, reply);
                }
            });
        }
    }

    /** Takes no more questions and sends no more answers. The workers still write into the rings: see {@link #free}. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        if (thread != null) {
            LockSupport.unpark(thread);
        }
    }

    /** Frees the rings; when the workers have ended. */
    void free() {
        boolean interrupted = false;
        while (thread != null && thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException ignored) {
                interrupted = true;
            }
        }
        for (FrameRing ring : rings) {
            ring.close();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
