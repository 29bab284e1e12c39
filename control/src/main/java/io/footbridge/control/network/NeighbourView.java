package io.footbridge.control.network;

import io.footbridge.dataplane.Neighbour;

/**
 * A line of a gateway's neighbour table.
 *
 * @param network the network's name
 * @param neighbour address, MAC and state
 */
public record NeighbourView(String network, Neighbour neighbour) {
}
