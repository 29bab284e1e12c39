/**
 * Header access over off-heap frames, checksums, software segmentation, addresses as text, and the drop reasons.
 *
 * <h2>Theory of operation</h2>
 *
 * <p>A frame is a {@link java.lang.foreign.MemorySegment} and a {@code long} offset, both passed in locals. A protocol
 * is one final class of static methods over the two. No object stands for a frame or a header, and nothing here
 * allocates, locks, logs or throws once a header is checked, except methods that say they are off the frame path:
 * text parsing and formatting, and {@code describe}.
 *
 * <pre>
 *   headerOffset   frameOffset     + networkOffset     + transportOffset
 *        |              |                 |                   |
 *        v              v                 v                   v
 *        +--------------+----------+------+-------------------+-----------+---------+--------
 *        | virtio-net   | Ethernet | tags | IPv4 or IPv6      | TCP, UDP, | payload | padding
 *        | 10 bytes     | 14       | 0..2 | with options      | ICMP      |         |
 *        +--------------+----------+------+-------------------+-----------+---------+--------
 *                       |&lt;------------------- frameLength --------------------------------&gt;|
 *                                         |&lt;---------- packetLength --------------&gt;|
 * </pre>
 *
 * <p><b>Validate once.</b> Each class has one check that takes the bytes available and answers a length, or a negative
 * {@link io.footbridge.wire.DropReason#code()}. After it the accessors of that header cannot fail.
 * {@link io.footbridge.wire.Frame#parse} runs the checks of all layers in one go and answers one packed {@code long}.
 * A bridge that only forwards calls {@link io.footbridge.wire.Frame#parseLink}, for it must pass protocols
 * that it does not know.
 *
 * <p><b>Order in a class.</b> The header as a picture, field offsets, check, accessors, writer, formatter. Getter and
 * setter share one noun. Offsets given to a class are those of its own header within the segment.
 *
 * <p><b>Byte order and types.</b> Wire fields are big-endian and may stand at any address ({@link
 * io.footbridge.wire.BigEndian}); the virtio-net header alone is in the machine's order. A MAC address is the low 48
 * bits of a {@code long}, an IPv4 address an {@code int}, an IPv6 address two {@code long}s, high and low; ports and
 * lengths are {@code int}s without sign.
 *
 * <p><b>Who is believed.</b> Nobody. A length in a header is compared with the bytes that are there; {@code hdr_len} of
 * the virtio-net header is only a hint of the kernel's and is never read. Chains (IPv6 extension headers, TCP and
 * neighbour discovery options) have bounds.
 *
 * <p><b>Big frames.</b> A GSO frame is a TCP or UDP packet of up to 64 KiB that stands for many segments, with a
 * checksum field that holds only the pseudo-header's sum. {@link io.footbridge.wire.VirtioNetHeader} says which,
 * {@link io.footbridge.wire.Checksum} keeps or completes the sum, {@link io.footbridge.wire.Segmenter} cuts the frame
 * for an egress that cannot take it. Fragmentation offload (UFO) and tunnel offloads are refused: no endpoint of ours
 * asks the kernel for them.
 *
 * <p><b>Threads.</b> All is stateless: any thread may call anything; who owns the bytes is the caller's business.
 */
package io.footbridge.wire;
