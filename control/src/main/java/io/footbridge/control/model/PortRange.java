package io.footbridge.control.model;

/**
 * Ports that follow each other.
 *
 * @param first the lowest
 * @param last the highest, not below the first
 */
public record PortRange(int first, int last) {
    /** The highest port there is. */
    public static final int MAX_PORT = 65_535;

    /** Refuses a range that is none. */
    public PortRange {
        if (first < 0 || last > MAX_PORT || first > last) {
            throw new IllegalArgumentException("invalid port range: " + first + "-" + last);
        }
    }

    /** Reads {@code PORT} or {@code PORT-END}. */
    static PortRange parse(String text) {
        int dash = text.indexOf('-');
        return dash < 0 ? new PortRange(port(text), port(text))
            : new PortRange(port(text.substring(0, dash)), port(text.substring(dash + 1)));
    }

    private static int port(String text) {
        if (!text.matches("[0-9]{1,5}")) {
            throw new IllegalArgumentException("not a port: " + Quoted.of(text));
        }
        return Integer.parseInt(text);
    }

    /** How many ports. */
    public int count() {
        return last - first + 1;
    }

    /** {@code PORT} or {@code PORT-END}. */
    @Override
    public String toString() {
        return first == last ? String.valueOf(first) : first + "-" + last;
    }
}
