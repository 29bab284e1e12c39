package io.footbridge.tap.netlink;

import static io.footbridge.tap.netlink.NetlinkMessage.NLMSG_DONE;
import static io.footbridge.tap.netlink.NetlinkMessage.NLMSG_ERROR;
import static io.footbridge.tap.netlink.NetlinkMessage.NLMSG_OVERRUN;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import io.footbridge.tap.Errno;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * What comes back for one request, from its first datagram to the message that ends it. No socket in here, so that every
 * sequence of bytes can be tried on it.
 */
final class NetlinkExchange<T> {
    private static final int ERROR_STRUCTURE = Integer.BYTES;
    private static final int NLMSGERR_ATTR_MSG = 1;

    private final int sequence;
    private final Decoder<T> decoder;
    private final List<T> replies = new ArrayList<>();
    private boolean ended;
    private boolean interrupted;
    private int errno;
    private String text = "";

    NetlinkExchange(int sequence, Decoder<T> decoder) {
        this.sequence = sequence;
        this.decoder = decoder;
    }

    /** Makes values of the messages that carry them; other types it passes over. */
    @FunctionalInterface
    interface Decoder<T> {
        void decode(NetlinkMessage message, Consumer<T> into) throws NetlinkFormatException;
    }

    /**
     * How the kernel answered.
     *
     * @param errno zero, or the error number
     * @param text the kernel's own words about the error, or empty
     * @param replies what it sent before
     */
    record Answer<T>(int errno, String text, List<T> replies) {
        boolean is(Errno candidate) {
            return errno == candidate.number();
        }
    }

    /** Takes one datagram in. */
    void accept(MemorySegment datagram) throws NetlinkFormatException {
        for (NetlinkMessage message : NetlinkMessage.split(datagram)) {
            if (message.sequence() == sequence && !ended) {
                accept(message);
            }
        }
    }

    /** Whether the kernel has said its last word on this request. */
    boolean ended() {
        return ended;
    }

    /** Whether the table changed while it was dumped, so that entries may be missing or double. */
    boolean interrupted() {
        return interrupted;
    }

    /** Values received so far. */
    int size() {
        return replies.size();
    }

    Answer<T> answer() {
        return new Answer<>(errno, text, List.copyOf(replies));
    }

    private void accept(NetlinkMessage message) throws NetlinkFormatException {
        interrupted |= (message.flags() & NetlinkMessage.NLM_F_DUMP_INTR) != 0;
        switch (message.type()) {
            case NLMSG_ERROR -> end(message, true);
            case NLMSG_DONE -> end(message, false);
            case NLMSG_OVERRUN -> throw new NetlinkFormatException("the kernel lost messages");
            default -> decoder.decode(message, replies::add);
        }
    }

    private void end(NetlinkMessage message, boolean carriesRequest) throws NetlinkFormatException {
        ended = true;
        message.require(ERROR_STRUCTURE);
        int result = message.payload().get(JAVA_INT_UNALIGNED, 0);
        // A dump's last result may be positive; only a negated error number is one.
        errno = result < 0 && result != Integer.MIN_VALUE ? -result : 0;
        if ((message.flags() & NetlinkMessage.NLM_F_ACK_TLVS) != 0) {
            long before = ERROR_STRUCTURE + (carriesRequest ? requestLength(message) : 0);
            text = message.attributesAfter(before).getString(NLMSGERR_ATTR_MSG);
        }
    }

    /** Bytes of our own request that stand before the attributes: all of it, or its header when capped. */
    private static long requestLength(NetlinkMessage message) throws NetlinkFormatException {
        message.require(ERROR_STRUCTURE + NetlinkMessage.HEADER);
        if ((message.flags() & NetlinkMessage.NLM_F_CAPPED) != 0) {
            return NetlinkMessage.HEADER;
        }
        return Integer.toUnsignedLong(message.payload().get(JAVA_INT_UNALIGNED, ERROR_STRUCTURE));
    }
}
