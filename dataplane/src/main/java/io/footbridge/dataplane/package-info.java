/**
 * The engine: workers that take frames from endpoints and see each to where it belongs.
 *
 * <h2>Theory of operation</h2>
 *
 * <p>An {@link io.footbridge.dataplane.Engine} has bridges, a bridge has ports, and each port has an endpoint (a TAP
 * queue or a packet socket). Each port is received from by one worker, its owner; any worker sends to any port.
 *
 * <p><b>A worker's cycle</b> (Worker): run what other threads have asked for; ask epoll which ports have frames; for each
 * of those receive one batch, at most 32 frames or about 256 KiB, and forward it; pass an epoch. After some tens of
 * microseconds without work it leaves the epochs and blocks in epoll, where an eventfd wakes it.
 *
 * <p><b>A batch</b> (Forwarder) goes pass by pass, so that the cache misses of its frames overlap: parse all; touch both
 * FDB buckets of all; then learn and decide one by one. Frames stay where they were received. Each port they go to
 * lists their offsets, and is sent its list in one go when the batch is decided (Egress), so the buffers are free for
 * the next batch and the copy out still hits the cache. What is made here (answers, software segments) stands in the
 * worker's scratch area until that flush.
 *
 * <p><b>What is decided, in order</b>: is it a frame at all (runt, oversize, truncated, virtio-net header, for GSO frames
 * the headers it is segmented by); may this source be (multicast or zero MAC, source check); learn (a MAC bound
 * elsewhere is refused); a group address (link-local is not forwarded; storm limit; ARP and neighbour discovery for the
 * gateway are answered and go no further; else flood); the gateway's MAC; a known port (no reflection without hairpin,
 * no frame between isolated ports, no segment over the egress MTU); else flood, under the storm limit.
 *
 * <p><b>Drops.</b> Every exit is forward, answer or a {@link io.footbridge.wire.DropReason}, counted once: at the ingress
 * port for what the frame is or asks, at the egress port for what that port cannot take ({@code mtu},
 * {@code egress-*}). A step gives the reason as a negative number, so that the way there has neither object nor
 * exception.
 *
 * <p><b>Shared state.</b> What a person sets (settings, ports, gateway, captures) stands in immutable snapshots behind
 * volatile references; a batch reads each once. The forwarding database and the neighbour table are off-heap and
 * lock-free. Counters belong to one worker and one port each. A port that is removed first leaves the table, then its
 * owner's epoll set; when all workers have passed an epoch its FDB entries are removed and its descriptor is closed, so
 * neither a port index nor a descriptor number can mean something else to a worker that still holds it.
 *
 * <p><b>The gateway</b> (Gateway, Ipv4Gateway, Ipv6Gateway) is the address at which the engine itself answers. Its MAC is
 * a permanent FDB entry. Where the host has an interface on the network, that interface shares the gateway's address and
 * MAC, and the engine hands over what is addressed to it.
 *
 * <p><b>Endpoints vanish</b> when their namespace or link does. A TAP descriptor then answers EBADFD. A packet socket
 * says ENETDOWN once and is from then on looked at now and then: its link may come back, or be unregistered. Whoever
 * listens on the engine is told and removes the port.
 */
package io.footbridge.dataplane;
