package io.footbridge.dataplane;

import io.footbridge.wire.IpAddress;

/**
 * What a service answers, on its way to the worker that sends it.
 *
 * @param from the gateway's address
 * @param fromPort the service's port
 * @param to whom
 * @param payload of the datagram; of to's family, it fits one
 */
record ServiceReply(IpAddress from, int fromPort, ServiceRequest.Asker to, byte[] payload) {
}
