package io.footbridge.wire;

/** What part of a packet stands in a frame, as two bits. */
public final class Fragment {
    /** The whole packet; an IPv6 fragment header that fragments nothing (RFC 6946) counts as this. */
    public static final int WHOLE = 0;
    /** The first fragment: the transport header is there, the payload's end is not. */
    public static final int FIRST = 1;
    /** A later fragment: no transport header. */
    public static final int LATER = 2;

    private Fragment() {
    }

    /** The part that a fragment offset (in any unit) and the flag "more fragments" mean. */
    static int of(int fragmentOffset, boolean more) {
        if (fragmentOffset != 0) {
            return LATER;
        }
        return more ? FIRST : WHOLE;
    }
}
