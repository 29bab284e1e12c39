package io.footbridge.control.dhcp;

import io.footbridge.wire.Dhcp;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.MacAddress;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;

/** The DHCP server (RFC 2131 section 4.3). */
public final class DhcpServer {
    /** The smallest message that every client takes: what BOOTP's always was. */
    private static final int MIN_LENGTH = 300;

    private DhcpServer() {
    }

    /**
     * An answer, and where it goes.
     *
     * @param message the UDP payload
     * @param to the destination address, at port 68
     * @param mac the destination MAC
     */
    public record Reply(byte[] message, Ipv4Address to, long mac) {
    }

    /** What is answered to a client's message; empty for nothing. */
    public static Optional<Reply> answer(Lease lease, byte[] message) {
        MemorySegment request = MemorySegment.ofArray(message);
        int length = Dhcp.check(request, 0, message.length);
        if (length < 0 || lease.ipv4().isEmpty() || lease.gateway4().isEmpty()
            || Dhcp.operation(request, 0) != Dhcp.REQUEST_OPERATION || Dhcp.clientMac(request, 0) != lease.mac()
            || Dhcp.relayAddress(request, 0) != 0) {
            return Optional.empty();
        }
        int server = Dhcp.optionAddress(request, 0, length, Dhcp.SERVER_IDENTIFIER);
        if (server != 0 && server != lease.gateway4().get().address()) {
            // It has chosen another's offer.
            return Optional.empty();
        }
        return switch (Dhcp.messageType(request, 0, length)) {
            case Dhcp.DISCOVER -> Optional.of(write(lease, request, Dhcp.OFFER));
            case Dhcp.REQUEST -> Optional.of(write(lease, request, wanted(request, length) == lease.ipv4().get().address()
                ? Dhcp.ACK : Dhcp.NAK));
            case Dhcp.INFORM -> Dhcp.clientAddress(request, 0) == lease.ipv4().get().address()
                ? Optional.of(write(lease, request, Dhcp.INFORM)) : Optional.empty();
            default -> Optional.empty();
        };
    }

    /** The address that a request is for: in an option until the client has it, then in its place. */
    private static int wanted(MemorySegment request, int length) {
        int requested = Dhcp.optionAddress(request, 0, length, Dhcp.REQUESTED_ADDRESS);
        return requested != 0 ? requested : Dhcp.clientAddress(request, 0);
    }

    /** The type INFORM is answered with an ACK that gives no address. */
    private static Reply write(Lease lease, MemorySegment request, int type) {
        byte[] bytes = new byte[2 * MIN_LENGTH];
        MemorySegment reply = MemorySegment.ofArray(bytes);
        int gateway = lease.gateway4().orElseThrow().address();
        int at = Dhcp.writeReply(reply, 0, request, 0);
        at = Dhcp.writeByte(reply, 0, at, Dhcp.MESSAGE_TYPE, type == Dhcp.INFORM ? Dhcp.ACK : type);
        at = Dhcp.writeInt(reply, 0, at, Dhcp.SERVER_IDENTIFIER, gateway);
        if (type == Dhcp.NAK) {
            return finish(reply, bytes, at, Ipv4Address.BROADCAST, MacAddress.BROADCAST);
        }
        if (type == Dhcp.INFORM) {
            Dhcp.clientAddress(reply, 0, Dhcp.clientAddress(request, 0));
        } else {
            if (type == Dhcp.ACK) {
                Dhcp.clientAddress(reply, 0, Dhcp.clientAddress(request, 0));
            }
            Dhcp.yourAddress(reply, 0, lease.ipv4().orElseThrow().address());
            at = Dhcp.writeInt(reply, 0, at, Dhcp.LEASE_TIME, Lease.SECONDS);
        }
        at = Dhcp.writeInt(reply, 0, at, Dhcp.SUBNET_MASK, lease.ipv4().orElseThrow().mask());
        if (lease.isRouted()) {
            at = Dhcp.writeInt(reply, 0, at, Dhcp.ROUTER, gateway);
        }
        at = Dhcp.writeInt(reply, 0, at, Dhcp.DNS_SERVER, gateway);
        at = Dhcp.writeShort(reply, 0, at, Dhcp.INTERFACE_MTU, lease.mtu());
        boolean has = Dhcp.clientAddress(request, 0) != 0;
        boolean all = !has && (Dhcp.flags(request, 0) & Dhcp.BROADCAST_FLAG) != 0;
        return finish(reply, bytes, at, all ? Ipv4Address.BROADCAST : lease.ipv4().orElseThrow().asAddress(),
            all ? MacAddress.BROADCAST : lease.mac());
    }

    private static Reply finish(MemorySegment reply, byte[] bytes, int at, Ipv4Address to, long mac) {
        int length = Dhcp.writeEnd(reply, 0, at);
        return new Reply(Arrays.copyOf(bytes, Math.max(length, MIN_LENGTH)), to, mac);
    }
}
