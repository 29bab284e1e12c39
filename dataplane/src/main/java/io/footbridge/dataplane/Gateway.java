package io.footbridge.dataplane;

import io.footbridge.tap.FrameBuffers;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Frame;
import java.lang.foreign.MemorySegment;

/**
 * What the engine does as the network's gateway: answers ARP, neighbour discovery and echo at the gateway's address, passes
 * the questions for its services on, and takes packets for elsewhere, which have nowhere to go as long as the network has no
 * uplink.
 *
 * <p>Where the host has an interface on the network, that holds the gateway's address: then the host answers for it, and
 * the engine is only the next hop, but its services stay. Owning worker only.
 */
final class Gateway {
    /** What became of a multicast or broadcast frame: it says nothing to the gateway. */
    static final int PASSED = 0;
    /** The gateway has answered it or taken note; it is for others too, if there are any. */
    static final int HEARD = 1;
    /** It was for the gateway alone. */
    static final int TAKEN = 2;

    private final MemorySegment memory;
    private final Egress egress;
    private final Answers answers;
    private final Ipv4Gateway ipv4;
    private final Ipv6Gateway ipv6;
    private final Questions questions;
    private final Datagrams datagrams;
    /** Null where nobody serves. */
    private volatile ServiceIntake services;

    Gateway(int worker, FrameBuffers buffers, Egress egress) {
        this.memory = buffers.memory();
        this.egress = egress;
        this.answers = new Answers(worker, buffers, egress);
        this.ipv4 = new Ipv4Gateway(answers);
        this.ipv6 = new Ipv6Gateway(answers);
        this.questions = new Questions(answers, egress, ipv6);
        this.datagrams = new Datagrams(answers);
    }

    Questions questions() {
        return questions;
    }

    /** From now on questions for the gateway's services go into the ring; any thread. */
    void serve(FrameRing ring, Runnable wake) {
        services = new ServiceIntake(memory, ring, wake);
    }

    /** Sends a service's answer; outside a batch, whose end sends it. */
    void send(Port port, ServiceReply reply) {
        GatewayAddresses gateway = port.bridge().gatewayAddresses();
        if (gateway != null) {
            datagrams.send(port, gateway, reply);
        }
    }

    /** How it sends what it says. */
    Answers answers() {
        return answers;
    }

    RouterErrors newRouterErrors() {
        return new RouterErrors(answers);
    }

    /**
     * Looks at a multicast or broadcast frame.
     *
     * @return {@link #PASSED}, {@link #HEARD}, {@link #TAKEN}, or the negative code of a reason to drop
     */
    int takeMulticast(Bridge bridge, PortTable ports, Port ingress, long offset, int length) {
        AddressProbe probe = bridge.probe();
        if (probe != null) {
            probe.look(memory, offset, length);
        }
        GatewayAddresses gateway = bridge.gatewayAddresses();
        if (gateway == null || ingress == ports.host()) {
            return gateway != null && answersHost(bridge, ingress, offset, length) ? TAKEN : PASSED;
        }
        int etherType = Ethernet.etherType(memory, offset);
        if (etherType == Ethernet.ARP) {
            return ipv4.arp(bridge, gateway, ports.host() == null, ingress, offset, length) ? TAKEN : PASSED;
        }
        ServiceIntake intake = services;
        boolean serves = intake != null && gateway.isServed && ingress.policy().container;
        if (etherType == Ethernet.IPV6 && gateway.hasIpv6 || etherType == Ethernet.IPV4 && serves) {
            long parsed = Frame.parse(memory, offset, length);
            if (parsed < 0) {
                return PASSED;
            }
            int served = serves ? intake.take(gateway, ingress, offset, parsed) : ServiceIntake.NONE;
            if (served != ServiceIntake.NONE) {
                return served == 0 ? TAKEN : served;
            }
            return etherType == Ethernet.IPV4 ? PASSED
                    : ipv6.neighbourDiscovery(bridge, gateway, ports.host() == null, ingress, offset, parsed);
        }
        return PASSED;
    }

