/**
 * The engine: workers that take frames from endpoints and see each to where it belongs.
 *
 * <h2>Theory of operation</h2>
 *
 * <p>An {@link io.footbridge.dataplane.Engine} has bridges, a bridge has ports, and each port has an endpoint (a TAP
 * queue or a packet socket). Each port is received from by one worker, its owner; any worker sends to any port. A bridge is
 * a network, or the link of an {@link io.footbridge.dataplane.Uplink}; between them the engine routes.
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
 * owner's epoll set; when all workers have passed an epoch its FDB entries and its flows are removed and its descriptor is
 * closed, so neither a port index nor a descriptor number can mean something else to a worker that still holds it.
 *
 * <p><b>The gateway</b> (Gateway, Ipv4Gateway, Ipv6Gateway) is the address at which the engine itself answers. Its MAC is
 * a permanent FDB entry. Where the host has an interface on the network, that interface shares the gateway's address and
 * MAC, and the engine hands over what is addressed to it.
 *
 * <p><b>The gateway's services</b> (ServiceIntake, Services, GatewayService) are names and addresses: DNS, DHCP and DHCPv6.
 * The worker copies a question, checked, into a ring; one thread takes it from there to who answers, and the answer goes out by
 * the worker that owns the port it came by. A port may have a share of questions under way and no more. The host's interface
 * has the gateway's address but for these ports.
 *
 * <p><b>Uplinks</b> are bridges with one port, the link, on which the uplink's addresses are the gateway's: ARP, neighbour
 * discovery and echo are answered there as on a network, but as a host's, without router advertisements. Before an address is
 * used it is probed (AddressProbe), then announced; another host that claims it later is reported, and the address defended
 * at most once in ten seconds. An uplink's addresses are its own, those of its networks' pools, and those that are one
 * container's alone. What there is to route between stands in one immutable snapshot (Topology), which Routing makes anew
 * after each change; each bridge has a realm, the number under which its addresses are tracked.
 *
 * <p><b>The router's step</b> (RouteBatch) takes the frames of a batch that were sent to the gateway's MAC, once there is an
 * uplink, again pass by pass: headers, checksum and martians; the flow's index bucket; its line; the flow; where to; then
 * rewriting and sending. What is decided, in order (Router, NewFlows): an ICMP error goes the way of the flow that it speaks
 * of; a packet of a known flow goes the way of its flow; a new one from a network goes out by the network's route, or is
 * refused, with an ICMP error where one is due, if it is for another network or there is no route; a new one from an uplink
 * goes to who has published the port, who has the address alone, or whose mapping lets it in, or is answered if it is echo,
 * or ends. All this is known before the packet is changed, as are next hop and MTU, so that an error quotes it as it was sent.
 * Then it is tracked, rewritten, has a hop taken off, and goes out; in fragments where it must and may.
 *
 * <p><b>Hairpin.</b> A packet that would leave for an address of an uplink of this engine is turned round: it goes on as one
 * that came in by that uplink, with a second flow. So a container, or the host's interface, reaches a published port as others
 * do, and the container that serves it sees the outside address.
 *
 * <p><b>Next hops</b> (NextHops, Pending, Neighbours). A neighbour that is known is used; one that was not heard of for 30 s is
 * probed while it is used, three times, and then forgotten. For one that is unknown, packets wait, a few, as they came, in
 * memory of fixed size, and are routed from the start when it answers, whichever worker hears that. After three questions
 * in three seconds they are dropped and their senders told.
 *
 * <p><b>TCP by host sockets</b> (TcpSockets) is translated, not buffered. With the container this end speaks TCP, from a record
 * of sequence numbers (TcpRecords, TcpState); with the peer the kernel speaks it. A container's SYN begins a connection of the
 * host, and is answered when that one is there (TcpOpening); a client of a published port is accepted, and the container sent a
 * SYN from the client's address (TcpListeners, TcpInwards). Data of the container goes from the GSO frame to the socket with
 * one call (TcpInput), and the window that it is told is the free space of the socket's send buffer (TcpReceiveWindow). Data for
 * the container stays in the socket's receive queue until it is acknowledged, and is peeked from there straight into GSO frames,
 * again if it is lost (TcpOutput, TcpSegments). What packets and ready sockets change is acted on at the cycle's end, once for
 * each connection (TcpQueue); what time changes, when a wheel comes to it (TcpTimers).
 *
 * <p><b>UDP and echo by host sockets</b> (UdpSockets, EchoSockets, HostDatagrams). Each address and port of a container (of
 * echo: identifier) has one socket of the host, not connected, with the same port if that is free: whomever the container speaks
 * with sees one port (MappedSockets). Datagrams of a batch are sent from where they lie when it has been decided, those of one
 * session and length as one message; what arrives is received into the batch's slots, and its headers are written before it
 * (ContainerFrames), so that a run of datagrams stays one GSO frame both ways. Fragments are put together first (Reassembly).
 * Sockets are set to refuse what is too long for the path, unless the container's datagram had no DF; that, and what ICMP tells
 * the sockets' error queues, is told on with the container's own packet quoted (ContainerErrors). A published port is a socket
 * that stays (UdpForwards). Sessions end in the connection table without a word: what is kept beside is looked through every half
 * second (DatagramSessions), and a socket without sessions closed.
 *
 * <p><b>Endpoints vanish</b> when their namespace or link does. A TAP descriptor then answers EBADFD. A packet socket
 * says ENETDOWN once and is from then on looked at now and then: its link may come back, or be unregistered. Whoever
 * listens on the engine is told and removes the port.
 */
package io.footbridge.dataplane;
