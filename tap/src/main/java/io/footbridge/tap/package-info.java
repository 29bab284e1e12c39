/**
 * The Linux edge: system calls through {@code java.lang.foreign}, the endpoints where frames enter and leave, epoll.
 *
 * <h2>Theory of operation</h2>
 *
 * <p><b>System calls</b> go through one class per family (FileCalls, PipeCalls, SocketCalls, EpollCalls,
 * NamespaceCalls, ProcessCalls). They keep the kernel's convention, a result or a negated error number, because the frame path must tell
 * EAGAIN from EBADFD without an exception. Where a person is spoken to, the number becomes a
 * {@link io.footbridge.tap.SystemCallException}: the call, its object, the system's words and the cure. Pointers are
 * passed as addresses, and {@code errno} is left in a {@link io.footbridge.tap.CallState} that each thread owns, so that
 * a call allocates nothing once it is compiled.
 *
 * <p><b>An {@link io.footbridge.tap.Endpoint}</b> receives a batch of frames into a worker's own
 * {@link io.footbridge.tap.FrameBuffers} and sends from them, the 10-byte virtio-net header before each frame, verbatim:
 * a TCP stream crosses as frames of up to 64 KiB whose checksums nobody has computed. The receive side belongs to one
 * worker, any worker may send. {@link io.footbridge.tap.TapEndpoint} reads and writes frame by frame, packed one behind
 * the other. {@link io.footbridge.tap.PacketSocketEndpoint} moves a batch per call; how many slots it offers follows the
 * sizes seen, and it puts back the VLAN tag that the kernel takes off.
 *
 * <p><b>{@link io.footbridge.tap.Epoll}</b> is one worker's set, with an eventfd in it by which others wake the worker.
 *
 * <p>Namespaces and their links stand in the subpackages {@code namespace} and {@code netlink}.
 */
package io.footbridge.tap;
