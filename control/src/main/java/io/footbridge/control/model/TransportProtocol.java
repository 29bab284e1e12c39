package io.footbridge.control.model;

import java.util.Locale;

/** A protocol whose ports can be published. */
public enum TransportProtocol {
    /** TCP. */
    TCP(6),
    /** UDP. */
    UDP(17);

    private final int number;

    TransportProtocol(int number) {
        this.number = number;
    }

    /** Its number in the IP header. */
    public int number() {
        return number;
    }

    /** {@code tcp} or {@code udp}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The protocol of that name, in any case.
     *
     * @throws IllegalArgumentException if it is not one of these, with a message for people
     */
    public static TransportProtocol parse(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "tcp" -> TCP;
            case "udp" -> UDP;
            case "sctp" -> throw new IllegalArgumentException("sctp ports cannot be published: only tcp and udp");
            default -> throw new IllegalArgumentException("unknown protocol: " + Quoted.of(text).replace("'", ""));
        };
    }
}
