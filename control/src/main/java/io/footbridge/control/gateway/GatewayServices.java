package io.footbridge.control.gateway;

import io.footbridge.control.dhcp.DhcpServer;
import io.footbridge.control.dhcp.Dhcpv6Server;
import io.footbridge.control.dhcp.Lease;
import io.footbridge.control.dns.DnsServer;
import io.footbridge.control.dns.LoopChannels;
import io.footbridge.control.dns.TcpDnsServer;
import io.footbridge.control.dns.UpstreamResolver;
import io.footbridge.control.dns.Zone;
import io.footbridge.dataplane.Bridge;
import io.footbridge.dataplane.Engine;
import io.footbridge.dataplane.GatewayService;
import io.footbridge.dataplane.Port;
import io.footbridge.dataplane.ServiceRequest;
import io.footbridge.wire.IpAddress;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/** Answers, at the gateways of networks that are {@link #update told} to it, DNS, DHCP and DHCPv6. Any thread. */
public final class GatewayServices implements GatewayService, AutoCloseable {
    /** Where a DHCP client listens. */
    private static final int DHCP_CLIENT = 68;
    /** Where a DHCPv6 client listens. */
    private static final int DHCPV6_CLIENT = 546;
    /** A port with more questions under way than this goes without when many others ask, too. */
    private static final int FEW = 16;

    private final EventLoopGroup group = LoopChannels.EPOLL.newLoop("dns");
    private final EventLoop loop = group.next();
    private final DnsServer dns;
    private final Map<Bridge, Served> served = new ConcurrentHashMap<>();

    /** What is known of a network; the picture is replaced, the listener stays. */
    private static final class Served {
        private volatile Picture picture;
        private final TcpDnsServer tcp;

        Served(Picture picture, EventLoop loop, DnsServer dns, Bridge bridge) {
            this.picture = picture;
            this.tcp = new TcpDnsServer(loop, dns, () -> this.picture.zone());
            bridge.tcpDns(tcp.address().orElse(null));
        }
    }

    private record Picture(Zone zone, Map<Port, Lease> leases) {
    }

    private GatewayServices(RandomGenerator random) {
        dns = new DnsServer(new UpstreamResolver(loop, random));
    }

    /**
     * Begins to answer what an engine's gateways are asked.
     *
     * @param random unguessable: identifiers of DNS questions are drawn from it
     */
    public static GatewayServices start(Engine engine, RandomGenerator random) throws IOException {
        GatewayServices services = new GatewayServices(random);
        try {
            engine.serve(services);
        } catch (IOException | RuntimeException failed) {
            services.close();
            throw failed;
        }
        return services;
    }

    /** Takes a network's names and leases for what they are from now on. */
    public synchronized void update(Bridge bridge, Zone zone, Map<Port, Lease> leases) {
        Picture picture = new Picture(zone, Map.copyOf(leases));
        Served known = served.get(bridge);
        if (known == null) {
            served.put(bridge, new Served(picture, loop, dns, bridge));
        } else {
            known.picture = picture;
        }
    }

    /** Forgets a network. */
    public synchronized void remove(Bridge bridge) {
        Served known = served.remove(bridge);
        if (known != null) {
            bridge.tcpDns(null);
            known.tcp.close();
        }
    }

    @Override
    public void take(ServiceRequest request) {
        Served network = served.get(request.port().bridge());
        if (network == null) {
            request.ignore();
            return;
        }
        Picture picture = network.picture;
        switch (request.kind()) {
            case DNS -> dns.answer(picture.zone(), request.payload(), DnsServer.Transport.UDP, request.limit(),
                request.underWay() > FEW, answer -> answer.ifPresentOrElse(request::answer, request::ignore));
            case DHCP -> lease(picture, request).flatMap(lease -> DhcpServer.answer(lease, request.payload())).ifPresentOrElse(
                reply -> request.answer(reply.message(), new ServiceRequest.Asker(reply.mac(), reply.to(), DHCP_CLIENT)),
                request::ignore);
            case DHCPV6 -> lease(picture, request).flatMap(lease -> Dhcpv6Server.answer(lease, request.payload())).ifPresentOrElse(
                reply -> request.answer(reply, client(request)), request::ignore);
        }
    }

    private static Optional<Lease> lease(Picture picture, ServiceRequest request) {
        return Optional.ofNullable(picture.leases().get(request.port()));
    }

    private static ServiceRequest.Asker client(ServiceRequest request) {
        IpAddress address = request.asker().address();
        return new ServiceRequest.Asker(request.asker().mac(), address, DHCPV6_CLIENT);
    }

    /** Answers nothing any more. */
    @Override
    public void close() {
        served.keySet().forEach(this::remove);
        group.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    }
}
