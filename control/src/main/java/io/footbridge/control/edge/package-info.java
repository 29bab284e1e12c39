/**
 * The kernel's side of endpoints: which devices are made, in which namespace, in which order.
 *
 * <p><b>The private namespace.</b> TAPs are made in a namespace of the daemon's own under a name that is unique there,
 * and moved and renamed into the container by one message: no name can clash half-way, nobody sees a half-made device,
 * and the tun descriptor keeps our namespace alive rather than the container's. Of a veth our end stays there.
 *
 * <p><b>Nothing is left.</b> A TAP goes with its descriptor and a veth with our namespace, so that even after kill -9
 * the kernel removes both. What it does not undo, the settings of held links, is in a file first
 * ({@code SOCKET.d/links}), and the next daemon on that socket puts it back. Devices carry the daemon's instance id as
 * alias; only those of an instance that is known to be dead are ever removed.
 *
 * <p><b>Links of the host</b> that are held, as ports or for uplinks, are held once among all daemons, and the host's own
 * stack is deaf on them. For an uplink the packet socket's membership makes the link receive for a second MAC.
 *
 * <p><b>All or nothing.</b> {@link io.footbridge.control.edge.Edge} is the boundary that tests replace.
 */
package io.footbridge.control.edge;
