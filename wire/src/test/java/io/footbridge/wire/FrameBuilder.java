package io.footbridge.wire;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Makes frames for tests by plain byte writing, apart from the code under test: virtio-net header at 0, frame at 10, the
 * segment ends where the frame ends.
 */
final class FrameBuilder {
    static final int FRAME = VirtioNetHeader.LENGTH;

    boolean ipv6;
    int protocol = 6;
    int tcpFlags = 0x10;
    int identification = 0x1234;
    int payload = 100;
    int padding;
    int gsoSize;
    boolean partial;
    byte[] ipOptions = {};
    byte[] tcpOptions = {};
    byte[] extensions = {};
    int firstExtension = -1;
    final List<Integer> tags = new ArrayList<>();

    static FrameBuilder ipv4(int protocol) {
        FrameBuilder builder = new FrameBuilder();
        builder.protocol = protocol;
        return builder;
    }

    static FrameBuilder ipv6(int protocol) {
        FrameBuilder builder = ipv4(protocol);
        builder.ipv6 = true;
        return builder;
    }

    FrameBuilder tagged(int tpid) {
        tags.add(tpid);
        return this;
    }

    FrameBuilder payload(int bytes) {
        payload = bytes;
        return this;
    }

    FrameBuilder padding(int bytes) {
        padding = bytes;
        return this;
    }

    FrameBuilder gso(int size) {
        gsoSize = size;
        partial = true;
        return this;
    }

    FrameBuilder partial() {
        partial = true;
        return this;
    }

    FrameBuilder tcpFlags(int flags) {
        tcpFlags = flags;
        return this;
    }

    FrameBuilder tcpOptions(String hex) {
        tcpOptions = HexFormat.of().parseHex(hex);
        return this;
    }

    FrameBuilder ipOptions(String hex) {
        ipOptions = HexFormat.of().parseHex(hex);
        return this;
    }

    /** Extension headers whose last next-header byte already names the protocol. */
    FrameBuilder extensions(int first, String hex) {
        firstExtension = first;
        extensions = HexFormat.of().parseHex(hex);
        return this;
    }

    int linkLength() {
        return 14 + 4 * tags.size();
    }

    int transportOffset() {
        return linkLength() + (ipv6 ? 40 + extensions.length : 20 + ipOptions.length);
    }

    int transportHeader() {
        return protocol == 6 ? 20 + tcpOptions.length : 8;
    }

    int headers() {
        return transportOffset() + transportHeader();
    }

    int frameLength() {
        return headers() + payload + padding;
    }

    /** The payload's bytes, different at each place. */
    byte[] payloadBytes() {
        byte[] bytes = new byte[payload];
        for (int i = 0; i < payload; i++) {
            bytes[i] = (byte) (i * 31 + (i >>> 8) * 17 + 5);
        }
        return bytes;
    }

    MemorySegment build() {
        byte[] transport = transport();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        virtioNet(out);
        out.writeBytes(HexFormat.of().parseHex("02420a000002" + "02420a000001"));
        for (int tpid : tags) {
            put16(out, tpid);
            put16(out, 0x2064);
        }
        put16(out, ipv6 ? 0x86DD : 0x0800);
        byte[] addresses = addresses();
        if (ipv6) {
            put32(out, 0x60012345);
            put16(out, extensions.length + transport.length);
            out.write(firstExtension >= 0 ? firstExtension : protocol);
            out.write(64);
            out.writeBytes(addresses);
            out.writeBytes(extensions);
        } else {
            out.writeBytes(ipv4Header(addresses, transport.length));
        }
        out.writeBytes(transport);
        out.writeBytes(new byte[padding]);
        return MemorySegment.ofArray(out.toByteArray());
    }

    private void virtioNet(ByteArrayOutputStream out) {
        out.write(partial ? 1 : 0);
        out.write(gsoSize == 0 ? 0 : protocol == 17 ? 5 : ipv6 ? 4 : 1);
        little16(out, gsoSize == 0 ? 0 : headers());
        little16(out, gsoSize);
        little16(out, partial ? transportOffset() : 0);
        little16(out, partial ? checksumField() : 0);
    }

    private int checksumField() {
        return protocol == 6 ? 16 : protocol == 17 ? 6 : 2;
    }

    private byte[] addresses() {
        return HexFormat.of().parseHex(ipv6
                ? "fd000000000000000000000000000001" + "fd00000000000000ffffffff00000002" : "0a0000010a000002");
    }

