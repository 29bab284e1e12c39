package io.footbridge.bench;

import io.footbridge.wire.Arp;
import io.footbridge.wire.Ethernet;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** Makes ARP replies. */
final class ArpAnswer {
    private ArpAnswer() {
    }

    /**
     * The reply to an ARP request of somebody who has an address already and asks for another's.
     *
     * @param frame offset of the Ethernet header of any frame
     * @param mac whose the address that is asked for is said to be
     */
    static Optional<MemorySegment> to(MemorySegment memory, long frame, int length, long mac) {
        long message = frame + Ethernet.HEADER_LENGTH;
        if (Ethernet.etherType(memory, frame) != Ethernet.ARP || Arp.check(memory, message, length - Ethernet.HEADER_LENGTH) < 0) {
            return Optional.empty();
        }
        int asker = Arp.senderAddress(memory, message);
        int asked = Arp.targetAddress(memory, message);
        if (Arp.operation(memory, message) != Arp.REQUEST || asker == 0 || asker == asked) {
            return Optional.empty();
        }
        // Native memory, as all frames of the engine are: what it has compiled for that is not good for an array.
        MemorySegment reply = Arena.ofAuto().allocate(Ethernet.HEADER_LENGTH + Arp.LENGTH);
        Ethernet.write(reply, 0, Ethernet.source(memory, frame), mac, Ethernet.ARP);
        Arp.writeReply(reply, Ethernet.HEADER_LENGTH, mac, asked, Ethernet.source(memory, frame), asker);
        return Optional.of(reply);
    }
}
