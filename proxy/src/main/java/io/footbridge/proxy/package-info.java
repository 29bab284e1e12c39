/**
 * The userland port proxy: one process that relays any number of published TCP and UDP ports.
 *
 * <h2>Theory of operation</h2>
 *
 * <p><b>Loops.</b> A {@link io.footbridge.proxy.Proxy} has a few workers, each a Netty epoll loop on which our own
 * descriptors are registered (EpollIoHandle); system calls go through {@code tap}. Netty's loop and an epoll loop of our
 * own were measured side by side and cannot be told apart: 20 µs for a 100-byte round trip with either, 1.0 and 0.8 µs to
 * register and remove a descriptor. Netty's io_uring transport has no splice, so it does not serve here.
 *
 * <p><b>Edges are hints.</b> Descriptors are registered once, edge-triggered, and an event only sets flags that say what
 * is worth trying; what is so, the next system call says. So an event that comes late, for a number that another socket
 * has by now, does no harm, a connection costs no epoll call while it lives, and nothing can spin. A turn is bounded; who
 * has more to do at its end asks epoll to look again, and others come first.
 *
 * <p><b>Streams</b> (TcpRelay, TcpConnection, Side, Flow). A message that fits 16 KiB is received into the worker's one
 * buffer and sent from there. One that fills it shows a stream, which goes on through a pipe: splice(2) from socket to
 * pipe to socket moves pages, not bytes. Pipes belong to the worker and are lent to a flow only while bytes are in them, so
 * that an idle connection has two descriptors. When all are lent, to flows whose reader has stopped, the others
 * copy. A flow never reads further than its other side has taken: the kernel's own windows make the sender wait, and
 * what is in flight here is one pipe or 16 KiB.
 *
 * <p><b>Congestion control</b> (CongestionControl). Where the system's is BBR, what is sent is spread over time by timers, which cost
 * a third of a stream's processor time and spare nothing on a machine's own links: connections that stay on the machine get another.
 * BBR paces from a connection's first moment to its last, so a listener has the other one, and clients that may be elsewhere are
 * given the system's choice when they are accepted.
 *
 * <p><b>Pipe memory</b> (PipeBudget) is counted by the kernel per user. Whoever spends it leaves all the user's programs
 * with pipes of two pages. Privileged, a pipe holds 1 MiB; else all pipes together stay under a quarter of the user's share.
 *
 * <p><b>Ends.</b> An end of stream is passed on when what came before it is, and the other direction goes on. A reset is
 * passed on as a reset, once the other side has acknowledged what was sent before it (or a few seconds later): it must
 * neither overtake data nor look like an orderly end. Where nothing was relayed before, and where a back end cannot be
 * reached, the client sees an end of stream, which is what clients of docker-proxy know. There is no idle time-out; a
 * peer that is gone is found by keep-alive.
 *
 * <p><b>Descriptors run out</b>: a listener that finds none stops accepting, a client that was accepted and has no socket
 * to its back end waits, and both try again a moment later. Who is served is not disturbed.
 *
 * <p><b>Namespaces</b> (BackEndSockets). A socket keeps the network namespace of the thread that made it. For a back end
 * behind a door a thread of its own enters, makes sockets for all that wait, and leaves; they are connected and
 * used by the workers, who never move. Between, nothing is held, so a container's namespace can end.
 *
 * <p><b>Datagrams</b> (UdpRelay, UdpClient, DatagramBatch) are received and sent by up to sixteen per system call, from
 * where they lie. Each client has a socket of its own to the back end. A client is told from others also by the address
 * it asked, from which its replies leave (IP_PKTINFO). Clients that are silent are forgotten, and the
 * longest silent one makes room when there are too many.
 */
package io.footbridge.proxy;
