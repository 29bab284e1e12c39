package io.footbridge.dataplane;

/** What is kept of a session of datagrams beside the connection table. Objects are used again. Owning worker only. */
final class DatagramSession {
    /** Its number among those of its protocol. */
    final int number;
    /** A flow of it, in either direction. */
    int flow;
    /** Tells it from another session that has the same number in the connection table. */
    long life;
    /** The socket that it goes by; null where there is no session. */
    MappedSocket socket;
    /** Whether it came in by a published port: then the other end is as below, whatever the container sees of it. */
    boolean inbound;
    /** Whether the container sees the gateway instead of the other end. */
    boolean hidden;
    /** The other end's address as the container sees it, in the form of a tuple. */
    long seenHigh;
    /** The other end's address as the container sees it, in the form of a tuple. */
    long seenLow;
    /** The other end's port as the container sees it. */
    int seenPort;
    /** The other end's address. */
    long high;
    /** The other end's address. */
    long low;
    int port;
    /** The interface by which a link-local other end is reached, else 0. */
    int scope;
    /** The address of the host that was asked, and answers. */
    long localHigh;
    /** The address of the host that was asked, and answers. */
    long localLow;

    /** When the container sent last, in ticks of the connection table. */
    int used;

    DatagramSession(int number) {
        this.number = number;
    }
}
