/**
 * The modes: ways from a client to a server that are compared, one small class each.
 *
 * <h2>Theory of operation</h2>
 *
 * <p>A {@link io.footbridge.bench.mode.Mode} says who it is and why it cannot be here; asked to, it builds itself on a
 * {@link io.footbridge.bench.site.Site} and tells where client and server stand and at which address the one reaches the
 * other ({@link io.footbridge.bench.mode.Topology}). {@link io.footbridge.bench.mode.Standing} is a mode that is built: with the
 * responder at the server's end, and tried. {@link io.footbridge.bench.mode.Modes} lists them all; another mode is another
 * class and another line there.
 *
 * <p><b>Like with like.</b> Everything runs at MTU 1500, but for slirp4netns and pasta, which get the MTU of 65520 that their
 * callers give them. Bridges, NAT and uplinks carry traffic between namespaces. Modes that publish a port with a socket of the
 * host are reached from the host's loopback, since that is what docker-proxy is for, and so are those that go from a container
 * to the host.
 *
 * <p><b>As anyone would.</b> Ours are driven by {@code ./footbridge}, rivals with the options that their own callers use.
 */
package io.footbridge.bench.mode;
