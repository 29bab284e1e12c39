package io.footbridge.control.dns;

import io.footbridge.wire.IpAddress;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.dns.AbstractDnsOptPseudoRrRecord;
import io.netty.handler.codec.dns.DefaultDnsPtrRecord;
import io.netty.handler.codec.dns.DefaultDnsRawRecord;
import io.netty.handler.codec.dns.DnsOptPseudoRecord;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordEncoder;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.util.List;

/** Makes answers. Any thread. */
final class DnsAnswers {
    /** Seconds that an answer may be kept: endpoints come and go. */
    private static final int TTL = 5;
    /** The UDP payload that we take ourselves (DNS flag day 2020). */
    private static final int PAYLOAD = 1232;
    private static final int AUTHORITATIVE = 0x0400;
    private static final int ADDITIONAL = 10;
    private static final int INITIAL = 512;

    private DnsAnswers() {
    }

    /** An answer to what cannot be read as a question: its header, with a code. */
    static byte[] error(byte[] message, DnsResponseCode code) {
        ByteBuf answer = Unpooled.buffer(DnsQuery.HEADER_LENGTH);
        header(answer, message, 0, code);
        answer.writeShort(0).writeShort(0).writeShort(0).writeShort(0);
        return ByteBufUtil.getBytes(answer);
    }

    /** An answer with a code and no records. */
    static byte[] empty(DnsQuery query, DnsResponseCode code, boolean ours) {
        return write(query, ours ? AUTHORITATIVE : 0, code, List.of());
    }

    /** An answer that says that it was too long. */
    static byte[] truncated(DnsQuery query, byte[] whole) {
        return write(query, DnsQuery.TRUNCATED, DnsResponseCode.valueOf(DnsQuery.flags(whole) & DnsQuery.CODE), List.of());
    }

    /** The addresses of a name, those of the question's type; none is an answer, too. */
    static byte[] addresses(DnsQuery query, List<IpAddress> addresses) {
        return write(query, AUTHORITATIVE, DnsResponseCode.NOERROR, addresses.stream().<DnsRecord>map(address ->
            new DefaultDnsRawRecord(query.name() + ".", address.isIpv4() ? DnsRecordType.A : DnsRecordType.AAAA, TTL,
                Unpooled.wrappedBuffer(address.toInetAddress().getAddress()))).toList());
    }

    /** The name of an address. */
    static byte[] pointer(DnsQuery query, String name) {
        return write(query, AUTHORITATIVE, DnsResponseCode.NOERROR,
            List.of(new DefaultDnsPtrRecord(query.name() + ".", DnsRecord.CLASS_IN, TTL, name + ".")));
    }

    private static byte[] write(DnsQuery query, int flags, DnsResponseCode code, List<DnsRecord> records) {
        ByteBuf answer = Unpooled.buffer(INITIAL);
        header(answer, query.message(), flags, code);
        answer.writeShort(1).writeShort(records.size()).writeShort(0).writeShort(0);
        answer.writeBytes(query.message(), DnsQuery.HEADER_LENGTH, query.end() - DnsQuery.HEADER_LENGTH);
        try {
            for (DnsRecord record : records) {
                DnsRecordEncoder.DEFAULT.encodeRecord(record, answer);
            }
            if (query.edns()) {
                DnsRecordEncoder.DEFAULT.encodeRecord(new Options(), answer);
                answer.setShort(ADDITIONAL, 1);
            }
        } catch (Exception unencodable) {
            throw new IllegalStateException("write an answer for " + query.name(), unencodable);
        }
        return ByteBufUtil.getBytes(answer);
    }

    private static void header(ByteBuf answer, byte[] query, int flags, DnsResponseCode code) {
        answer.writeBytes(query, 0, DnsQuery.FLAGS);
        int kept = DnsQuery.flags(query) & (0x7800 | DnsQuery.RECURSION_DESIRED);
        answer.writeShort(DnsQuery.RESPONSE | kept | DnsQuery.RECURSION_AVAILABLE | flags | code.intValue());
    }

    /** An answer that is no longer than the asker takes. */
    static byte[] fit(DnsQuery query, byte[] answer, int limit) {
        return answer.length <= limit ? answer : truncated(query, answer);
    }

    private static final class Options extends AbstractDnsOptPseudoRrRecord implements DnsOptPseudoRecord {
        Options() {
            super(PAYLOAD);
        }
    }
}
