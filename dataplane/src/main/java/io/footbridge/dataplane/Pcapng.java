package io.footbridge.dataplane;

import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes blocks of a pcapng file, big-endian, timestamps in nanoseconds. Source:
 * draft-ietf-opsawg-pcapng, sections 4.1 to 4.3.
 */
final class Pcapng {
    private static final int SECTION_HEADER = 0x0A0D0D0A;
    private static final int BYTE_ORDER_MAGIC = 0x1A2B3C4D;
    private static final int INTERFACE_DESCRIPTION = 1;
    private static final int ENHANCED_PACKET = 6;
    private static final int LINKTYPE_ETHERNET = 1;
    private static final int OPTION_END = 0;
    private static final int OPTION_IF_NAME = 2;
    private static final int OPTION_IF_TSRESOL = 9;
    private static final int OPTION_EPB_FLAGS = 2;
    private static final int NANOSECONDS = 9;

    private static final int SECTION_LENGTH = 28;
    private static final int INTERFACE_FIXED = 20;
    private static final int PACKET_FIXED = 32;
    private static final int OPTION_HEADER = 4;

    private final DataOutputStream out;

    Pcapng(OutputStream out) {
        this.out = new DataOutputStream(out);
    }

    /** The block that a file begins with. */
    void section() throws IOException {
        out.writeInt(SECTION_HEADER);
        out.writeInt(SECTION_LENGTH);
        out.writeInt(BYTE_ORDER_MAGIC);
        out.writeShort(1);
        out.writeShort(0);
        out.writeLong(-1);
        out.writeInt(SECTION_LENGTH);
    }

    /** Describes an interface; they are numbered from 0 in the order they are described. */
    void describeInterface(String name) throws IOException {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        int length = INTERFACE_FIXED + OPTION_HEADER + padded(text.length) + OPTION_HEADER + 4 + OPTION_HEADER;
        out.writeInt(INTERFACE_DESCRIPTION);
        out.writeInt(length);
        out.writeShort(LINKTYPE_ETHERNET);
        out.writeShort(0);
        out.writeInt(0);
        out.writeShort(OPTION_IF_NAME);
        out.writeShort(text.length);
        out.write(text);
        pad(text.length);
        out.writeShort(OPTION_IF_TSRESOL);
        out.writeShort(1);
        out.writeByte(NANOSECONDS);
        pad(1);
        out.writeInt(OPTION_END);
        out.writeInt(length);
    }

    /**
     * Writes a frame.
     *
     * @param interfaceId number of a described interface
     * @param time nanoseconds since 1970
     * @param direction 1 inbound, 2 outbound
     */
    void packet(int interfaceId, long time, byte[] frame, int frameLength, int direction) throws IOException {
        int length = PACKET_FIXED + padded(frameLength) + OPTION_HEADER + 4 + OPTION_HEADER;
        out.writeInt(ENHANCED_PACKET);
        out.writeInt(length);
        out.writeInt(interfaceId);
        out.writeLong(time);
        out.writeInt(frameLength);
        out.writeInt(frameLength);
        out.write(frame, 0, frameLength);
        pad(frameLength);
        out.writeShort(OPTION_EPB_FLAGS);
        out.writeShort(4);
        out.writeInt(direction);
        out.writeInt(OPTION_END);
        out.writeInt(length);
    }

    void flush() throws IOException {
        out.flush();
    }

    private void pad(int length) throws IOException {
        for (int i = length; i < padded(length); i++) {
            out.writeByte(0);
        }
    }

    private static int padded(int length) {
        return length + 3 & -4;
    }
}
