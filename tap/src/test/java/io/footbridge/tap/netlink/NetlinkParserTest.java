package io.footbridge.tap.netlink;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.footbridge.tap.netlink.LinkSetting.Mtu;
import io.footbridge.tap.netlink.LinkSetting.Name;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Whatever bytes arrive, an exchange takes them in or refuses them with its own error. */
class NetlinkParserTest {
    private static final int SEQUENCE = 7;
    private static final int[] TYPES = {NetlinkMessage.NLMSG_ERROR, NetlinkMessage.NLMSG_DONE,
        NetlinkMessage.NLMSG_OVERRUN, LinkCodec.RTM_NEWLINK, AddressCodec.RTM_NEWADDR, RouteCodec.RTM_NEWROUTE};

    @Property(tries = 2000)
    void randomBytesAreTakenOrRefused(@ForAll @Size(max = 400) byte[] bytes) {
        digest(bytes);
    }

    @Property(tries = 3000)
    void randomBodiesUnderAGoodHeaderAreTakenOrRefused(@ForAll @Size(max = 300) byte[] body,
            @ForAll @IntRange(max = 5) int type, @ForAll short flags) {
        digest(message(TYPES[type], flags, body));
    }

    @Property(tries = 4000)
    void mutatedMessagesAreTakenOrRefused(@ForAll @IntRange(max = 3) int which, @ForAll long seed) {
        byte[] bytes = good(which);
        Random random = new Random(seed);
        int changes = 1 + random.nextInt(4);
        for (int i = 0; i < changes; i++) {
            int at = NetlinkMessage.HEADER + random.nextInt(bytes.length - NetlinkMessage.HEADER);
            bytes[at] = (byte) (random.nextBoolean() ? random.nextInt() : random.nextInt(12));
        }
        digest(bytes);
    }

    @Property(tries = 500)
    void aMessageCutShortIsTakenOrRefused(@ForAll @IntRange(max = 3) int which, @ForAll @IntRange(max = 300) int length) {
        byte[] bytes = good(which);
        byte[] cut = Arrays.copyOf(bytes, Math.min(length, bytes.length));
        digest(cut);
        if (cut.length >= NetlinkMessage.HEADER) {
            MemorySegment.ofArray(cut).set(JAVA_INT_UNALIGNED, 0, cut.length);
            digest(cut);
        }
    }

    @Example
    void whatWeWriteIsReadBack() throws NetlinkFormatException {
        List<Link> links = new ArrayList<>();
        LinkCodec.decode(first(good(0)), links::add);
        assertThat(links).singleElement().satisfies(link -> {
            assertThat(link.index()).isEqualTo(5);
            assertThat(link.name()).isEqualTo("eth0");
            assertThat(link.mtu()).isEqualTo(1400);
        });
        List<InterfaceAddress> addresses = new ArrayList<>();
        AddressCodec.decode(first(good(1)), addresses::add);
        assertThat(addresses).containsExactly(new InterfaceAddress(
                5, InetAddress.ofLiteral("10.9.0.1"), 24, 0, Set.of(AddressFlag.NODAD)));
        List<Route> routes = new ArrayList<>();
        RouteCodec.decode(first(good(2)), routes::add);
        assertThat(routes).containsExactly(route());
    }

    @Example
    void anErrorCarriesItsNumberAndTheKernelsWords() throws NetlinkFormatException {
        NetlinkExchange<Link> exchange = new NetlinkExchange<>(SEQUENCE, LinkCodec::decode);
        exchange.accept(MemorySegment.ofArray(good(3)));
        assertThat(exchange.ended()).isTrue();
        assertThat(exchange.answer()).isEqualTo(new NetlinkExchange.Answer<>(17, "no room", List.of()));
    }

    @Example
    void messagesOfAnotherRequestArePassedOver() throws NetlinkFormatException {
        NetlinkExchange<Link> exchange = new NetlinkExchange<>(SEQUENCE + 1, LinkCodec::decode);
        exchange.accept(MemorySegment.ofArray(good(0)));
        exchange.accept(MemorySegment.ofArray(good(3)));
        assertThat(exchange.ended()).isFalse();
        assertThat(exchange.answer().replies()).isEmpty();
    }

