/**
 * rtnetlink: links, addresses and routes of a namespace, by the kernel's own messages.
 *
 * <p><b>The shape.</b> A message is a 16-byte header, a fixed structure of its family, and attributes: {@code {u16
 * length, u16 type}} and data, padded to four, some of them lists of attributes again. Each family has one codec here
 * ({@code LinkCodec}, {@code AddressCodec}, {@code RouteCodec}) which knows the structure's offsets and the attributes'
 * numbers; {@code NetlinkRequest} writes, {@code NetlinkMessage} and {@code NetlinkAttributes} read. All numbers are in
 * the machine's byte order, addresses in the network's.
 *
 * <p><b>One request at a time.</b> A change asks for an acknowledgement and a question is answered before its own, so an
 * exchange ends at the first message that says so: an error (zero is the acknowledgement) or the end of a dump. Messages
 * of another sequence number, or not from the kernel, belong to nobody and are passed over. A dump during which the
 * table changed says so (NLM_F_DUMP_INTR) and is asked for again, some times. Waiting has a limit, though the kernel
 * answers before the send returns. The kernel's own sentence about what it disliked (extended acknowledgement) goes
 * into the error that the caller sees.
 *
 * <p><b>What is read is checked.</b> Every length is checked against what holds it, and a message that lies about its
 * lengths is a checked error of its own, never an exception of indexing and never a loop: each step consumes at least a
 * header.
 *
 * <p><b>Namespaces.</b> A netlink socket speaks for the namespace it was made in and keeps that namespace alive, so it
 * is closed when the work is done. Making and moving links crosses namespaces in one message, so that whoever asks inside
 * never finds a half-made {@code eth0}: a veth is born with its peer there already under its final name, and a TAP is
 * moved, renamed and set in one step. The kernel refuses such a birth as a whole. A move it does not undo: it moves,
 * then renames, then sets the rest, and stops where it fails (the new name decides beforehand only where the old one is
 * taken there as well); so a move that failed half way is undone here.
 */
package io.footbridge.tap.netlink;
