package io.footbridge.dataplane;

import io.footbridge.nat.Tuple;
import io.footbridge.wire.Arp;
import io.footbridge.wire.Checksum;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Fragment;
import io.footbridge.wire.Frame;
import io.footbridge.wire.Icmp;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.MacAddress;
import io.footbridge.wire.Protocol;
import io.footbridge.wire.VirtioNetHeader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The gateway's IPv4 half: ARP (RFC 826), echo (RFC 1122), and errors for what has no way out. Owning worker only. */
final class Ipv4Gateway {
    private static final int HOPS = 64;
    private static final int LOOPBACK = 127;

    private final Answers answers;
    private final MemorySegment memory;

    Ipv4Gateway(Answers answers) {
        this.answers = answers;
        this.memory = answers.memory();
    }

    boolean isForGateway(GatewayAddresses gateway, long packet) {
        return gateway.hasIpv4 && Ipv4.destination(memory, packet) == gateway.ipv4;
    }

    /**
     * Takes an ARP message that reached the gateway.
     *
     * @param answering whether the gateway's address is the engine's to answer for
     * @return whether it was for the gateway alone
     */
    boolean arp(Bridge bridge, GatewayAddresses gateway, boolean answering, Port ingress, long offset, int length) {
        long message = offset + Ethernet.HEADER_LENGTH;
        if (!gateway.hasIpv4 || Arp.check(memory, message, length - Ethernet.HEADER_LENGTH) < 0) {
            return false;
        }
        int sender = Arp.senderAddress(memory, message);
        long senderMac = Arp.senderMac(memory, message);
        int target = Arp.targetAddress(memory, message);
        if (gateway.has(sender)) {
            if (!gateway.isRouter && senderMac != gateway.mac) {
                conflict(bridge, gateway, ingress, sender, senderMac);
            }
            return false;
        }
        boolean neighbour = Ipv4.isHost(sender) && gateway.isOnLink(sender) && MacAddress.isStation(senderMac);
        if (!gateway.has(target)) {
            if (neighbour && (sender == target || Arp.operation(memory, message) == Arp.REPLY)) {
                // Says of itself, to all, that it has another MAC now.
                bridge.neighbourTable().update(0, Tuple.mapped(sender), senderMac, bridge.tick());
            }
            return false;
        }
        if (neighbour) {
            bridge.neighbourTable().heard(sender, senderMac, bridge.tick());
        }
        if (!answering) {
            return false;
        }
        if (Arp.operation(memory, message) == Arp.REQUEST) {
            reply(bridge, ingress, offset, target, gateway.mac);
        }
        return true;
    }

    /** Answers an ARP request of the host's interface for an address of the uplink; false where it is none. */
    boolean answersFor(Bridge bridge, GatewayAddresses uplink, Port host, long offset, int length) {
        long message = offset + Ethernet.HEADER_LENGTH;
        if (Arp.check(memory, message, length - Ethernet.HEADER_LENGTH) < 0
                || Arp.operation(memory, message) != Arp.REQUEST || !uplink.has(Arp.targetAddress(memory, message))) {
            return false;
        }
        reply(bridge, host, offset, Arp.targetAddress(memory, message), uplink.mac);
        return true;
    }

    /** Answers an ARP request: the target has this MAC. */
    void reply(Bridge bridge, Port ingress, long offset, int target, long mac) {
        long message = offset + Ethernet.HEADER_LENGTH;
        int answerLength = Ethernet.HEADER_LENGTH + Arp.LENGTH;
        long answer = answers.begin(answerLength, Ethernet.source(memory, offset), mac, Ethernet.ARP);
        Arp.writeReply(memory, answer + Ethernet.HEADER_LENGTH, mac, target, Arp.senderMac(memory, message),
                Arp.senderAddress(memory, message));
        answers.send(bridge, ingress, answer, answerLength);
    }

    /** Another host says that it has an address of the uplink: the address is defended, now and then (RFC 5227, 2.4 b). */
    private void conflict(Bridge bridge, GatewayAddresses gateway, Port ingress, int address, long mac) {
        bridge.conflict(0, Tuple.mapped(address), mac);
        if (gateway.defends(bridge.clock().nanoTime())) {
            answers.sendArpRequest(bridge, ingress, MacAddress.BROADCAST, gateway.mac, address, address);
        }
    }

