package io.footbridge.nat;

/**
 * What a packet of a batch is looked up by, and what was found ({@link BatchLookup}).
 *
 * <p>Mutable, so that a worker has one for each frame of a batch and allocates none; one thread at a time.
 */
public final class Lookup {
    private final Tuple tuple = new Tuple();
    long hash;
    /** The entry that it may be, before that is known. */
    int candidate;
    int flow;

    /** What it is looked up by. */
    public Tuple tuple() {
        return tuple;
    }

    /** What {@link ConnectionTable#hash} says of the tuple, once {@link BatchLookup#add} was told of it. */
    public long hash() {
        return hash;
    }

    /** What {@link ConnectionTable#find} would have said at {@link BatchLookup#find}. */
    public int flow() {
        return flow;
    }
}
