package io.footbridge.tap.netlink;

import java.io.IOException;

/** A netlink message whose lengths contradict each other. The kernel sends none; close the socket that received it. */
public final class NetlinkFormatException extends IOException {
    private static final long serialVersionUID = 1L;

    NetlinkFormatException(String message) {
        super("netlink: " + message);
    }
}
