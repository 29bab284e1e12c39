package io.footbridge.nat;

/** From whom a mapping's outside port takes packets (RFC 4787 section 5). */
public enum Filtering {
    /** From anyone. */
    ENDPOINT,
    /** From addresses that the inside host has sent to from that port. */
    ADDRESS,
    /** From addresses and ports that the inside host has sent to from that port. */
    ADDRESS_AND_PORT
}
