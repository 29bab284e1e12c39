package io.footbridge.control.network;

import io.footbridge.control.model.TransportProtocol;
import io.footbridge.wire.IpAddress;

/**
 * Published ports that follow each other, at one address.
 *
 * @param network the network's name
 * @param endpoint the endpoint's name
 * @param protocol their protocol
 * @param address where clients find them; 0.0.0.0 and :: for all of the uplink's addresses of a family
 * @param hostPort the first port there
 * @param containerPort the first port of the container
 * @param count how many
 */
public record BindingView(String network, String endpoint, TransportProtocol protocol, IpAddress address, int hostPort,
    int containerPort, int count) {
}
