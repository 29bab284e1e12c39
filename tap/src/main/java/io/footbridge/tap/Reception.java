package io.footbridge.tap;

/** Which frames a packet socket takes from its link. */
public sealed interface Reception {
    /** Every frame: the role of a bridge's port. */
    record Promiscuous() implements Reception {
    }

    /**
     * Frames to one unicast address and to every multicast one: the role of a station beside the link's own.
     *
     * @param mac the 48-bit address
     */
    record Unicast(long mac) implements Reception {
    }
}
