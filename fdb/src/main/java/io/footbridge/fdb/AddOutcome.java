package io.footbridge.fdb;

/** What {@link ForwardingTable#add} did. */
public enum AddOutcome {
    /** There was none for this address. */
    ADDED,
    /** Took the place of one that was there. */
    REPLACED,
    /** Nothing changed: a static or permanent one is there. */
    EXISTS,
    /** Nothing changed: the table holds as many entries as it may. */
    FULL,
    /** Nothing changed: no address that a station can have (multicast or zero). */
    BAD_ADDRESS
}
