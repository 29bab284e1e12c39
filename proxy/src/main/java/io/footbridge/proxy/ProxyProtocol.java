package io.footbridge.proxy;

import io.footbridge.tap.AddressText;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The PROXY protocol's header, by which a back end learns who its client is (haproxy, doc/proxy-protocol.txt): one line
 * of text in version 1, a binary header in version 2, sent before the first byte of the stream.
 */
public enum ProxyProtocol {
    /** No header: the back end sees the proxy as its client. */
    NONE,
    /** The line of text. */
    V1,
    /** The binary header. */
    V2;

    private static final byte[] SIGNATURE = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};
    private static final byte VERSION_2_PROXY = 0x21;
    private static final byte TCP_OVER_IPV4 = 0x11;
    private static final byte TCP_OVER_IPV6 = 0x21;

    /**
     * The version of that name.
     *
     * @param text {@code v1} or {@code v2}
     * @throws IllegalArgumentException on any other text, with a message for people
     */
    public static ProxyProtocol parse(String text) {
        return switch (text) {
            case "v1" -> V1;
            case "v2" -> V2;
            default -> throw new IllegalArgumentException("proxy protocol: expected v1 or v2");
        };
    }

    /**
     * The header of one connection.
     *
     * @param client where it came from
     * @param asked the address that the client connected to; of the same family
     */
    public byte[] header(InetSocketAddress client, InetSocketAddress asked) {
        return switch (this) {
            case NONE -> new byte[0];
            case V1 -> text(client, asked);
            case V2 -> binary(client, asked);
        };
    }

    private static byte[] text(InetSocketAddress client, InetSocketAddress asked) {
        String family = client.getAddress().getAddress().length == 4 ? "TCP4" : "TCP6";
        String line = String.join(" ", "PROXY", family, AddressText.of(client.getAddress()), AddressText.of(asked.getAddress()),
                Integer.toString(client.getPort()), Integer.toString(asked.getPort())) + "\r\n";
        return line.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] binary(InetSocketAddress client, InetSocketAddress asked) {
        InetAddress source = client.getAddress();
        int addresses = 2 * source.getAddress().length + 2 * Short.BYTES;
        return ByteBuffer.allocate(SIGNATURE.length + 4 + addresses)
                .put(SIGNATURE)
                .put(VERSION_2_PROXY)
                .put(source.getAddress().length == 4 ? TCP_OVER_IPV4 : TCP_OVER_IPV6)
                .putShort((short) addresses)
                .put(source.getAddress())
                .put(asked.getAddress().getAddress())
                .putShort((short) client.getPort())
                .putShort((short) asked.getPort())
                .array();
    }
}
