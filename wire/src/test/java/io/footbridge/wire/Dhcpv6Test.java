package io.footbridge.wire;

import static io.footbridge.wire.FrameBuilder.hex;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class Dhcpv6Test {
    /** A SOLICIT as scapy makes it: client id, elapsed time, an IA_NA with an address, option request. */
    private static final String SOLICIT = "01001234 0001000a 00030001 02420a090002 0008 0002 0000"
            + "0003 0028 00000007 00000000 00000000 0005 0018 fd090000000000000000000000000002 00000001 00000002"
            + "0006 0002 0017";

    @Test
    void optionsOfAKnownMessage() {
        MemorySegment memory = hex(SOLICIT);
        int size = (int) memory.byteSize();
        assertThat(Dhcpv6.check(memory, 0, size)).isEqualTo(size);
        assertThat(Dhcpv6.messageType(memory, 0)).isEqualTo(Dhcpv6.SOLICIT);
        assertThat(Dhcpv6.transaction(memory, 0)).isEqualTo(0x1234);
        long client = Dhcpv6.option(memory, Dhcpv6.HEADER_LENGTH, size, Dhcpv6.CLIENT_ID);
        assertThat(client).isEqualTo(4);
        assertThat(Dhcpv6.optionLength(memory, client)).isEqualTo(10);
        long association = Dhcpv6.option(memory, Dhcpv6.HEADER_LENGTH, size, Dhcpv6.IA_NA);
        assertThat(BigEndian.i32(memory, Dhcpv6.value(association))).isEqualTo(7);
        long start = Dhcpv6.value(association) + Dhcpv6.IA_NA_LENGTH;
        long end = Dhcpv6.next(memory, association);
        assertThat(Dhcpv6.checkOptions(memory, start, end)).isTrue();
        long address = Dhcpv6.option(memory, start, end, Dhcpv6.IA_ADDRESS);
        assertThat(BigEndian.i64(memory, Dhcpv6.value(address) + 8)).isEqualTo(2);
        assertThat(Dhcpv6.option(memory, Dhcpv6.HEADER_LENGTH, size, Dhcpv6.SERVER_ID)).isNegative();
        assertThat(Dhcpv6.describe(memory, 0, size)).isEqualTo("DHCPv6 type 1, transaction 001234, length 74");
    }

    @Test
    void whatLiesIsRefused() {
        assertThat(Dhcpv6.check(hex("010012"), 0, 3)).isEqualTo(DropReason.RUNT.code());
        assertThat(Dhcpv6.check(hex("01001234 0001"), 0, 6)).isEqualTo(DropReason.BAD_HEADER.code());
        assertThat(Dhcpv6.check(hex("01001234 0001 0003 0000"), 0, 10)).isEqualTo(DropReason.BAD_HEADER.code());
        String many = "00010000".repeat(Dhcpv6.MAX_OPTIONS);
        assertThat(Dhcpv6.check(hex("01001234" + many), 0, 260)).isEqualTo(260);
        assertThat(Dhcpv6.check(hex("01001234" + many + "00010000"), 0, 264)).isEqualTo(DropReason.BAD_HEADER.code());
    }

    @Test
    void aReplyIsReadAsItWasWritten() {
        MemorySegment memory = MemorySegment.ofArray(new byte[100]);
        Dhcpv6.messageType(memory, 2, Dhcpv6.REPLY);
        Dhcpv6.transaction(memory, 2, 0xabcdef);
        long association = 2 + Dhcpv6.HEADER_LENGTH;
        long at = Dhcpv6.writeAssociation(memory, association, 7, 3600, 7200);
        at = Dhcpv6.writeAddress(memory, at, 0xfd09L << 48, 2, 100, 200);
        Dhcpv6.optionLength(memory, association, (int) (at - Dhcpv6.value(association)));
        at = Dhcpv6.writeStatus(memory, at, Dhcpv6.NOT_ON_LINK);
        assertThat(Dhcpv6.check(memory, 2, (int) at - 2)).isEqualTo(4 + 4 + 12 + 4 + 24 + 4 + 2);
        assertThat(Dhcpv6.messageType(memory, 2)).isEqualTo(Dhcpv6.REPLY);
        assertThat(Dhcpv6.transaction(memory, 2)).isEqualTo(0xabcdef);
        assertThat(Dhcpv6.optionCode(memory, Dhcpv6.next(memory, association))).isEqualTo(Dhcpv6.STATUS_CODE);
        long address = Dhcpv6.value(association) + Dhcpv6.IA_NA_LENGTH;
        assertThat(BigEndian.i64(memory, Dhcpv6.value(address))).isEqualTo(0xfd09L << 48);
        assertThat(BigEndian.u32(memory, Dhcpv6.value(address) + 20)).isEqualTo(200);
    }

    /** Any bytes, and any of a sound message changed or cut: what is checked can be walked. */
    @Property
    void noBytesMakeItThrow(@ForAll long seed, @ForAll @IntRange(max = 120) int size, @ForAll boolean sound) {
        Random random = new Random(seed);
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        if (sound) {
            MemorySegment whole = hex(SOLICIT);
            MemorySegment.copy(whole, 0, MemorySegment.ofArray(bytes), 0, Math.min(size, whole.byteSize()));
            if (size > 0) {
                bytes[random.nextInt(size)] = (byte) random.nextInt(64);
            }
        }
        MemorySegment memory = MemorySegment.ofArray(bytes);
        int checked = Dhcpv6.check(memory, 0, size);
        if (checked < 0) {
            return;
        }
        assertThat(checked).isEqualTo(size);
        for (long at = Dhcpv6.HEADER_LENGTH; at < size; at = Dhcpv6.next(memory, at)) {
            assertThat(Dhcpv6.next(memory, at)).isLessThanOrEqualTo(size);
            Dhcpv6.checkOptions(memory, Dhcpv6.value(at), Dhcpv6.next(memory, at));
        }
        assertThat(Dhcpv6.describe(memory, 0, size)).isNotBlank();
    }
}
