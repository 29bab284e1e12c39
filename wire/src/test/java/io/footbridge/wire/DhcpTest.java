package io.footbridge.wire;

import static io.footbridge.wire.FrameBuilder.hex;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class DhcpTest {
    private static final long MAC = 0x0242_0a09_0002L;

    /** A DHCPDISCOVER as scapy makes it: requested address 10.9.0.2, parameter list 1, 3, 6, 26. */
    private static MemorySegment discover(String options) {
        return hex("01010600 3903f326 00008000 00000000 00000000 00000000 00000000 02420a09 00020000 00000000 00000000"
                + "00".repeat(192) + "63825363" + options);
    }

    @Test
    void fieldsOfAKnownMessage() {
        MemorySegment memory = discover("350101 32040a090002 3704 0103061a ff");
        int length = Dhcp.check(memory, 0, 256);
        assertThat(length).isEqualTo(255);
        assertThat(Dhcp.operation(memory, 0)).isEqualTo(Dhcp.REQUEST_OPERATION);
        assertThat(Dhcp.transaction(memory, 0)).isEqualTo(0x3903f326);
        assertThat(Dhcp.flags(memory, 0)).isEqualTo(Dhcp.BROADCAST_FLAG);
        assertThat(Dhcp.clientMac(memory, 0)).isEqualTo(MAC);
        assertThat(Dhcp.messageType(memory, 0, length)).isEqualTo(Dhcp.DISCOVER);
        assertThat(Dhcp.optionAddress(memory, 0, length, Dhcp.REQUESTED_ADDRESS)).isEqualTo(0x0a090002);
        assertThat(Dhcp.optionAddress(memory, 0, length, Dhcp.SERVER_IDENTIFIER)).isZero();
        assertThat(Dhcp.optionAddress(memory, 0, length, Dhcp.MESSAGE_TYPE)).as("one byte is no address").isZero();
        assertThat(Dhcp.option(memory, 0, length, 55)).isEqualTo(249);
        assertThat(Dhcp.describe(memory, 0, length)).isEqualTo(
                "DHCP type 1 of 02:42:0a:09:00:02, client address 0.0.0.0, your address 0.0.0.0");
    }

    @Test
    void whatLiesIsRefused() {
        assertThat(Dhcp.check(discover(""), 0, 239)).isEqualTo(DropReason.RUNT.code());
        assertThat(Dhcp.check(discover("35"), 0, 241)).isEqualTo(DropReason.BAD_HEADER.code());
        assertThat(Dhcp.check(discover("3502 01"), 0, 243)).isEqualTo(DropReason.BAD_HEADER.code());
        for (int wrong : new int[] {0, 1, 2, 236}) {
            MemorySegment memory = discover("ff");
            BigEndian.u8(memory, wrong, 9);
            assertThat(Dhcp.check(memory, 0, 241)).as("byte %d", wrong).isEqualTo(DropReason.BAD_HEADER.code());
        }
    }

    @Test
    void paddingAndAMissingEndAreTaken() {
        MemorySegment memory = discover("0000 350103 00");
        assertThat(Dhcp.check(memory, 0, 246)).isEqualTo(246);
        assertThat(Dhcp.messageType(memory, 0, 246)).isEqualTo(Dhcp.REQUEST);
        assertThat(Dhcp.messageType(discover("ff350103"), 0, 240)).isZero();
    }

    @Test
    void aReplyIsReadAsItWasWritten() {
        MemorySegment request = discover("350101ff");
        Dhcp.relayAddress(request, 0, 0x01020304);
        MemorySegment memory = MemorySegment.ofArray(new byte[300]).fill((byte) 0x55);
        int at = Dhcp.writeReply(memory, 3, request, 0);
        Dhcp.yourAddress(memory, 3, 0x0a090002);
        at = Dhcp.writeByte(memory, 3, at, Dhcp.MESSAGE_TYPE, Dhcp.OFFER);
        at = Dhcp.writeInt(memory, 3, at, Dhcp.ROUTER, 0x0a090001);
        at = Dhcp.writeShort(memory, 3, at, Dhcp.INTERFACE_MTU, 1400);
        at = Dhcp.writeEnd(memory, 3, at);
        int length = Dhcp.check(memory, 3, at);
        assertThat(length).isEqualTo(at - 1);
        assertThat(Dhcp.operation(memory, 3)).isEqualTo(Dhcp.REPLY_OPERATION);
        assertThat(Dhcp.transaction(memory, 3)).isEqualTo(0x3903f326);
        assertThat(Dhcp.flags(memory, 3)).isEqualTo(Dhcp.BROADCAST_FLAG);
        assertThat(Dhcp.clientMac(memory, 3)).isEqualTo(MAC);
        assertThat(Dhcp.relayAddress(memory, 3)).isEqualTo(0x01020304);
        assertThat(Dhcp.clientAddress(memory, 3)).isZero();
        assertThat(Dhcp.yourAddress(memory, 3)).isEqualTo(0x0a090002);
        assertThat(Dhcp.messageType(memory, 3, length)).isEqualTo(Dhcp.OFFER);
        assertThat(Dhcp.optionAddress(memory, 3, length, Dhcp.ROUTER)).isEqualTo(0x0a090001);
        int mtu = Dhcp.option(memory, 3, length, Dhcp.INTERFACE_MTU);
        assertThat(BigEndian.u16(memory, 3 + mtu + 2)).isEqualTo(1400);
    }

    /** Any bytes, and any of a sound message changed or cut: no read leaves what is there. */
    @Property
    void noBytesMakeItThrow(@ForAll long seed, @ForAll @IntRange(max = 330) int size, @ForAll boolean sound) {
        Random random = new Random(seed);
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        if (sound) {
            MemorySegment whole = discover("350101 32040a090002 3704 0103061a ff");
            MemorySegment.copy(whole, 0, MemorySegment.ofArray(bytes), 0, Math.min(size, whole.byteSize()));
            if (size > 0) {
                bytes[random.nextInt(size)] = (byte) random.nextInt();
            }
        }
        MemorySegment memory = MemorySegment.ofArray(bytes);
        int length = Dhcp.check(memory, 0, size);
        assertThat(length).isBetween(-DropReason.count(), size);
        if (length >= 0) {
            for (int code = 0; code < 256; code++) {
                int at = Dhcp.option(memory, 0, length, code);
                assertThat(at < 0 || code == 0 || at + 2 + Dhcp.optionLength(memory, 0, at) <= size).isTrue();
                Dhcp.optionAddress(memory, 0, length, code);
            }
            assertThat(Dhcp.describe(memory, 0, length)).isNotBlank();
        }
    }
}