    @Example
    void aDisturbedDumpIsNoticedOnAnyOfItsMessages() throws NetlinkFormatException {
        NetlinkExchange<Link> exchange = new NetlinkExchange<>(SEQUENCE, LinkCodec::decode);
        byte[] link = good(0);
        MemorySegment.ofArray(link).set(JAVA_SHORT_UNALIGNED, 6, (short) NetlinkMessage.NLM_F_DUMP_INTR);
        exchange.accept(MemorySegment.ofArray(link));
        exchange.accept(MemorySegment.ofArray(message(NetlinkMessage.NLMSG_DONE, 0, new byte[4])));
        assertThat(exchange.interrupted()).isTrue();
        assertThat(exchange.ended()).isTrue();
        assertThat(exchange.answer().replies()).hasSize(1);
    }

    @Example
    void lengthsThatLieAreRefusedByName() {
        byte[] none = message(LinkCodec.RTM_NEWLINK, 0, new byte[32]);
        MemorySegment.ofArray(none).set(JAVA_INT_UNALIGNED, 0, 0);
        assertThatThrownBy(() -> NetlinkMessage.split(MemorySegment.ofArray(none)))
                .isInstanceOf(NetlinkFormatException.class).hasMessage("netlink: a message of 0 bytes in 48");
        assertThatThrownBy(() -> NetlinkAttributes.parse(MemorySegment.ofArray(new byte[] {0, 0, 1, 0})))
                .isInstanceOf(NetlinkFormatException.class).hasMessage("netlink: attribute 1 of 0 bytes in 4");
    }

    /** Every decoder gets its turn; only the checked error may come out. */
    private static void digest(byte[] bytes) {
        digest(bytes, LinkCodec::decode);
        digest(bytes, AddressCodec::decode);
        digest(bytes, RouteCodec::decode);
    }

    private static <T> void digest(byte[] bytes, NetlinkExchange.Decoder<T> decoder) {
        NetlinkExchange<T> exchange = new NetlinkExchange<>(SEQUENCE, decoder);
        try {
            exchange.accept(MemorySegment.ofArray(bytes));
            exchange.answer();
        } catch (NetlinkFormatException refused) {
            assertThat(refused).hasMessageStartingWith("netlink: ");
        }
    }

    private static Route route() {
        return Route.via(Prefix.parse("fd09::/64"), InetAddress.ofLiteral("fe80::1"), 5).withMetric(9);
    }

    private static byte[] good(int which) {
        return switch (which) {
            case 0 -> LinkCodec.change(5, OptionalInt.of(3), List.of(new Name("eth0"), new Mtu(1400)))
                    .sealed(SEQUENCE).toArray(JAVA_BYTE);
            case 1 -> AddressCodec.add(5, InetAddress.ofLiteral("10.9.0.1"), 24, Set.of(AddressFlag.NODAD))
                    .sealed(SEQUENCE).toArray(JAVA_BYTE);
            case 2 -> RouteCodec.add(route()).sealed(SEQUENCE).toArray(JAVA_BYTE);
            default -> {
                byte[] body = new byte[4 + NetlinkMessage.HEADER + 12];
                MemorySegment segment = MemorySegment.ofArray(body);
                segment.set(JAVA_INT_UNALIGNED, 0, -17);
                segment.set(JAVA_SHORT_UNALIGNED, 20, (short) 12);
                segment.set(JAVA_SHORT_UNALIGNED, 22, (short) 1);
                segment.setString(24, "no room");
                yield message(NetlinkMessage.NLMSG_ERROR,
                        NetlinkMessage.NLM_F_CAPPED | NetlinkMessage.NLM_F_ACK_TLVS, body);
            }
        };
    }

    private static NetlinkMessage first(byte[] bytes) throws NetlinkFormatException {
        return NetlinkMessage.split(MemorySegment.ofArray(bytes)).getFirst();
    }

    private static byte[] message(int type, int flags, byte[] body) {
        byte[] bytes = new byte[NetlinkMessage.HEADER + body.length];
        MemorySegment segment = MemorySegment.ofArray(bytes);
        segment.set(JAVA_INT_UNALIGNED, 0, bytes.length);
        segment.set(JAVA_SHORT_UNALIGNED, 4, (short) type);
        segment.set(JAVA_SHORT_UNALIGNED, 6, (short) flags);
        segment.set(JAVA_INT_UNALIGNED, 8, SEQUENCE);
        MemorySegment.copy(MemorySegment.ofArray(body), 0, segment, NetlinkMessage.HEADER, body.length);
        return bytes;
    }
}
