package io.footbridge.control.dhcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.wire.BigEndian;
import io.footbridge.wire.Dhcpv6;
import io.footbridge.wire.Ipv6Address;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class Dhcpv6ServerTest {
    private static final Ipv6Address OWN = Ipv6Address.parse("fd09::5");
    private static final Lease LEASE = new Lease(0x0242_0a09_0005L, Optional.empty(), Optional.of(OWN), Optional.empty(),
        Optional.of(Ipv6Address.parse("fd09::1")), 0x0242_0a09_0001L, true, 1500);
    private static final String CLIENT = "0001 000a 00030001 02420a090005 ";
    private static final String SERVER = "0002 000a 00030001 02420a090001 ";
    private static final String OTHER_SERVER = "0002 000a 00030001 02420a090009 ";
    private static final String IA = "0003 000c 00000007 00000000 00000000 ";
    private static final String IA_WITH_OWN = "0003 0028 00000007 00000000 00000000 0005 0018 fd09" + "0000".repeat(6)
        + "0005 00000e10 00001c20 ";
    private static final String IA_WITH_OTHER = IA_WITH_OWN.replace("0005 00000e10", "0006 00000e10");

    private static byte[] message(int type, String options) {
        return HexFormat.of().parseHex("%02x00abcd%s".formatted(type, options).replace(" ", ""));
    }

    private static MemorySegment answered(int type, int expected, String options) {
        byte[] reply = Dhcpv6Server.answer(LEASE, message(type, options)).orElseThrow();
        MemorySegment memory = MemorySegment.ofArray(reply);
        assertThat(Dhcpv6.check(memory, 0, reply.length)).isEqualTo(reply.length);
        assertThat(Dhcpv6.messageType(memory, 0)).isEqualTo(expected);
        assertThat(Dhcpv6.transaction(memory, 0)).isEqualTo(0xabcd);
        return memory;
    }

    private static long option(MemorySegment reply, int code) {
        return Dhcpv6.option(reply, Dhcpv6.HEADER_LENGTH, reply.byteSize(), code);
    }

    /** Each address of the first association with its valid lifetime. */
    private static List<String> addresses(MemorySegment reply) {
        long association = option(reply, Dhcpv6.IA_NA);
        List<String> all = new ArrayList<>();
        long end = Dhcpv6.next(reply, association);
        for (long at = Dhcpv6.value(association) + 12; at < end; at = Dhcpv6.next(reply, at)) {
            long value = Dhcpv6.value(at);
            all.add(Dhcpv6.optionCode(reply, at) == Dhcpv6.IA_ADDRESS
                ? new Ipv6Address(BigEndian.i64(reply, value), BigEndian.i64(reply, value + 8)) + " " + BigEndian.u32(reply, value + 20)
                : "status " + BigEndian.u16(reply, value));
        }
        return all;
    }

    private static void nothing(int type, String options) {
        assertThat(Dhcpv6Server.answer(LEASE, message(type, options))).isEmpty();
    }

    @Test
    void aSolicitIsAdvertisedTheAddressAndTheDnsServer() {
        MemorySegment reply = answered(Dhcpv6.SOLICIT, Dhcpv6.ADVERTISE, CLIENT + IA);
        assertThat(addresses(reply)).containsExactly("fd09::5 86400");
        assertThat(BigEndian.i32(reply, Dhcpv6.value(option(reply, Dhcpv6.IA_NA)))).isEqualTo(7);
        long dns = Dhcpv6.value(option(reply, Dhcpv6.DNS_SERVERS));
        assertThat(new Ipv6Address(BigEndian.i64(reply, dns), BigEndian.i64(reply, dns + 8))).hasToString("fd09::1");
        long client = Dhcpv6.value(option(reply, Dhcpv6.CLIENT_ID));
        assertThat(BigEndian.u48(reply, client + 4)).isEqualTo(0x0242_0a09_0005L);
        long server = Dhcpv6.value(option(reply, Dhcpv6.SERVER_ID));
        assertThat(BigEndian.u48(reply, server + 4)).isEqualTo(0x0242_0a09_0001L);
    }

    @Test
    void twoMessagesAreEnoughForWhoSaysSo() {
        MemorySegment reply = answered(Dhcpv6.SOLICIT, Dhcpv6.REPLY, CLIENT + IA + "000e 0000");
        assertThat(option(reply, Dhcpv6.RAPID_COMMIT)).isPositive();
        assertThat(addresses(reply)).containsExactly("fd09::5 86400");
    }

    @Test
    void theAddressIsGivenAndKept() {
        assertThat(addresses(answered(Dhcpv6.REQUEST, Dhcpv6.REPLY, CLIENT + SERVER + IA_WITH_OWN))).containsExactly("fd09::5 86400");
        assertThat(addresses(answered(Dhcpv6.RENEW, Dhcpv6.REPLY, CLIENT + SERVER + IA_WITH_OWN))).containsExactly("fd09::5 86400");
        assertThat(addresses(answered(Dhcpv6.REBIND, Dhcpv6.REPLY, CLIENT + IA_WITH_OWN))).containsExactly("fd09::5 86400");
    }

    @Test
    void anotherAddressIsOver() {
        assertThat(addresses(answered(Dhcpv6.REQUEST, Dhcpv6.REPLY, CLIENT + SERVER + IA_WITH_OTHER)))
            .containsExactly("fd09::5 86400");
        assertThat(addresses(answered(Dhcpv6.RENEW, Dhcpv6.REPLY, CLIENT + SERVER + IA_WITH_OTHER)))
            .containsExactly("fd09::5 86400", "fd09::6 0");
    }

    @Test
    void thereIsOneAddressAndNoPrefix() {
        MemorySegment reply = answered(Dhcpv6.SOLICIT, Dhcpv6.ADVERTISE, CLIENT + "0004 0004 00000001"
            + "0019 000c 00000002 00000000 00000000" + IA + IA);
        assertThat(addresses(reply)).containsExactly("fd09::5 86400");
        List<String> kinds = new ArrayList<>();
        for (long at = Dhcpv6.HEADER_LENGTH; at < reply.byteSize(); at = Dhcpv6.next(reply, at)) {
            kinds.add(Dhcpv6.optionCode(reply, at) + "/" + Dhcpv6.optionLength(reply, at));
        }
        assertThat(kinds).containsSubsequence("4/10", "25/18", "3/40", "3/18", "23/16");
    }

    @Test
    void whatIsRightForThisLinkIsConfirmed() {
        MemorySegment right = answered(Dhcpv6.CONFIRM, Dhcpv6.REPLY, CLIENT + IA_WITH_OWN);
        assertThat(BigEndian.u16(right, Dhcpv6.value(option(right, Dhcpv6.STATUS_CODE)))).isEqualTo(Dhcpv6.SUCCESS);
        MemorySegment wrong = answered(Dhcpv6.CONFIRM, Dhcpv6.REPLY, CLIENT + IA_WITH_OTHER);
        assertThat(BigEndian.u16(wrong, Dhcpv6.value(option(wrong, Dhcpv6.STATUS_CODE)))).isEqualTo(Dhcpv6.NOT_ON_LINK);
        nothing(Dhcpv6.CONFIRM, CLIENT + IA);
    }

    @Test
    void whoNeedsNoAddressIsToldTheDnsServer() {
        MemorySegment reply = answered(Dhcpv6.INFORMATION_REQUEST, Dhcpv6.REPLY, "");
        assertThat(option(reply, Dhcpv6.DNS_SERVERS)).isPositive();
        assertThat(option(reply, Dhcpv6.IA_NA)).isNegative();
        answered(Dhcpv6.RELEASE, Dhcpv6.REPLY, CLIENT + SERVER + IA_WITH_OWN);
        answered(Dhcpv6.DECLINE, Dhcpv6.REPLY, CLIENT + SERVER + IA_WITH_OWN);
    }

    @Test
    void whatIsForOthersOrMakesNoSenseIsNotAnswered() {
        nothing(Dhcpv6.SOLICIT, IA);
        nothing(Dhcpv6.SOLICIT, CLIENT + SERVER + IA);
        nothing(Dhcpv6.REQUEST, CLIENT + IA);
        nothing(Dhcpv6.REQUEST, CLIENT + OTHER_SERVER + IA);
        nothing(Dhcpv6.REBIND, CLIENT + SERVER + IA);
        nothing(Dhcpv6.REPLY, CLIENT + SERVER + IA);
        nothing(Dhcpv6.SOLICIT, "0001 0083" + "00".repeat(131) + IA);
        nothing(12, "");
        assertThat(Dhcpv6Server.answer(LEASE, new byte[] {1, 2, 3})).isEmpty();
    }

    /** Whatever is changed in a message, and however many associations it holds: an answer is sound, and gives no other address. */
    @Property
    void noMessageGetsAnotherAddress(@ForAll long seed) {
        Random random = new Random(seed);
        StringBuilder options = new StringBuilder(CLIENT);
        options.append(random.nextBoolean() ? SERVER : "");
        for (int i = random.nextInt(20); i > 0; i--) {
            options.append(List.of(IA, IA_WITH_OWN, IA_WITH_OTHER, "0004 0004 00000001", "0019 000c 00000002 00000000 00000000")
                .get(random.nextInt(5)));
        }
        byte[] message = message(1 + random.nextInt(12), options.toString());
        for (int i = random.nextInt(3); i > 0; i--) {
            message[random.nextInt(message.length)] = (byte) random.nextInt(8);
        }
        Dhcpv6Server.answer(LEASE, Arrays.copyOf(message, message.length - random.nextInt(3))).ifPresent(bytes -> {
            MemorySegment reply = MemorySegment.ofArray(bytes);
            assertThat(Dhcpv6.check(reply, 0, bytes.length)).isEqualTo(bytes.length);
            if (option(reply, Dhcpv6.IA_NA) >= 0) {
                assertThat(addresses(reply)).allMatch(one -> one.equals("fd09::5 86400") || one.endsWith(" 0") || one.equals("status 2"));
            }
        });
    }
}
