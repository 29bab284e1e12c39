package io.footbridge.bench;

import io.footbridge.wire.Arp;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Frame;
import io.footbridge.wire.Icmp;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Protocol;
import io.footbridge.wire.Tcp;
import io.footbridge.wire.Udp;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * A host of the soak, or all hosts outside at once. It answers what comes in at random: goes on, closes, resets, or says
 * nothing any more. Every packet carries the number of the container whose flow it is, so that one that reaches another
 * container is noticed.
 */
final class SoakHost extends MemoryLink {
    /** Errors of all hosts: packets that came to the wrong container, or with a wrong checksum. */
    static final AtomicInteger WRONG = new AtomicInteger();

    private static final int ETHERNET = Ethernet.HEADER_LENGTH;
    private static final int IP = ETHERNET + Ipv4.MIN_HEADER_LENGTH;
    private static final int COOKIE = 8;
    private static final int HOPS = 64;
    private static final int WINDOW = 0x4000;
    private static final int QUEUED = 4096;
    private static final int OF_HUNDRED = 100;

    final long mac;
    final int address;
    final int number;
    /** UDP and TCP ports that packets came from, where somebody wants to know. */
    final AtomicBoolean watching = new AtomicBoolean();
    final Queue<Integer> sourcePorts = new ConcurrentLinkedQueue<>();
    final LongAdder received = new LongAdder();

    private final long nextHop;
    private final boolean outside;
    private final Queue<byte[]> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger queued = new AtomicInteger();

    /** @param number of a container; 0 is outside */
    SoakHost(int number, long mac, int address, long nextHop) throws IOException {
        this.number = number;
        this.mac = mac;
        this.address = address;
        this.nextHop = nextHop;
        this.outside = number == 0;
    }

    /** Sends the first packet of a flow. */
    void open(int protocol, int port, int destination, int destinationPort, int owner) {
        send(protocol, protocol == Protocol.ICMP ? Icmp.ECHO_REQUEST : Tcp.SYN, address, port, destination, destinationPort,
                owner);
    }

    private void send(int protocol, int kind, int source, int port, int destination, int destinationPort, int owner) {
        int header = protocol == Protocol.TCP ? Tcp.MIN_HEADER_LENGTH : Udp.HEADER_LENGTH;
        byte[] bytes = new byte[IP + header + COOKIE];
        MemorySegment frame = MemorySegment.ofArray(bytes);
        Ethernet.write(frame, 0, nextHop, mac, Ethernet.IPV4);
        Ipv4.write(frame, ETHERNET, source, destination, protocol, HOPS, bytes.length - ETHERNET);
        bytes[IP + header] = (byte) owner;
        int pseudo = Ipv4.pseudoHeader(frame, ETHERNET, protocol, header + COOKIE);
        switch (protocol) {
            case Protocol.TCP -> {
                Tcp.write(frame, IP, port, destinationPort, 1, 1, kind, WINDOW);
                Tcp.writeChecksum(frame, IP, header + COOKIE, pseudo);
            }
            case Protocol.UDP -> {
                Udp.write(frame, IP, port, destinationPort, header + COOKIE);
                Udp.writeChecksum(frame, IP, pseudo);
            }
            default -> {
                Icmp.type(frame, IP, kind);
                Icmp.identifier(frame, IP, kind == Icmp.ECHO_REQUEST ? port : destinationPort);
                Icmp.writeChecksum(frame, IP, header + COOKIE);
            }
        }
        enqueue(bytes);
    }

    private void enqueue(byte[] frame) {
        if (queued.incrementAndGet() > QUEUED) {
            queued.decrementAndGet();
            return;
        }
        waiting.add(frame);
        ring();
    }

    /** How much waits to be received by the engine. */
    int queued() {
        return queued.get();
    }

    @Override
    boolean hasMore() {
        return !waiting.isEmpty();
    }

    @Override
    int produce(MemorySegment memory, long frame) {
        byte[] next = waiting.poll();
        if (next == null) {
            return 0;
        }
        queued.decrementAndGet();
        MemorySegment.copy(MemorySegment.ofArray(next), 0, memory, frame, next.length);
        return next.length;
    }

