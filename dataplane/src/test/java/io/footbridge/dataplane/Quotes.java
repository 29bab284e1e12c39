package io.footbridge.dataplane;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.util.HexFormat;

/** What an ICMP error quotes of a packet, as an expression of scapy's. */
final class Quotes {
    /** As much as RFC 792 asks for: the header and eight bytes. */
    private static final int LEAST = 28;
    private static final int MOST = 520;

    private Quotes() {
    }

    /** A packet as it was seen, as far as an error has room for it. */
    static String of(Dissection seen) {
        return of(seen, MOST);
    }

    /** The header and the first eight bytes behind it, as old routers quote. */
    static String shortOf(Dissection seen) {
        return of(seen, LEAST);
    }

    private static String of(Dissection seen, int most) {
        MemorySegment packet = seen.frame().asSlice(TestFrames.PACKET);
        byte[] bytes = packet.asSlice(0, Math.min(most, packet.byteSize())).toArray(JAVA_BYTE);
        return of(bytes);
    }

    /** Bytes as they are. */
    static String of(byte[] bytes) {
        return "Raw(bytes.fromhex('" + HexFormat.of().formatHex(bytes) + "'))";
    }

    /** A packet as it was seen, for changing before it is quoted. */
    static byte[] bytes(Dissection seen) {
        return seen.frame().asSlice(TestFrames.PACKET).toArray(JAVA_BYTE);
    }
}
