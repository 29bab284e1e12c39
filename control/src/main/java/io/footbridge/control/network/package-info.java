/**
 * Networks and their endpoints: the state of a daemon, and everything that can be asked of it.
 *
 * <p>{@link io.footbridge.control.network.ControlService} is the list of requests;
 * {@link io.footbridge.control.network.LocalControlService} carries them out, one at a time under one lock. Requests are
 * judged first; then devices, ports and addresses are taken in a fixed order, and given back in the reverse one where
 * the kernel or the engine refuses. Answers are immutable views: whoever holds one holds nothing of the state.
 *
 * <p><b>Outside.</b> Networks that name one link share one uplink; what they publish holds its ports as long as it is
 * wanted, whether or not the link is there. What a file declares may have to wait, and what has lost its link waits, too:
 * the daemon has that looked after now and then.
 *
 * <p><b>Names.</b> After each change of a network its names and leases are made anew ({@code Directory}) for whoever answers at
 * its gateway.
 *
 * <p>When the device behind a port goes, the engine says so and the endpoint is detached, as if a person had done it.
 */
package io.footbridge.control.network;
