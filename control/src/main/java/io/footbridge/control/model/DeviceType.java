package io.footbridge.control.model;

/** What kind of interface a container gets. */
public enum DeviceType {
    /** A TAP: frames cross by read and write. */
    TAP,
    /** A veth pair: frames cross by a packet socket on our end. */
    VETH;

    /** The name in the command line. */
    public String label() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    /**
     * The type of that name.
     *
     * @throws IllegalArgumentException if there is none, with a message for people
     */
    public static DeviceType parse(String text) {
        return switch (text) {
            case "tap" -> TAP;
            case "veth" -> VETH;
            default -> throw new IllegalArgumentException("expected tap or veth, got " + Quoted.of(text));
        };
    }
}
