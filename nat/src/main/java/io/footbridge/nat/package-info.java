/**
 * Connection tracking and address translation: which flow a packet belongs to, and how it reads on the other side.
 *
 * <h2>Theory of operation</h2>
 *
 * <p><b>Realms.</b> A realm is a set of addresses that mean one thing: each network is one, and each uplink. Every packet
 * is looked up as it reads in the realm it came from, and leaves as it is to read in the realm it goes to.
 *
 * <p><b>Tuples.</b> What is looked up is a {@link io.footbridge.nat.Tuple}: addresses, ports, protocol and realm. A session
 * has two: the <em>original</em> tuple, of the packet that opened it, and the <em>reply</em> tuple, of the packets that
 * come back. A packet that matches one is rewritten to the inverse of the other. This is all that translation is: SNAT
 * differs from DNAT in which half of the tuples differs, and a flow that is only tracked has two that differ in nothing.
 * ICMP queries have the identifier as their asker's port and the request's type as the other one. Other protocols have
 * no ports.
 *
 * <p><b>Sessions</b> ({@link io.footbridge.nat.ConnectionTable}) are off-heap records of fixed size, one table for each
 * family. A record has a line (IPv4) or two (IPv6) for each direction, and a packet touches only its own direction's:
 * the tuple that it is found by, what it is rewritten to, checksum differences, counters, last-seen time. So no cache
 * line is written by two workers while a flow is steady. What both directions decide together stands in one word
 * ({@link io.footbridge.nat.State}) that is changed by compare-and-set, and only when it changes.
 *
 * <p><b>The index</b> is an array of buckets of one cache line: a version word and seven slots. A slot is a tag of the
 * hash, a direction and a session's index. A key has two buckets. A reader looks at the first, and at the second only
 * where the first says that something was displaced from it; it waits for nobody, and verifies the tuple in the session's
 * own line. A writer claims an empty slot by compare-and-set, and makes it valid by a compare-and-set on the version word
 * of the key's first bucket: if anything was entered or removed there since it looked for its key, it looks again. So
 * two writers of one key make one entry.
 *
 * <p><b>A session is entered</b> with its inside tuple first, the one whose source is the host behind the NAT, whichever
 * direction opened it: two workers that open one flow from both ends meet in that bucket, and the later one takes the
 * earlier one's session.
 *
 * <p><b>Mappings.</b> An inside address and port has one outside address and port per protocol, whatever it talks to
 * (endpoint-independent mapping, RFC 4787): a mapping, which lives as long as it has sessions. An outside address has
 * an array of port words ({@link io.footbridge.nat.OutsideAddress}): a port is taken by compare-and-set of its word, and
 * the word says whose it is. Published ports are marked in the same words, so that no mapping is given one; a mapping that
 * has it already keeps it. Only where no port is free may a port serve a second inside host, and then only for another
 * destination: sessions stay unique because both of their tuples are in the index.
 *
 * <p><b>Opening</b> a session makes eight compare-and-sets, and none lets a later read begin. So what the new flows of a
 * batch will need is read before the first of them is opened, all together ({@link io.footbridge.nat.BatchOpening}). The
 * port that is tried where the own one is taken is therefore drawn by a secret number that each batch changes, and by the
 * inside end's hash, which nobody is shown: it can be told ahead by the worker, and by nobody else.
 * What is only counted, against the limits of an owner and of the table, is counted in for the batch at once ({@code
 * Allotment}), and records come from a stock of the worker's own ({@code RecordPool}).
 *
 * <p><b>Time.</b> A session expires when neither direction has been seen for the time-out of its state
 * ({@link io.footbridge.nat.Timeouts}). Nobody moves anything when a packet comes: a lookup that meets an expired session
 * removes it, and a sweep of bounded work visits all in turn. Removal is a compare-and-set of the state word, which
 * exactly one wins; the index entries go, and the record is reused when all workers have passed an epoch. A thread that
 * still holds it meanwhile sees one flow or none, never two mixed.
 *
 * <p><b>When the table is full</b>, a newcomer takes the place of a closed session, or of one that was never replied to;
 * never of a TCP session whose handshake was complete, nor of another that was replied to and is older than two seconds.
 * An {@link io.footbridge.nat.Owner}, usually a container, has limits of its own that hold even then; at them its newcomers
 * take the places of its own closed sessions, or of those from outside that are half open.
 *
 * <p><b>Rewriting</b> adds precomputed differences to checksums (RFC 1624): of addresses and of ports, since a partial
 * checksum covers addresses only. GSO frames are rewritten as they are.
 *
 * <p><b>TCP</b> ({@link io.footbridge.nat.Tracking}). A session's phase follows from who has sent a SYN, acknowledged the
 * other's, finished and reset, so it does not matter in which order two workers note what they see. A direction whose
 * segments change nothing any more is settled: they touch its own line alone until it sends a SYN or RST. Where windows
 * are checked, each direction notes in 16 bytes of its own what it has sent, acknowledged and allowed.
 *
 * <p><b>ICMP errors</b> ({@link io.footbridge.nat.IcmpErrors}) are of no flow. They go the way of the flow whose packet they
 * quote, which is rewritten with them, and change nothing.
 *
 * <p><b>Fragments</b> ({@link io.footbridge.nat.FragmentTable}) are not put together. Those that come after the first one
 * learn its ports, those that come before wait for it.
 */
package io.footbridge.nat;
