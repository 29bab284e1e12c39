package io.footbridge.control.dns;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.dns.DnsOpCode;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordDecoder;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.util.Arrays;
import java.util.Locale;

/**
 * A question as somebody asks it (RFC 1035 section 4.1, EDNS RFC 6891). Immutable.
 *
 * @param message the whole message
 * @param name what is asked for, in lower case, without the last dot
 * @param type what of it is asked for
 * @param dnsClass of the question
 * @param end where the question ends in the message
 * @param edns whether the asker speaks EDNS
 * @param payload the longest UDP payload that the asker takes, 512 or more
 */
record DnsQuery(byte[] message, String name, DnsRecordType type, int dnsClass, int end, boolean edns, int payload) {
    /** Bytes of the header. */
    static final int HEADER_LENGTH = 12;
    /** Where the flags stand. */
    static final int FLAGS = 2;
    /** Flag: this is an answer. */
    static final int RESPONSE = 0x8000;
    /** Flag: there was more than would fit. */
    static final int TRUNCATED = 0x0200;
    /** Flag: recursion is wanted. */
    static final int RECURSION_DESIRED = 0x0100;
    /** Flag: recursion is offered. */
    static final int RECURSION_AVAILABLE = 0x0080;
    /** The mask of an answer's code. */
    static final int CODE = 0x000F;

    /** What everybody takes by UDP. */
    static final int MIN_PAYLOAD = 512;

    private static final int OPCODE_SHIFT = 11;
    private static final int OPCODE = 0xF;
    private static final int MAX_RECORDS = 32;
    private static final int TYPE_AND_CLASS = 4;

    /** Why a question is not answered as it asks. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1;

        private final transient DnsResponseCode code;

        Refused(DnsResponseCode code) {
            super(code.toString(), null, false, false);
            this.code = code;
        }

        DnsResponseCode code() {
            return code;
        }
    }

    /** Whether bytes may be a query at all: one is never to answer an answer. */
    static boolean isQuery(byte[] message) {
        return message.length >= HEADER_LENGTH && (flags(message) & RESPONSE) == 0;
    }

    /** Reads what {@link #isQuery} lets pass. */
    static DnsQuery read(byte[] message) throws Refused {
        if ((flags(message) >>> OPCODE_SHIFT & OPCODE) != DnsOpCode.QUERY.byteValue()) {
            throw new Refused(DnsResponseCode.NOTIMP);
        }
        ByteBuf buffer = Unpooled.wrappedBuffer(message);
        int questions = buffer.getUnsignedShort(4);
        int records = buffer.getUnsignedShort(6) + buffer.getUnsignedShort(8) + buffer.getUnsignedShort(10);
        if (questions != 1 || records > MAX_RECORDS) {
            throw new Refused(DnsResponseCode.FORMERR);
        }
        buffer.skipBytes(HEADER_LENGTH);
        try {
            DnsQuestion question = DnsRecordDecoder.DEFAULT.decodeQuestion(buffer);
            int end = buffer.readerIndex();
            String name = question.name().toLowerCase(Locale.ROOT);
            DnsRecord options = null;
            for (int i = 0; i < records; i++) {
                DnsRecord record = DnsRecordDecoder.DEFAULT.decodeRecord(buffer);
                if (record == null || record.type().equals(DnsRecordType.OPT) && options != null) {
                    throw new Refused(DnsResponseCode.FORMERR);
                }
                options = record.type().equals(DnsRecordType.OPT) ? record : options;
            }
            int payload = options == null ? MIN_PAYLOAD : Math.max(MIN_PAYLOAD, options.dnsClass());
            return new DnsQuery(message, name.substring(0, name.length() - 1), question.type(), question.dnsClass(), end,
                options != null, payload);
        } catch (Refused refused) {
            throw refused;
        } catch (Exception malformed) {
            // The codec says so by exceptions of many kinds.
            throw new Refused(DnsResponseCode.FORMERR);
        }
    }

    static int flags(byte[] message) {
        return (message[FLAGS] & 0xFF) << Byte.SIZE | message[FLAGS + 1] & 0xFF;
    }

    int flags() {
        return flags(message);
    }

    /** Whether an answer's question is this one: the same bytes, but for the case of letters. */
    boolean isAnsweredBy(byte[] answer) {
        if (answer.length < end || (flags(answer) & RESPONSE) == 0 || answer[4] != 0 || answer[5] != 1) {
            return false;
        }
        for (int i = HEADER_LENGTH; i < end; i++) {
            boolean letter = i < end - TYPE_AND_CLASS;
            if (letter ? lower(answer[i]) != lower(message[i]) : answer[i] != message[i]) {
                return false;
            }
        }
        return true;
    }

    private static int lower(byte character) {
        return character >= 'A' && character <= 'Z' ? character + ('a' - 'A') : character;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DnsQuery query && Arrays.equals(message, query.message);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(message);
    }
}
