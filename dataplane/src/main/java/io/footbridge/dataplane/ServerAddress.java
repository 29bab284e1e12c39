package io.footbridge.dataplane;

import io.footbridge.wire.IpAddress;

/**
 * Where a server of the host listens.
 *
 * @param port 1 to 65,535
 */
public record ServerAddress(IpAddress address, int port) {
}
