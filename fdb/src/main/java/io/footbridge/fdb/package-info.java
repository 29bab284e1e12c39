/**
 * The forwarding database (FDB): which MAC address is behind which port, shared by all workers.
 *
 * <h2>Theory of operation</h2>
 *
 * <p>{@link io.footbridge.fdb.ForwardingTable} is one run of 64-byte lines off-heap, four 16-byte entries to a line. The
 * key (VLAN and MAC) picks a home line by a seeded hash; the number of lines needs no power of two. An entry that finds
 * its home full stands in the next line that is not, and the home line remembers how far the farthest of its own may
 * be: its <em>reach</em>, in three spare bits of its first key word, as a power of two up to 64 lines. So nearly every
 * hit, and every miss in a home that never overflowed, reads one line. {@link io.footbridge.fdb.ForwardingTable#touch} and
 * {@link io.footbridge.fdb.ForwardingTable#lookup(long, long, int)} split a look-up in two, so that the misses of a batch
 * overlap.
 *
 * <h3>How a reader gets a whole entry without waiting</h3>
 *
 * <p>An entry is two words, so a reader could meet the key of one life of a slot and the value of another. The rules
 * that exclude this:
 * <ol>
 * <li>A value word carries a <em>life</em> number. A slot's key changes only while its value is dead, and the value
 *     that makes it alive again has the next life number.</li>
 * <li>A reader that found its key reads value, key, value. The key in the middle and equal lives on both sides mean
 *     that key and value belong to one life. Anything else means that the slot changed hands meanwhile, so that at
 *     some moment of this look-up the key was not in it: the answer is "absent", without a second try.</li>
 * <li>All changes of a live entry (refresh, move, take-over, removal) are one compare-and-set of the value word,
 *     life number included. What was read from an earlier life cannot succeed.</li>
 * </ol>
 * <p>The life number has 13 bits. To be fooled, a reader must be stopped between two neighbouring loads while its slot
 * is emptied and filled a multiple of 8192 times. Each time takes a removal by hand, a flush, or an entry's ageing
 * followed by a sweep's visit; a thread does not lose the processor that long while others keep it.
 *
 * <h3>How there is never a second entry for a key</h3>
 *
 * <p>Insertion claims a free slot by compare-and-set of its key word, with the claim bit set: readers do not match it,
 * other inserters do. It then searches the home's whole reach (which it raised before, if needed) for its key anew. Of
 * two that claim at once, the later claim is followed by a search that sees the earlier one. Whoever sees another claim,
 * or an entry that is just being removed, withdraws. If both see each other both withdraw, and the next frame
 * learns: {@link io.footbridge.fdb.LearnOutcome#BUSY}. No thread ever waits for another on the frame path; one that
 * is stopped inside an insertion delays the learning of that one address.
 *
 * <h3>Limits</h3>
 *
 * <p>Space is reserved in the counts before an entry appears, and given back after it is gone, each by
 * compare-and-set. So neither the table nor a port ever holds more than its limit, whatever the race; a port may for an
 * instant be refused its last place while an entry is on its way out. Learning leaves a sixteenth of the table to
 * entries made by hand, and a port may by default learn a sixteenth of the rest: whoever floods source addresses
 * fills his own share, and nothing is ever evicted to make room.
 *
 * <h2>Choices</h2>
 *
 * <ul>
 * <li>Three lines for every eight entries of capacity: 24 bytes an entry, two thirds full at the limit. Then one entry
 *     in eleven stands outside its home line, one in a hundred and fifty beyond the fourth, and among a million the
 *     farthest is some 33 lines away (simulated). One that found 65 full lines would be refused like one above the
 *     limit.</li>
 * <li>A reach only grows. Lowering it while others insert would take a lock or a version more. A table that was full
 *     for days pays for it with misses that read a few neighbouring lines; one that merely met a flood does not,
 *     since a port's share overflows next to no line.</li>
 * <li>An entry is refreshed once per tick (100 ms) at most, and never by an older tick: otherwise every frame would pull
 *     the line to its own processor.</li>
 * <li>Expired entries are absent to look-ups at once; the sweep only gives their space back. Until then they count.</li>
 * </ul>
 */
package io.footbridge.fdb;
