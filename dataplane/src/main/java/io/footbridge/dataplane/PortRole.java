package io.footbridge.dataplane;

/** What stands behind a port. */
public enum PortRole {
    /** A container: a namespace that holds addresses of the network. It is sent router advertisements. */
    CONTAINER,
    /** The host's own interface on the network, which holds the gateway's address and MAC. One per bridge. */
    HOST,
    /** A link with a network of its own behind it: many MACs, any addresses. */
    LINK
}
