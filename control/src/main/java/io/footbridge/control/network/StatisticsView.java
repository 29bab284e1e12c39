package io.footbridge.control.network;

import io.footbridge.dataplane.PortStatistics;

/**
 * The counters of a port.
 *
 * @param network the network's name
 * @param endpoint the endpoint's name
 * @param counters since the port was made
 */
public record StatisticsView(String network, String endpoint, PortStatistics counters) {
}
