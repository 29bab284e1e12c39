package io.footbridge.wire;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/**
 * An IPv4 address as a value, off the frame path.
 *
 * @param address the four bytes as read big-endian
 */
public record Ipv4Address(int address) implements IpAddress {
    /** 0.0.0.0. */
    public static final Ipv4Address UNSPECIFIED = new Ipv4Address(0);
    /** 127.0.0.1. */
    public static final Ipv4Address LOOPBACK = new Ipv4Address(0x7F00_0001);
    /** 255.255.255.255. */
    public static final Ipv4Address BROADCAST = new Ipv4Address(-1);

    private static final int OCTETS = 4;
    private static final int MAX_TEXT_LENGTH = 15;

    /**
     * Reads four decimal numbers joined by dots, without leading zeros, which some programs take for octal.
     *
     * @throws IllegalArgumentException on any other text, with a message for people
     */
    public static Ipv4Address parse(String text) {
        if (text.length() > MAX_TEXT_LENGTH) {
            throw malformed(text);
        }
        String[] octets = text.split("\\.", -1);
        if (octets.length != OCTETS) {
            throw malformed(text);
        }
        int address = 0;
        for (String octet : octets) {
            int value = Decimal.parse(octet, 255);
            if (value < 0) {
                throw malformed(text);
            }
            address = address << 8 | value;
        }
        return new Ipv4Address(address);
    }

    /** The address of four bytes. */
    public static Ipv4Address ofBytes(byte[] bytes) {
        return new Ipv4Address(ByteBuffer.wrap(bytes).getInt());
    }

    /** Four decimal numbers joined by dots. */
    public static String format(int address) {
        return (address >>> 24) + "." + (address >>> 16 & 0xFF) + "." + (address >>> 8 & 0xFF) + "." + (address & 0xFF);
    }

    @Override
    public InetAddress toInetAddress() {
        try {
            return InetAddress.getByAddress(ByteBuffer.allocate(Integer.BYTES).putInt(address).array());
        } catch (UnknownHostException e) {
            throw new AssertionError("four bytes are an address", e);
        }
    }

    @Override
    public int bits() {
        return Integer.SIZE;
    }

    @Override
    public boolean isMulticast() {
        return address >>> 28 == 0xE;
    }

    @Override
    public boolean isLoopback() {
        return address >>> 24 == 127;
    }

    @Override
    public boolean isUnspecified() {
        return address == 0;
    }

    @Override
    public boolean isLinkLocal() {
        return address >>> 16 == 0xA9FE;
    }

    /** Four decimal numbers joined by dots. */
    @Override
    public String toString() {
        return format(address);
    }

    private static IllegalArgumentException malformed(String text) {
        return new IllegalArgumentException(
                "IP address '" + Quoted.of(text) + "': expected four numbers such as 172.17.0.2, or an IPv6 address");
    }
}