    /** Takes an IPv4 packet that was sent to the gateway's MAC; zero, or the negative code of a reason to drop. */
    int receive(Bridge bridge, GatewayAddresses gateway, Port ingress, long offset, long parsed, long now) {
        long packet = offset + Frame.networkOffset(parsed);
        if (!Ipv4.verify(memory, packet)) {
            return DropReason.BAD_CHECKSUM.code();
        }
        int source = Ipv4.source(memory, packet);
        int destination = Ipv4.destination(memory, packet);
        if (!Ipv4.isHost(source) || gateway.has(source) || isLoopback(destination) || destination == 0) {
            return DropReason.MARTIAN.code();
        }
        if (!Ipv4.isHost(destination) || destination == gateway.ipv4Broadcast) {
            return DropReason.NOT_SERVED.code();
        }
        if (!gateway.has(destination)) {
            unreachable(bridge, gateway, ingress, offset, packet, now);
            return DropReason.NO_UPLINK.code();
        }
        if (Frame.protocol(parsed) == Protocol.ICMP) {
            return icmp(bridge, ingress, offset, parsed);
        }
        unreachable(bridge, gateway, ingress, offset, packet, now);
        return DropReason.NOT_SERVED.code();
    }

    /**
     * Answers an echo request. Each fragment is turned round by itself: only the first holds the type, its checksum
     * changes by a known difference, and the asker puts the answer together as it did the question.
     */
    int icmp(Bridge bridge, Port ingress, long offset, long parsed) {
        long packet = offset + Frame.networkOffset(parsed);
        long message = offset + Frame.transportOffset(parsed);
        int length = Frame.transportLength(parsed);
        int fragment = Frame.fragment(parsed);
        if (fragment != Fragment.LATER) {
            if (Icmp.type(memory, message) != Icmp.ECHO_REQUEST || Icmp.code(memory, message) != 0) {
                return DropReason.NOT_SERVED.code();
            }
            if (fragment == Fragment.WHOLE && !isSound(offset, parsed, message, length)) {
                return DropReason.BAD_CHECKSUM.code();
            }
            Icmp.toEchoReply(memory, message);
        }
        int own = Ipv4.destination(memory, packet);
        Ipv4.destination(memory, packet, Ipv4.source(memory, packet));
        Ipv4.source(memory, packet, own);
        Ipv4.timeToLive(memory, packet, HOPS);
        int headerLength = Ipv4.headerLength(memory, packet);
        if (headerLength > Ipv4.MIN_HEADER_LENGTH) {
            // Options ask routers for things; an answer carries none of them, and zero bytes end the list.
            for (int i = Ipv4.MIN_HEADER_LENGTH; i < headerLength; i += Integer.BYTES) {
                memory.set(ValueLayout.JAVA_INT_UNALIGNED, packet + i, 0);
            }
        }
        Ipv4.writeChecksum(memory, packet);
        answers.turnRound(offset, Ethernet.destination(memory, offset));
        answers.send(bridge, ingress, offset, Frame.packetEnd(parsed));
        return 0;
    }

    private boolean isSound(long offset, long parsed, long message, int length) {
        long header = offset - VirtioNetHeader.LENGTH;
        if (VirtioNetHeader.needsChecksum(memory, header)) {
            return Checksum.complete(memory, header, offset, Frame.packetEnd(parsed)) >= 0
                    && Icmp.verify(memory, message, length);
        }
        return Icmp.verify(memory, message, length);
    }

    private void unreachable(Bridge bridge, GatewayAddresses gateway, Port ingress, long offset, long packet, long now) {
        if (!Icmp.mayAnswer(memory, packet) || !ingress.policy().errors.allows(now) || !gateway.errors.allows(now)) {
            return;
        }
        long answer = answers.begin(Ethernet.HEADER_LENGTH + Icmp.MAX_ERROR_LENGTH, Ethernet.source(memory, offset),
                gateway.mac, Ethernet.IPV4);
        int length = Icmp.writeError(memory, answer + Ethernet.HEADER_LENGTH, gateway.ipv4,
                Ipv4.source(memory, packet), Icmp.UNREACHABLE, Icmp.NETWORK_UNREACHABLE, 0, memory, packet);
        answers.send(bridge, ingress, answer, Ethernet.HEADER_LENGTH + length);
    }

    private static boolean isLoopback(int address) {
        return address >>> 24 == LOOPBACK;
    }
}