    private byte[] ipv4Header(byte[] addresses, int transportLength) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(0x45 + ipOptions.length / 4);
        out.write(0);
        put16(out, 20 + ipOptions.length + transportLength);
        put16(out, identification);
        put16(out, 0x4000);
        out.write(64);
        out.write(protocol);
        put16(out, 0);
        out.writeBytes(addresses);
        out.writeBytes(ipOptions);
        byte[] header = out.toByteArray();
        store16(header, 10, ~naiveSum(header) & 0xFFFF);
        return header;
    }

    private byte[] transport() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int length = transportHeader() + payload;
        if (protocol == 6) {
            put16(out, 40000);
            put16(out, 80);
            put32(out, 0xFFFFF000);
            put32(out, 0x01020304);
            out.write((20 + tcpOptions.length) / 4 << 4);
            out.write(tcpFlags);
            put16(out, 512);
            put32(out, 0);
            out.writeBytes(tcpOptions);
        } else if (protocol == 17) {
            put16(out, 5353);
            put16(out, 53);
            put16(out, length);
            put16(out, 0);
        } else {
            out.write(ipv6 ? 128 : 8);
            out.write(0);
            put16(out, 0);
            put32(out, 0x00070001);
        }
        out.writeBytes(payloadBytes());
        byte[] bytes = out.toByteArray();
        if (protocol == 6 || protocol == 17 || protocol == 58 || protocol == 1) {
            int pseudo = protocol == 1 ? 0 : naiveSum(pseudoHeader(length));
            int full = ~naiveAdd(pseudo, naiveSum(bytes)) & 0xFFFF;
            store16(bytes, checksumField(), partial ? pseudo : full == 0 && protocol == 17 ? 0xFFFF : full);
        }
        return bytes;
    }

    private byte[] pseudoHeader(int length) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(addresses());
        put32(out, length);
        put32(out, protocol);
        return out.toByteArray();
    }

    /** The sum as RFC 1071 section 4.1 spells it out, one word after another. */
    static int naiveSum(byte[] bytes) {
        long total = 0;
        for (int i = 0; i < bytes.length; i += 2) {
            total += (bytes[i] & 0xFF) << 8 | (i + 1 < bytes.length ? bytes[i + 1] & 0xFF : 0);
        }
        while (total > 0xFFFF) {
            total = (total >>> 16) + (total & 0xFFFF);
        }
        return (int) total;
    }

    static int naiveAdd(int first, int second) {
        return first + second > 0xFFFF ? first + second - 0xFFFF : first + second;
    }

    /** Whether IP header and transport checksum of a plain frame are right, reckoned apart from the code under test. */
    static boolean verifies(byte[] frame) {
        int network = 12;
        while (word(frame, network) == 0x8100 || word(frame, network) == 0x88A8) {
            network += 4;
        }
        boolean v6 = word(frame, network) == 0x86DD;
        network += 2;
        int protocol = frame[network + (v6 ? 6 : 9)] & 0xFF;
        int headers = v6 ? 40 : (frame[network] & 0xF) * 4;
        int end = network + (v6 ? 40 + word(frame, network + 4) : word(frame, network + 2));
        if (!v6 && naiveSum(slice(frame, network, network + headers)) != 0xFFFF) {
            return false;
        }
        int transport = network + headers;
        while (v6 && (protocol == 0 || protocol == 60 || protocol == 43)) {
            protocol = frame[transport] & 0xFF;
            transport += 8 + 8 * (frame[transport + 1] & 0xFF);
        }
        ByteArrayOutputStream pseudo = new ByteArrayOutputStream();
        pseudo.writeBytes(slice(frame, network + (v6 ? 8 : 12), network + (v6 ? 40 : 20)));
        put32(pseudo, end - transport);
        put32(pseudo, protocol);
        int sum = naiveAdd(naiveSum(pseudo.toByteArray()), naiveSum(slice(frame, transport, end)));
        return sum == 0xFFFF && (protocol != 17 || word(frame, transport + 6) != 0);
    }

    static byte[] slice(byte[] bytes, int from, int to) {
        return java.util.Arrays.copyOfRange(bytes, from, to);
    }

    static byte[] bytes(MemorySegment memory, long offset, long length) {
        return memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
    }

    static MemorySegment hex(String hex) {
        return MemorySegment.ofArray(HexFormat.of().parseHex(hex.replaceAll("\\s", "")));
    }

    static String hex(MemorySegment memory) {
        return HexFormat.of().formatHex(memory.toArray(ValueLayout.JAVA_BYTE));
    }

    static int word(byte[] bytes, int at) {
        return (bytes[at] & 0xFF) << 8 | bytes[at + 1] & 0xFF;
    }

    private static void store16(byte[] bytes, int at, int value) {
        bytes[at] = (byte) (value >>> 8);
        bytes[at + 1] = (byte) value;
    }

    private static void put16(ByteArrayOutputStream out, int value) {
        out.write(value >>> 8);
        out.write(value);
    }

    private static void put32(ByteArrayOutputStream out, int value) {
        put16(out, value >>> 16);
        put16(out, value);
    }

    private static void little16(ByteArrayOutputStream out, int value) {
        out.write(value);
        out.write(value >>> 8);
    }
}
