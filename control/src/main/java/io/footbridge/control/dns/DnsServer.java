package io.footbridge.control.dns;

import io.footbridge.wire.IpAddress;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** Answers messages for a network: what it knows from its zone, the rest by asking the host's servers. Any thread. */
public final class DnsServer {
    private final UpstreamResolver upstream;
    private final AtomicInteger turns = new AtomicInteger();

    /** A server that asks these for what it does not know. */
    public DnsServer(UpstreamResolver upstream) {
        this.upstream = upstream;
    }

    /** How a message came. */
    public enum Transport {
        /** An answer may be as long as the asker says. */
        UDP,
        /** An answer may be as long as any. */
        TCP
    }

    /**
     * Answers a message.
     *
     * @param limit the most bytes that can be sent, whatever the asker takes
     * @param modest whether it is to be refused while many questions are under way: its asker has many of them
     * @param answer is told the answer, now or later, once, or that there is none
     */
    public void answer(Zone zone, byte[] message, Transport transport, int limit, boolean modest,
        Consumer<Optional<byte[]>> answer) {
        if (!DnsQuery.isQuery(message)) {
            answer.accept(Optional.empty());
            return;
        }
        DnsQuery query;
        try {
            query = DnsQuery.read(message);
        } catch (DnsQuery.Refused refused) {
            answer.accept(Optional.of(DnsAnswers.error(message, refused.code())));
            return;
        }
        int fits = transport == Transport.UDP ? Math.min(limit, query.payload()) : limit;
        Optional<byte[]> known = known(zone, query);
        if (known.isPresent()) {
            answer.accept(Optional.of(DnsAnswers.fit(query, known.get(), fits)));
        } else if (!zone.forwards()) {
            answer.accept(Optional.of(DnsAnswers.empty(query, DnsResponseCode.SERVFAIL, false)));
        } else {
            upstream.ask(query, modest, found -> answer.accept(Optional.of(found.map(whole -> DnsAnswers.fit(query, whole, fits))
                .orElseGet(() -> DnsAnswers.empty(query, DnsResponseCode.SERVFAIL, false)))));
        }
    }

    private Optional<byte[]> known(Zone zone, DnsQuery query) {
        if (query.dnsClass() != DnsRecord.CLASS_IN && query.dnsClass() != DnsRecord.CLASS_ANY) {
            return Optional.empty();
        }
        Optional<List<IpAddress>> addresses = zone.addresses(query.name());
        if (addresses.isPresent()) {
            return Optional.of(DnsAnswers.addresses(query, inTurn(ofType(addresses.get(), query.type()))));
        }
        Optional<IpAddress> reversed = ReverseName.address(query.name()).filter(zone::contains);
        if (reversed.isEmpty()) {
            return Optional.empty();
        }
        Optional<String> name = zone.name(reversed.get());
        if (name.isEmpty()) {
            return Optional.of(DnsAnswers.empty(query, DnsResponseCode.NXDOMAIN, true));
        }
        boolean asked = query.type().equals(DnsRecordType.PTR) || query.type().equals(DnsRecordType.ANY);
        return Optional.of(asked ? DnsAnswers.pointer(query, name.get())
            : DnsAnswers.empty(query, DnsResponseCode.NOERROR, true));
    }

    private static List<IpAddress> ofType(List<IpAddress> addresses, DnsRecordType type) {
        if (type.equals(DnsRecordType.ANY)) {
            return addresses;
        }
        return type.equals(DnsRecordType.A) || type.equals(DnsRecordType.AAAA)
            ? addresses.stream().filter(address -> address.isIpv4() == type.equals(DnsRecordType.A)).toList() : List.of();
    }

    /** Each time another one first. */
    private List<IpAddress> inTurn(List<IpAddress> addresses) {
        if (addresses.size() < 2) {
            return addresses;
        }
        List<IpAddress> turned = new ArrayList<>(addresses);
        Collections.rotate(turned, -Math.floorMod(turns.getAndIncrement(), addresses.size()));
        return turned;
    }
}
