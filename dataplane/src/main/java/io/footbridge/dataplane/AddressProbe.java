package io.footbridge.dataplane;

import io.footbridge.nat.Tuple;
import io.footbridge.wire.Arp;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Fragment;
import io.footbridge.wire.Frame;
import io.footbridge.wire.Icmpv6;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.Ipv6;
import io.footbridge.wire.NeighbourDiscovery;
import io.footbridge.wire.Protocol;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Whether addresses are free on an uplink's link, asked before they are used: ARP probes (RFC 5227 section 2.1.1) and
 * duplicate address detection (RFC 4862 section 5.4).
 *
 * <p>Three ARP probes go out {@value #INTERVAL_MILLIS} ms apart, and an answer may come as long after the last. RFC 5227
 * has one to two seconds for both, for links whose switches are still finding their way when a host is plugged in; the
 * links here are up, and who answers does so within milliseconds. The one solicitation has its second
 * ({@value #SOLICITED_MILLIS} ms), as the RFC has it.
 *
 * <p>Asking is for any thread that may wait; looking at what comes in is for the workers.
 */
final class AddressProbe {
    private static final int PROBES = 3;
    private static final int INTERVAL_MILLIS = 175;
    private static final int SOLICITED_MILLIS = 1000;

    private final long mac;
    private final List<IpAddress> addresses;
    private final long[] highs;
    private final long[] lows;
    private final CompletableFuture<AddressInUseException> inUse = new CompletableFuture<>();

    private AddressProbe(long mac, List<IpAddress> addresses) {
        this.mac = mac;
        this.addresses = addresses;
        highs = addresses.stream().mapToLong(Tuple::high).toArray();
        lows = addresses.stream().mapToLong(Tuple::low).toArray();
    }

    /**
     * Asks whether addresses are free; takes up to a second.
     *
     * @param mac whose they are to be
     * @throws AddressInUseException somebody has one of them, or asks for it at the same time
     */
    static void run(Port link, long mac, List<IpAddress> addresses) throws AddressInUseException {
        if (addresses.isEmpty()) {
            return;
        }
        AddressProbe probe = new AddressProbe(mac, addresses);
        Bridge bridge = link.bridge();
        bridge.probe(probe);
        try {
            probe.ask(link);
        } finally {
            bridge.probe(null);
        }
    }

    private void ask(Port link) throws AddressInUseException {
        boolean solicits = addresses.stream().anyMatch(address -> !address.isIpv4());
        int left = solicits ? SOLICITED_MILLIS : 0;
        for (int round = 0; round < PROBES; round++) {
            boolean first = round == 0;
            link.owner().execute(() -> send(link, first)).join();
            await(INTERVAL_MILLIS);
            left -= INTERVAL_MILLIS;
        }
        await(Math.max(left, 0));
    }

    private void send(Port link, boolean first) {
        Questions questions = link.owner().gateway().questions();
        for (int i = 0; i < highs.length; i++) {
            boolean ipv6 = !addresses.get(i).isIpv4();
            if (first || !ipv6) {
                questions.probe(link.bridge(), link, mac, ipv6, highs[i], lows[i]);
            }
        }
    }

    private void await(int millis) throws AddressInUseException {
        try {
            throw inUse.get(millis, TimeUnit.MILLISECONDS);
        } catch (TimeoutException silent) {
            // So far nobody has it.
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the uplink's addresses were probed", interrupted);
        } catch (ExecutionException failed) {
            throw new AssertionError("never completed so", failed);
        }
    }

    /** Looks at a frame that came in while the addresses are probed; frame path. */
    void look(MemorySegment memory, long offset, int length) {
        if (Ethernet.etherType(memory, offset) == Ethernet.ARP) {
            long message = offset + Ethernet.HEADER_LENGTH;
            if (Arp.check(memory, message, length - Ethernet.HEADER_LENGTH) > 0) {
                int sender = Arp.senderAddress(memory, message);
                boolean probes = sender == 0 && Arp.operation(memory, message) == Arp.REQUEST;
                seen(0, Tuple.mapped(probes ? Arp.targetAddress(memory, message) : sender),
                        Arp.senderMac(memory, message));
            }
        } else if (Ethernet.etherType(memory, offset) == Ethernet.IPV6) {
            long parsed = Frame.parse(memory, offset, length);
            if (parsed >= 0) {
                look6(memory, offset, parsed);
            }
        }
    }

    private void look6(MemorySegment memory, long offset, long parsed) {
        long packet = offset + Frame.networkOffset(parsed);
        long message = offset + Frame.transportOffset(parsed);
        if (Frame.protocol(parsed) != Protocol.ICMPV6 || Frame.fragment(parsed) != Fragment.WHOLE
                || NeighbourDiscovery.check(memory, packet, message, Frame.transportLength(parsed)) < 0
                || !Icmpv6.verify(memory, packet, message, Frame.transportLength(parsed))) {
            return;
        }
        int type = Icmpv6.type(memory, message);
        boolean probes = (Ipv6.sourceHigh(memory, packet) | Ipv6.sourceLow(memory, packet)) == 0;
        if (type == NeighbourDiscovery.NEIGHBOUR_ADVERTISEMENT
                || type == NeighbourDiscovery.NEIGHBOUR_SOLICITATION && probes) {
            seen(NeighbourDiscovery.targetHigh(memory, message), NeighbourDiscovery.targetLow(memory, message),
                    Ethernet.source(memory, offset));
        }
    }

    /** Somebody else has, or wants, an address. Our own questions may come back from the link. */
    private void seen(long high, long low, long from) {
        for (int i = 0; i < highs.length && from != mac; i++) {
            if (highs[i] == high && lows[i] == low && !inUse.isDone()) {
                inUse.complete(new AddressInUseException(addresses.get(i), from));
            }
        }
    }
}