    /**
     * Takes a frame that is addressed to the gateway's MAC.
     *
     * @param size what is held against an MTU
     * @param now the cycle's time in nanoseconds
     * @return zero or more, or the negative code of a reason to drop
     */
    int receive(Bridge bridge, PortTable ports, Port ingress, long offset, int length, int size, long now) {
        AddressProbe probe = bridge.probe();
        if (probe != null) {
            probe.look(memory, offset, length);
        }
        GatewayAddresses gateway = bridge.gatewayAddresses();
        Port host = ports.host();
        if (gateway == null || ingress == host) {
            return gateway != null && answersHost(bridge, ingress, offset, length) ? 0 : DropReason.NOT_SERVED.code();
        }
        long parsed = Frame.parse(memory, offset, length);
        if (parsed < 0) {
            return (int) parsed;
        }
        ServiceIntake intake = services;
        if (intake != null && gateway.isServed) {
            int served = intake.take(gateway, ingress, offset, parsed);
            if (served != ServiceIntake.NONE) {
                return served;
            }
        }
        if (host != null && isForHost(gateway, offset, parsed)) {
            if (Frame.etherType(parsed) == Ethernet.ARP && Frame.tags(parsed) == 0) {
                // It may be the answer to a question of the engine's own.
                ipv4.arp(bridge, gateway, false, ingress, offset, length);
            }
            return toHost(ingress, host, offset, length, size);
        }
        if (Frame.tags(parsed) > 0) {
            return DropReason.NOT_SERVED.code();
        }
        return switch (Frame.etherType(parsed)) {
            case Ethernet.ARP -> ipv4.arp(bridge, gateway, host == null, ingress, offset, length)
                    ? 0 : DropReason.NOT_SERVED.code();
            case Ethernet.IPV4 -> gateway.hasIpv4
                    ? ipv4.receive(bridge, gateway, ingress, offset, parsed, now) : DropReason.NOT_SERVED.code();
            case Ethernet.IPV6 -> gateway.hasIpv6
                    ? ipv6.receive(bridge, gateway, host == null, ingress, offset, parsed, now)
                    : DropReason.NOT_SERVED.code();
            default -> DropReason.NOT_SERVED.code();
        };
    }

    /** Answers a ping of an address of an uplink; zero, or the negative code of a reason to drop. */
    int echo(Packet packet) {
        Port ingress = packet.ingress;
        return packet.isIpv6() ? ipv6.icmpv6(ingress.bridge(), ingress, packet.frame, packet.parsed)
                : ipv4.icmp(ingress.bridge(), ingress, packet.frame, packet.parsed);
    }

    /** The host's interface looks for addresses of the network's uplink: they are reached by the uplink's MAC. */
    private boolean answersHost(Bridge bridge, Port host, long offset, int length) {
        RoutePolicy route = bridge.routePolicy();
        GatewayAddresses uplink = route == null ? null : route.uplink.gatewayAddresses();
        if (uplink == null) {
            return false;
        }
        return switch (Ethernet.etherType(memory, offset)) {
            case Ethernet.ARP -> ipv4.answersFor(bridge, uplink, host, offset, length);
            case Ethernet.IPV6 -> {
                long parsed = Frame.parse(memory, offset, length);
                yield parsed >= 0 && ipv6.answersFor(bridge, uplink, host, offset, parsed);
            }
            default -> false;
        };
    }

    /** Sends a router advertisement to every container of a network that has IPv6; on the worker's thread. */
    void advertise(Bridge bridge) {
        GatewayAddresses gateway = bridge.gatewayAddresses();
        PortTable ports = bridge.portTable();
        if (gateway != null && gateway.hasIpv6) {
            for (int i = 0; i < ports.size(); i++) {
                if (ports.at(i).policy().container) {
                    ipv6.advertise(bridge, gateway, ports.at(i));
                }
            }
            egress.flush();
        }
    }

    private boolean isForHost(GatewayAddresses gateway, long offset, long parsed) {
        long packet = offset + Frame.networkOffset(parsed);
        return switch (Frame.etherType(parsed)) {
            case Ethernet.ARP -> true;
            case Ethernet.IPV4 -> ipv4.isForGateway(gateway, packet);
            case Ethernet.IPV6 -> ipv6.isForGateway(gateway, packet);
            default -> false;
        };
    }

    private int toHost(Port ingress, Port host, long offset, int length, int size) {
        if (ingress.policy().isolated && host.policy().isolated) {
            return DropReason.ISOLATED.code();
        }
        egress.forward(host, offset, length, size);
        return 0;
    }
}
