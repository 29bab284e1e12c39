package io.footbridge.dataplane;

import io.footbridge.wire.IpAddress;
import io.footbridge.wire.MacAddress;
import java.io.IOException;

/** Another host on the link answered for an address that was to be the uplink's. */
public final class AddressInUseException extends IOException {
    private static final long serialVersionUID = 1L;

    /** @param mac whose MAC answered */
    public AddressInUseException(IpAddress address, long mac) {
        super("address " + address + " is in use by " + MacAddress.format(mac));
    }
}
