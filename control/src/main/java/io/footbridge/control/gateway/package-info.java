/**
 * What is served at the gateways' addresses: the engine brings the questions, and each network's names and leases answer
 * them.
 *
 * <p>{@link io.footbridge.control.gateway.GatewayServices} holds, for each network, an immutable picture of its names and its
 * endpoints, which is replaced whenever an endpoint comes or goes; who answers never waits for who changes.
 */
package io.footbridge.control.gateway;
