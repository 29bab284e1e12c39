package io.footbridge.dataplane;

/** The connections that have something to do at the end of the cycle, linked through their records. Owning worker only. */
final class TcpQueue {
    private final TcpRecords records;
    private int first = TcpRecords.NONE;
    private int last = TcpRecords.NONE;

    TcpQueue(TcpRecords records) {
        this.records = records;
    }

    /** Adds a connection that is not in it yet; false where it is. */
    boolean add(int c) {
        if (records.is(c, TcpState.QUEUED)) {
            return false;
        }
        records.raise(c, TcpState.QUEUED);
        records.queued(c, TcpRecords.NONE);
        if (first < 0) {
            first = c;
        } else {
            records.queued(last, c);
        }
        last = c;
        return true;
    }

    boolean isEmpty() {
        return first < 0;
    }

    /** Takes all: the first of them, which {@link #next} leads on from. What is added meanwhile is for the next cycle. */
    int takeAll() {
        int c = first;
        first = TcpRecords.NONE;
        last = TcpRecords.NONE;
        return c;
    }

    /** The one behind a connection, which is no longer in the queue. */
    int next(int c) {
        int next = records.queued(c);
        records.queued(c, TcpRecords.NONE);
        records.lower(c, TcpState.QUEUED);
        return next;
    }
}
