package io.footbridge.control.slirp;

import io.footbridge.control.dhcp.DhcpServer;
import io.footbridge.control.dhcp.Lease;
import io.footbridge.control.dns.DnsServer;
import io.footbridge.control.dns.LoopChannels;
import io.footbridge.control.dns.TcpDnsServer;
import io.footbridge.control.dns.UpstreamResolver;
import io.footbridge.control.dns.Zone;
import io.footbridge.dataplane.GatewayService;
import io.footbridge.dataplane.ServiceRequest;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Names and addresses for the target. What answers takes its time to load, so it is started beside the rest and questions
 * wait for it; the client does not. Any thread.
 */
final class SlirpServices implements GatewayService {
    private static final Logger LOG = LoggerFactory.getLogger(SlirpServices.class);
    /** Where a DHCP client listens. */
    private static final int DHCP_CLIENT = 68;
    /** More questions under way than this are too many while others wait. */
    private static final int FEW = 16;

    private final Zone zone;
    private final Optional<Lease> lease;
    private final CompletableFuture<DnsServer> dns = new CompletableFuture<>();

    /**
     * @param zone what is known of names
     * @param lease what the target is told of addresses; empty if nothing
     */
    SlirpServices(Zone zone, Optional<Lease> lease) {
        this.zone = zone;
        this.lease = lease;
    }

    /**
     * Starts what answers, on a thread of its own.
     *
     * @param tcp is told where DNS is served over TCP, once it is
     */
    void begin(Consumer<InetSocketAddress> tcp) {
        Thread.ofPlatform().name("services").daemon().start(() -> {
            try {
                // Needs nothing but /dev/urandom.
                SecureRandom random = SecureRandom.getInstance("NativePRNGNonBlocking");
                // Nothing to unpack: in the sandbox no file can be written.
                EventLoop loop = LoopChannels.NIO.newLoop("dns").next();
                DnsServer server = new DnsServer(new UpstreamResolver(loop, random));
                new TcpDnsServer(loop, server, () -> zone).address().ifPresent(tcp);
                dns.complete(server);
            } catch (NoSuchAlgorithmException | RuntimeException | LinkageError failed) {
                LOG.error("no DNS: {}", failed.toString());
                dns.completeExceptionally(failed);
            }
        });
    }

    @Override
    public void take(ServiceRequest request) {
        switch (request.kind()) {
            case DNS -> dns.whenComplete((server, failed) -> {
                if (failed != null) {
                    request.ignore();
                } else {
                    server.answer(zone, request.payload(), DnsServer.Transport.UDP, request.limit(), request.underWay() > FEW,
                        answer -> answer.ifPresentOrElse(request::answer, request::ignore));
                }
            });
            case DHCP -> lease.flatMap(given -> DhcpServer.answer(given, request.payload())).ifPresentOrElse(
                reply -> request.answer(reply.message(), new ServiceRequest.Asker(reply.mac(), reply.to(), DHCP_CLIENT)),
                request::ignore);
            case DHCPV6 -> request.ignore();
        }
    }

    /** What a target without names of its own knows: nothing, so everything is asked of the host's servers. */
    static Zone zone(SlirpNetwork network) {
        return new Zone("slirp4netns", List.of(network.prefix()), List.of(), true);
    }
}
