package io.footbridge.dataplane;

/** What a TCP connection of {@link TcpRecords} is in the course of: its phase, and the bits of its flags. */
final class TcpState {
    /** Phase: there is no connection. */
    static final int FREE = 0;
    /** Phase: the host's connection is being made; the container waits for its SYN-ACK. */
    static final int CONNECTING = 1;
    /** Phase: the container has been sent a SYN-ACK. */
    static final int SYN_RECEIVED = 2;
    /** Phase: a client has come, and the container is to be sent a SYN, or has been. */
    static final int SYN_SENT = 3;
    /** Phase: data passes. */
    static final int ESTABLISHED = 4;

    /** Flag: it is on the list of those that have something to do. */
    static final int QUEUED = 1;
    /** Flag: the container is to be sent an acknowledgement. */
    static final int ACK_DUE = 1 << 1;
    /** Flag: the socket may have something to read. */
    static final int READABLE = 1 << 2;
    /** Flag: the socket's peer writes no more, or there was an error: what can be read is followed by the end. */
    static final int ENDING = 1 << 3;
    /** Flag: the end of what the socket's peer writes was reached; SND.NXT stood there, and the FIN stands there. */
    static final int EOF = 1 << 4;
    /** Flag: the container's FIN was passed on. */
    static final int FIN_RECEIVED = 1 << 5;
    /** Flag: the FIN was sent to the container. */
    static final int FIN_SENT = 1 << 6;
    /** Flag: the container has acknowledged the FIN. */
    static final int FIN_ACKED = 1 << 7;
    /** Flag: some data of the container did not fit the socket. */
    static final int OVERRUN = 1 << 8;
    /** Flag: the socket's free space is to be looked at. */
    static final int SPACE_DUE = 1 << 9;
    /** Flag: loss is being repaired. */
    static final int RECOVERY = 1 << 10;
    /** Flag: what begins at SND.UNA is to be sent again. */
    static final int RETRANSMIT = 1 << 11;
    /** Flag: the container's SYN offered SACK. */
    static final int SACK = 1 << 17;
    /** Flag: epoll will say when the socket has space, and the container is to be told then. */
    static final int AWAITS_SPACE = 1 << 18;
    /** Flag: the peer has sent urgent data, before which reading pauses. */
    static final int URGENT = 1 << 19;
    /** Flag: IPv6. */
    static final int IPV6 = 1 << 14;
    /** Flag: the socket peeks from an offset (SO_PEEK_OFF). */
    static final int PEEK_OFFSET = 1 << 15;
    /** Flag: a client of the host opened it. */
    static final int INWARDS = 1 << 16;

    private TcpState() {
    }
}
