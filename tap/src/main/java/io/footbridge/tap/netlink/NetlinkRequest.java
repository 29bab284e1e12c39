package io.footbridge.tap.netlink;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/** A message on its way to the kernel: its family's structure, then attributes, appended in order. */
final class NetlinkRequest {
    /** Several times what the longest of ours needs. */
    private static final int CAPACITY = 4096;
    private static final int NESTED = 0x8000;
    private static final int ATTRIBUTE_HEADER = 4;

    private final MemorySegment bytes = Arena.ofAuto().allocate(CAPACITY, Integer.BYTES);
    private final String name;
    private int length = NetlinkMessage.HEADER;

    /**
     * @param name the message's name in the kernel, for errors
     * @param type {@code RTM_…}
     * @param flags {@code NLM_F_…} beyond NLM_F_REQUEST
     */
    NetlinkRequest(String name, int type, int flags) {
        this.name = name;
        bytes.set(JAVA_SHORT_UNALIGNED, 4, (short) type);
        bytes.set(JAVA_SHORT_UNALIGNED, 6, (short) (flags | NetlinkMessage.NLM_F_REQUEST));
    }

    String name() {
        return name;
    }

    /** Appends a family's structure, given as its bytes. */
    NetlinkRequest structure(MemorySegment structure) {
        append(structure);
        return this;
    }

    NetlinkRequest put(int type, byte[] value) {
        append(header(type, value.length));
        append(MemorySegment.ofArray(value));
        return this;
    }

    NetlinkRequest putByte(int type, int value) {
        return put(type, new byte[] {(byte) value});
    }

    NetlinkRequest putInt(int type, int value) {
        append(header(type, Integer.BYTES));
        append(MemorySegment.ofArray(new int[] {value}));
        return this;
    }

    /** A text with its terminating zero. */
    NetlinkRequest putString(int type, String value) {
        return put(type, (value + '\0').getBytes(StandardCharsets.UTF_8));
    }

    /** An Ethernet address, the low 48 bits. */
    NetlinkRequest putMac(int type, long mac) {
        byte[] value = new byte[6];
        for (int i = 0; i < value.length; i++) {
            value[i] = (byte) (mac >> 8 * (value.length - 1 - i));
        }
        return put(type, value);
    }

    /** Opens a list within; what it returns goes to {@link #end}. */
    int begin(int type) {
        int at = length;
        append(header(type | NESTED, 0));
        return at;
    }

    /** Closes the list that {@link #begin} opened there. */
    NetlinkRequest end(int at) {
        bytes.set(JAVA_SHORT_UNALIGNED, at, (short) (length - at));
        return this;
    }

    /** The message under a sequence number, ready to send. */
    MemorySegment sealed(int sequence) {
        bytes.set(JAVA_INT_UNALIGNED, 0, length);
        bytes.set(JAVA_INT_UNALIGNED, 8, sequence);
        return bytes.asSlice(0, length);
    }

    private static MemorySegment header(int type, int valueLength) {
        return MemorySegment.ofArray(new short[] {(short) (ATTRIBUTE_HEADER + valueLength), (short) type});
    }

    private void append(MemorySegment part) {
        MemorySegment.copy(part, 0, bytes, length, part.byteSize());
        length += (int) NetlinkMessage.align(part.byteSize());
    }
}