    @Override
    void consume(MemorySegment memory, long frame, int length) {
        if (Ethernet.etherType(memory, frame) == Ethernet.ARP) {
            boolean ours = outside || Arp.targetAddress(memory, frame + ETHERNET) == address;
            ArpAnswer.to(memory, frame, length, mac).filter(_ -> ours).ifPresent(answer -> {
                waiting.add(answer.toArray(ValueLayout.JAVA_BYTE));
                queued.incrementAndGet();
                ring();
            });
            return;
        }
        long parsed = Frame.parse(memory, frame, length);
        if (parsed < 0 || Frame.etherType(parsed) != Ethernet.IPV4) {
            return;
        }
        received.increment();
        receive(memory, frame + Frame.networkOffset(parsed), frame + Frame.transportOffset(parsed), parsed);
    }

    private void receive(MemorySegment memory, long packet, long transport, long parsed) {
        int source = Ipv4.source(memory, packet);
        int destination = Ipv4.destination(memory, packet);
        int length = Frame.transportLength(parsed);
        int protocol = Frame.protocol(parsed);
        boolean right = Ipv4.verify(memory, packet) && switch (protocol) {
            case Protocol.TCP -> Tcp.verify(memory, transport, length, Ipv4.pseudoHeader(memory, packet, protocol, length));
            case Protocol.UDP -> Udp.verify(memory, transport, Ipv4.pseudoHeader(memory, packet, protocol, length));
            default -> Icmp.verify(memory, transport, length);
        };
        if (!right || !outside && destination != address) {
            WRONG.incrementAndGet();
            return;
        }
        switch (protocol) {
            case Protocol.TCP -> tcp(memory, transport, source, destination);
            case Protocol.UDP -> udp(memory, transport, source, destination);
            default -> icmp(memory, transport, source, destination);
        }
    }

    private int owner(MemorySegment memory, long payload) {
        int owner = memory.get(ValueLayout.JAVA_BYTE, payload);
        if (!outside && owner != number) {
            WRONG.incrementAndGet();
        }
        return owner;
    }

    private void tcp(MemorySegment memory, long segment, int source, int destination) {
        int owner = owner(memory, segment + Tcp.MIN_HEADER_LENGTH);
        int port = Tcp.destination(memory, segment);
        int peer = Tcp.source(memory, segment);
        int flags = Tcp.flags(memory, segment);
        watch(peer);
        int dice = ThreadLocalRandom.current().nextInt(OF_HUNDRED);
        if (dice < 3 || (flags & Tcp.RST) != 0 || watching.get()) {
            return;
        }
        int answer;
        if (flags == Tcp.SYN) {
            answer = dice < 6 ? Tcp.RST | Tcp.ACK : Tcp.SYN | Tcp.ACK;
        } else if ((flags & Tcp.SYN) != 0) {
            answer = Tcp.ACK;
        } else if ((flags & Tcp.FIN) != 0) {
            answer = dice < 50 ? Tcp.FIN | Tcp.ACK : Tcp.ACK;
        } else {
            answer = dice < 5 ? Tcp.RST : dice < 35 ? Tcp.FIN | Tcp.ACK : Tcp.PSH | Tcp.ACK;
        }
        send(Protocol.TCP, answer, destination, port, source, peer, owner);
    }

    private void udp(MemorySegment memory, long datagram, int source, int destination) {
        int owner = owner(memory, datagram + Udp.HEADER_LENGTH);
        watch(Udp.source(memory, datagram));
        if (!watching.get() && ThreadLocalRandom.current().nextInt(OF_HUNDRED) < 60) {
            send(Protocol.UDP, 0, destination, Udp.destination(memory, datagram), source, Udp.source(memory, datagram), owner);
        }
    }

    private void icmp(MemorySegment memory, long message, int source, int destination) {
        if (Icmp.type(memory, message) == Icmp.ECHO_REQUEST) {
            int owner = owner(memory, message + Icmp.HEADER_LENGTH);
            send(Protocol.ICMP, Icmp.ECHO_REPLY, destination, 0, source, Icmp.identifier(memory, message), owner);
        } else if (Icmp.type(memory, message) == Icmp.ECHO_REPLY) {
            owner(memory, message + Icmp.HEADER_LENGTH);
        }
    }

    private void watch(int port) {
        if (watching.get()) {
            sourcePorts.add(port);
        }
    }
}
