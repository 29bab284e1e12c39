package io.footbridge.control.dns;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.dns.AbstractDnsOptPseudoRrRecord;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DefaultDnsRawRecord;
import io.netty.handler.codec.dns.DnsOptPseudoRecord;
import io.netty.handler.codec.dns.DnsPtrRecord;
import io.netty.handler.codec.dns.DnsRawRecord;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordDecoder;
import io.netty.handler.codec.dns.DnsRecordEncoder;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/** DNS messages for tests, made and read by the library's codec. */
final class Messages {
    private Messages() {
    }

    /** A question with identifier 0x1234 and recursion desired. */
    static byte[] query(String name, DnsRecordType type) {
        return query(name, type, 0);
    }

    /** A question of somebody who takes payloads of so many bytes, by EDNS; 0 for none. */
    static byte[] query(String name, DnsRecordType type, int payload) {
        try {
            ByteBuf buffer = Unpooled.buffer();
            buffer.writeShort(0x1234).writeShort(0x0100).writeShort(1).writeShort(0).writeShort(0).writeShort(payload > 0 ? 1 : 0);
            DnsRecordEncoder.DEFAULT.encodeQuestion(new DefaultDnsQuestion(name, type), buffer);
            if (payload > 0) {
                DnsRecordEncoder.DEFAULT.encodeRecord(new Options(payload), buffer);
            }
            return ByteBufUtil.getBytes(buffer);
        } catch (Exception wrong) {
            throw new AssertionError(wrong);
        }
    }

    /** An answer to a question: a code, and so many addresses that count up from 192.0.2.1. */
    static byte[] answer(byte[] query, DnsResponseCode code, int addresses) {
        try {
            ByteBuf buffer = Unpooled.buffer();
            DnsQuery read = DnsQuery.read(query);
            buffer.writeBytes(query, 0, 2).writeShort(0x8180 | code.intValue()).writeShort(1).writeShort(addresses).writeInt(0);
            buffer.writeBytes(query, DnsQuery.HEADER_LENGTH, read.end() - DnsQuery.HEADER_LENGTH);
            for (int i = 1; i <= addresses; i++) {
                DnsRecordEncoder.DEFAULT.encodeRecord(new DefaultDnsRawRecord(read.name() + ".", DnsRecordType.A, 60,
                    Unpooled.wrappedBuffer(new byte[] {(byte) 192, 0, (byte) (i >> 8 | 2), (byte) i})), buffer);
            }
            return ByteBufUtil.getBytes(buffer);
        } catch (Exception wrong) {
            throw new AssertionError(wrong);
        }
    }

    static DnsResponseCode code(byte[] message) {
        return DnsResponseCode.valueOf(DnsQuery.flags(message) & DnsQuery.CODE);
    }

    static boolean isTruncated(byte[] message) {
        return (DnsQuery.flags(message) & DnsQuery.TRUNCATED) != 0;
    }

    /** The records behind the question, as text. */
    static List<String> records(byte[] message) {
        try {
            ByteBuf buffer = Unpooled.wrappedBuffer(message);
            int questions = buffer.getUnsignedShort(4);
            int count = buffer.getUnsignedShort(6) + buffer.getUnsignedShort(8) + buffer.getUnsignedShort(10);
            buffer.skipBytes(DnsQuery.HEADER_LENGTH);
            for (int i = 0; i < questions; i++) {
                DnsRecordDecoder.DEFAULT.decodeQuestion(buffer);
            }
            List<String> all = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                all.add(text(DnsRecordDecoder.DEFAULT.decodeRecord(buffer)));
            }
            if (buffer.isReadable()) {
                all.add("more bytes");
            }
            return all;
        } catch (Exception wrong) {
            throw new AssertionError(wrong);
        }
    }

    private static String text(DnsRecord record) throws Exception {
        if (record.type().equals(DnsRecordType.OPT)) {
            return "OPT " + record.dnsClass();
        }
        return switch (record) {
            case DnsPtrRecord pointer -> record.name() + " PTR " + pointer.hostname();
            case DnsRawRecord raw -> record.name() + " " + record.type().name() + " "
                + InetAddress.getByAddress(ByteBufUtil.getBytes(raw.content())).getHostAddress();
            default -> record.toString();
        };
    }

    private static final class Options extends AbstractDnsOptPseudoRrRecord implements DnsOptPseudoRecord {
        Options(int payload) {
            super(payload);
        }
    }
}
