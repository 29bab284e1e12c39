/**
 * The traffic of the workloads: programs of our own, so that there is no tool to install and every mode is asked the same.
 *
 * <h2>Theory of operation</h2>
 *
 * <p><b>Two ends.</b> A {@link io.footbridge.bench.traffic.Responder} stands at the server's end for as long as the mode
 * stands and serves every workload on one port, TCP and UDP: the first byte of a connection says what is wanted
 * ({@link io.footbridge.bench.traffic.Wish}). So whatever publishes, translates or relays ports has one port to carry. The
 * client's end is told what to do by a {@link io.footbridge.bench.traffic.Task} and gives an
 * {@link io.footbridge.bench.traffic.Outcome}. It runs on threads of this process whose sockets were made in the client's
 * namespace ({@link io.footbridge.bench.traffic.Place}), or, where the namespace belongs to a user namespace that this
 * process may not enter, in a process of its own in there ({@link io.footbridge.bench.traffic.Agent}): the same code.
 *
 * <p><b>Who measures.</b> Bulk TCP is counted by whoever receives, from its first byte to the end of the stream. Datagrams
 * are counted by the responder, which is asked over TCP. A round trip counts from the moment at which its request was due,
 * not from when it could be sent: a stall is seen by every request that fell into it (no coordinated omission).
 *
 * <p><b>Closing.</b> Where connections come and go the responder closes first, so that TIME-WAIT stays at its end and the
 * client never runs out of ports.
 *
 * <p><b>Nothing waits for ever.</b> All channels of a task are known to its {@link io.footbridge.bench.traffic.Channels};
 * whoever waits too long closes them, which ends every thread that is blocked in one.
 */
package io.footbridge.bench.traffic;
