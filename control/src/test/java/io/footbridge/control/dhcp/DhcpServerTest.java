package io.footbridge.control.dhcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.wire.BigEndian;
import io.footbridge.wire.Dhcp;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv4Prefix;
import io.footbridge.wire.MacAddress;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class DhcpServerTest {
    private static final long MAC = 0x0242_0a09_0005L;
    private static final int OWN = 0x0a09_0005;
    private static final int GATEWAY = 0x0a09_0001;
    private static final int OTHER = 0x0a09_0006;

    private static Lease lease(boolean routed) {
        return new Lease(MAC, Optional.of(Ipv4Prefix.parse("10.9.0.5/24")), Optional.empty(), Optional.of(new Ipv4Address(GATEWAY)),
            Optional.empty(), MacAddress.ofIpv4(GATEWAY), routed, 1400);
    }

    /** A client's message with room for options, which {@link #options} writes. */
    private static MemorySegment message(int clientAddress) {
        MemorySegment memory = MemorySegment.ofArray(new byte[300]);
        Dhcp.writeReply(memory, 0, memory, 0);
        Dhcp.operation(memory, 0, Dhcp.REQUEST_OPERATION);
        Dhcp.transaction(memory, 0, 77);
        Dhcp.clientMac(memory, 0, MAC);
        Dhcp.clientAddress(memory, 0, clientAddress);
        return memory;
    }

    private static byte[] options(MemorySegment message, int type, int... codesAndValues) {
        int at = Dhcp.writeByte(message, 0, Dhcp.HEADER_LENGTH, Dhcp.MESSAGE_TYPE, type);
        for (int i = 0; i < codesAndValues.length; i += 2) {
            at = Dhcp.writeInt(message, 0, at, codesAndValues[i], codesAndValues[i + 1]);
        }
        Dhcp.writeEnd(message, 0, at);
        return (byte[]) message.heapBase().orElseThrow();
    }

    private static Optional<DhcpServer.Reply> answer(byte[] message) {
        return DhcpServer.answer(lease(true), message);
    }

    private static int type(DhcpServer.Reply reply) {
        MemorySegment memory = MemorySegment.ofArray(reply.message());
        return Dhcp.messageType(memory, 0, Dhcp.check(memory, 0, reply.message().length));
    }

    private static int option(DhcpServer.Reply reply, int code) {
        MemorySegment memory = MemorySegment.ofArray(reply.message());
        return Dhcp.optionAddress(memory, 0, Dhcp.check(memory, 0, reply.message().length), code);
    }

    @Test
    void aDiscoverIsOfferedTheAddressWithAllThatBelongsToIt() {
        DhcpServer.Reply offer = answer(options(message(0), Dhcp.DISCOVER)).orElseThrow();
        MemorySegment memory = MemorySegment.ofArray(offer.message());
        assertThat(offer.message()).hasSize(300);
        assertThat(type(offer)).isEqualTo(Dhcp.OFFER);
        assertThat(Dhcp.transaction(memory, 0)).isEqualTo(77);
        assertThat(Dhcp.yourAddress(memory, 0)).isEqualTo(OWN);
        assertThat(option(offer, Dhcp.SUBNET_MASK)).isEqualTo(0xffffff00);
        assertThat(option(offer, Dhcp.ROUTER)).isEqualTo(GATEWAY);
        assertThat(option(offer, Dhcp.DNS_SERVER)).isEqualTo(GATEWAY);
        assertThat(option(offer, Dhcp.SERVER_IDENTIFIER)).isEqualTo(GATEWAY);
        assertThat(option(offer, Dhcp.LEASE_TIME)).isEqualTo(86_400);
        int mtu = Dhcp.option(memory, 0, 300, Dhcp.INTERFACE_MTU);
        assertThat(BigEndian.u16(memory, mtu + 2)).isEqualTo(1400);
        assertThat(offer.to().address()).isEqualTo(OWN);
        assertThat(offer.mac()).isEqualTo(MAC);
    }

    @Test
    void anInternalNetworkHasNoRouter() {
        DhcpServer.Reply offer = DhcpServer.answer(lease(false), options(message(0), Dhcp.DISCOVER)).orElseThrow();
        assertThat(option(offer, Dhcp.ROUTER)).isZero();
        assertThat(option(offer, Dhcp.DNS_SERVER)).isEqualTo(GATEWAY);
    }

    @Test
    void whoCannotTakeUnicastYetIsAnsweredByBroadcast() {
        MemorySegment message = message(0);
        Dhcp.flags(message, 0, Dhcp.BROADCAST_FLAG);
        DhcpServer.Reply offer = answer(options(message, Dhcp.DISCOVER)).orElseThrow();
        assertThat(offer.to()).isEqualTo(Ipv4Address.BROADCAST);
        assertThat(offer.mac()).isEqualTo(MacAddress.BROADCAST);
    }

    @Test
    void theAddressIsConfirmedHoweverItIsAskedFor() {
        for (byte[] request : new byte[][] {
            options(message(0), Dhcp.REQUEST, Dhcp.REQUESTED_ADDRESS, OWN, Dhcp.SERVER_IDENTIFIER, GATEWAY),
            options(message(0), Dhcp.REQUEST, Dhcp.REQUESTED_ADDRESS, OWN),
            options(message(OWN), Dhcp.REQUEST)}) {
            DhcpServer.Reply ack = answer(request).orElseThrow();
            assertThat(type(ack)).isEqualTo(Dhcp.ACK);
            assertThat(Dhcp.yourAddress(MemorySegment.ofArray(ack.message()), 0)).isEqualTo(OWN);
        }
    }

    @Test
    void anotherAddressIsRefusedToAll() {
        for (byte[] request : new byte[][] {
            options(message(0), Dhcp.REQUEST, Dhcp.REQUESTED_ADDRESS, OTHER, Dhcp.SERVER_IDENTIFIER, GATEWAY),
            options(message(0), Dhcp.REQUEST, Dhcp.REQUESTED_ADDRESS, OTHER), options(message(OTHER), Dhcp.REQUEST),
            options(message(0), Dhcp.REQUEST)}) {
            DhcpServer.Reply nak = answer(request).orElseThrow();
            assertThat(type(nak)).isEqualTo(Dhcp.NAK);
            assertThat(Dhcp.yourAddress(MemorySegment.ofArray(nak.message()), 0)).isZero();
            assertThat(nak.to()).isEqualTo(Ipv4Address.BROADCAST);
        }
    }

    @Test
    void whoHasAnAddressIsToldTheRestAndNoLease() {
        DhcpServer.Reply ack = answer(options(message(OWN), Dhcp.INFORM)).orElseThrow();
        assertThat(type(ack)).isEqualTo(Dhcp.ACK);
        assertThat(Dhcp.yourAddress(MemorySegment.ofArray(ack.message()), 0)).isZero();
        assertThat(option(ack, Dhcp.LEASE_TIME)).isZero();
        assertThat(option(ack, Dhcp.DNS_SERVER)).isEqualTo(GATEWAY);
        assertThat(answer(options(message(OTHER), Dhcp.INFORM))).isEmpty();
    }

    @Test
    void whatIsForOthersOrNobodyIsNotAnswered() {
        assertThat(answer(options(message(0), Dhcp.REQUEST, Dhcp.REQUESTED_ADDRESS, OWN, Dhcp.SERVER_IDENTIFIER, OTHER))).isEmpty();
        assertThat(answer(options(message(OWN), Dhcp.RELEASE))).isEmpty();
        assertThat(answer(options(message(0), Dhcp.DECLINE, Dhcp.REQUESTED_ADDRESS, OWN))).isEmpty();
        assertThat(answer(options(message(0), Dhcp.OFFER))).isEmpty();
        MemorySegment another = message(0);
        Dhcp.clientMac(another, 0, MAC + 1);
        assertThat(answer(options(another, Dhcp.DISCOVER))).isEmpty();
        MemorySegment relayed = message(0);
        Dhcp.relayAddress(relayed, 0, OTHER);
        assertThat(answer(options(relayed, Dhcp.DISCOVER))).isEmpty();
        MemorySegment reply = message(0);
        Dhcp.operation(reply, 0, Dhcp.REPLY_OPERATION);
        assertThat(answer(options(reply, Dhcp.DISCOVER))).isEmpty();
    }

    /** Whatever is changed in a message: an answer gives the endpoint's own address or none. */
    @Property
    void noMessageGetsAnotherAddress(@ForAll long seed) {
        Random random = new Random(seed);
        byte[] message = options(message(random.nextBoolean() ? OWN : OTHER), 1 + random.nextInt(8), 50, random.nextInt());
        for (int i = random.nextInt(4); i >= 0; i--) {
            message[random.nextBoolean() ? 236 + random.nextInt(20) : random.nextInt(message.length)] = (byte) random.nextInt();
        }
        answer(message).ifPresent(reply -> {
            MemorySegment memory = MemorySegment.ofArray(reply.message());
            assertThat(Dhcp.check(memory, 0, reply.message().length)).isPositive();
            assertThat(Dhcp.yourAddress(memory, 0)).isIn(0, OWN);
        });
    }
}
