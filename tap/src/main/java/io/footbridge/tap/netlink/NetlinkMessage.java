package io.footbridge.tap.netlink;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * One message of a datagram (linux/netlink.h): {@code u32 length, u16 type, u16 flags, u32 sequence, u32 port} and a
 * payload. The payload is a view that lives as long as the datagram.
 */
record NetlinkMessage(int type, int flags, int sequence, MemorySegment payload) {
    static final int HEADER = 16;

    static final int NLMSG_ERROR = 2;
    static final int NLMSG_DONE = 3;
    static final int NLMSG_OVERRUN = 4;

    static final int NLM_F_REQUEST = 0x1;
    static final int NLM_F_ACK = 0x4;
    static final int NLM_F_DUMP_INTR = 0x10;
    static final int NLM_F_DUMP = 0x300;
    static final int NLM_F_EXCL = 0x200;
    static final int NLM_F_CREATE = 0x400;
    /** On an error: the request in it is cut to its header. */
    static final int NLM_F_CAPPED = 0x100;
    /** On an error: attributes follow. */
    static final int NLM_F_ACK_TLVS = 0x200;

    private static final int ALIGNMENT = 4;

    /** The messages of a datagram, in order. */
    static List<NetlinkMessage> split(MemorySegment datagram) throws NetlinkFormatException {
        List<NetlinkMessage> messages = new ArrayList<>();
        long at = 0;
        while (at < datagram.byteSize()) {
            long left = datagram.byteSize() - at;
            if (left < HEADER) {
                throw new NetlinkFormatException(left + " bytes where a message header was due");
            }
            long length = Integer.toUnsignedLong(datagram.get(JAVA_INT_UNALIGNED, at));
            if (length < HEADER || length > left) {
                throw new NetlinkFormatException("a message of " + length + " bytes in " + left);
            }
            messages.add(new NetlinkMessage(Short.toUnsignedInt(datagram.get(JAVA_SHORT_UNALIGNED, at + 4)),
                    Short.toUnsignedInt(datagram.get(JAVA_SHORT_UNALIGNED, at + 6)),
                    datagram.get(JAVA_INT_UNALIGNED, at + 8),
                    datagram.asSlice(at + HEADER, length - HEADER)));
            at += align(length);
        }
        return messages;
    }

    /** The structure at the payload's start has at least this size. */
    void require(long size) throws NetlinkFormatException {
        if (payload.byteSize() < size) {
            throw new NetlinkFormatException(
                    "a message of type " + type + " carries " + payload.byteSize() + " bytes, " + size + " are due");
        }
    }

    /** The attributes behind a structure of this size. */
    NetlinkAttributes attributesAfter(long structure) throws NetlinkFormatException {
        require(structure);
        return NetlinkAttributes.parse(payload.asSlice(Math.min(align(structure), payload.byteSize())));
    }

    static long align(long length) {
        return (length + ALIGNMENT - 1) & -ALIGNMENT;
    }
}
