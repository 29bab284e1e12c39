package io.footbridge.control.dns;

import static io.footbridge.control.dns.Messages.code;
import static io.footbridge.control.dns.Messages.isTruncated;
import static io.footbridge.control.dns.Messages.query;
import static io.footbridge.control.dns.Messages.records;
import static io.netty.handler.codec.dns.DnsRecordType.A;
import static io.netty.handler.codec.dns.DnsRecordType.AAAA;
import static io.netty.handler.codec.dns.DnsRecordType.ANY;
import static io.netty.handler.codec.dns.DnsRecordType.MX;
import static io.netty.handler.codec.dns.DnsRecordType.PTR;
import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.wire.IpAddress;
import io.footbridge.wire.IpPrefix;
import io.footbridge.wire.Ipv4Prefix;
import io.footbridge.wire.Ipv6Prefix;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is answered for a network, and what is asked of others. */
@Timeout(30)
class DnsServerTest {
    private static final EventLoopGroup GROUP = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private static final List<IpPrefix> SUBNETS = List.of(Ipv4Prefix.parse("10.9.0.0/24"), Ipv6Prefix.parse("fd09::/64"));
    private static final int LIMIT = 65_535;
    private static final Zone ZONE = zone(true);

    @AfterAll
    @AfterContainer
    static void stop() {
        GROUP.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    }

    private static Zone zone(boolean forwards) {
        return new Zone("Web", SUBNETS, List.of(host("Db", List.of("sql"), "10.9.0.5", "fd09::5"),
            host("api", List.of("all", "api"), "10.9.0.6"), host("api2", List.of("all", "db-only-v6"), "10.9.0.7"),
            host("six", List.of(), "fd09::8")), forwards);
    }

    private static Zone.Host host(String name, List<String> aliases, String... addresses) {
        return new Zone.Host(name, aliases, List.of(addresses).stream().map(IpAddress::parse).toList());
    }

    private static DnsServer server(InetSocketAddress... upstreams) {
        return new DnsServer(new UpstreamResolver(GROUP.next(), new Random(1), _ -> List.of(upstreams), Duration.ofSeconds(5)));
    }

    private static Optional<byte[]> ask(DnsServer server, Zone zone, byte[] message, DnsServer.Transport transport, int limit) {
        CompletableFuture<Optional<byte[]>> answer = new CompletableFuture<>();
        server.answer(zone, message, transport, limit, false, found -> assertThat(answer.complete(found)).isTrue());
        return answer.join();
    }

    private static byte[] ask(String name, DnsRecordType type) {
        return ask(server(), ZONE, query(name, type), DnsServer.Transport.UDP, LIMIT).orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({"db., A, 10.9.0.5", "DB., A, 10.9.0.5", "dB.web., A, 10.9.0.5", "sql., A, 10.9.0.5", "sql.WEB., A, 10.9.0.5",
        "db., AAAA, fd09:0:0:0:0:0:0:5", "six., AAAA, fd09:0:0:0:0:0:0:8"})
    void namesAndAliasesOfEndpointsHaveAddresses(String name, String type, String address) {
        byte[] answer = ask(name, DnsRecordType.valueOf(type));
        assertThat(code(answer)).isEqualTo(DnsResponseCode.NOERROR);
        assertThat(records(answer)).containsExactly(name.toLowerCase(java.util.Locale.ROOT) + " " + type + " " + address);
        assertThat(DnsQuery.flags(answer)).as("an authoritative answer, recursion desired and available").isEqualTo(0x8580);
    }

    @Test
    void theQuestionComesBackAsItWasAsked() {
        byte[] query = query("dB.WeB.", A);
        assertThat(ask(server(), ZONE, query, DnsServer.Transport.UDP, LIMIT).orElseThrow()).startsWith(0x12, 0x34)
            .containsSubsequence(java.util.Arrays.copyOfRange(query, 12, query.length));
    }

    @Test
    void aNameWithoutAnAddressOfTheFamilyOrWithoutThatTypeHasNoData() {
        for (byte[] answer : List.of(ask("api.", AAAA), ask("six.", A), ask("db.", MX), ask("db.", PTR))) {
            assertThat(code(answer)).isEqualTo(DnsResponseCode.NOERROR);
            assertThat(records(answer)).isEmpty();
        }
    }

    @Test
    void anyIsBothFamilies() {
        assertThat(records(ask("db.", ANY))).containsExactly("db. A 10.9.0.5", "db. AAAA fd09:0:0:0:0:0:0:5");
    }

    @Test
    void aSharedAliasIsToldInTurns() {
        DnsServer server = server();
        List<String> firsts = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            List<String> records =
                records(ask(server, ZONE, query("all.", A), DnsServer.Transport.UDP, LIMIT).orElseThrow());
            assertThat(records).containsExactlyInAnyOrder("all. A 10.9.0.6", "all. A 10.9.0.7");
            firsts.add(records.getFirst());
        }
        assertThat(firsts).containsExactly("all. A 10.9.0.6", "all. A 10.9.0.7", "all. A 10.9.0.6", "all. A 10.9.0.7");
    }

    @Test
    void addressesOfTheSubnetsHaveTheirEndpointsNames() {
        assertThat(records(ask("5.0.9.10.in-addr.arpa.", PTR))).containsExactly("5.0.9.10.in-addr.arpa. PTR Db.Web.");
        String six = "8" + ".0".repeat(27) + ".9.0.d.f.ip6.arpa.";
        assertThat(records(ask(six, PTR))).containsExactly(six + " PTR six.Web.");
        assertThat(code(ask("9.0.9.10.IN-ADDR.arpa.", PTR))).isEqualTo(DnsResponseCode.NXDOMAIN);
        assertThat(records(ask("5.0.9.10.in-addr.arpa.", A))).isEmpty();
    }

    @Test
    void whoSpeaksEdnsIsAnsweredInEdns() {
        byte[] answer = ask(server(), ZONE, query("db.", A, 4096), DnsServer.Transport.UDP, LIMIT).orElseThrow();
        assertThat(records(answer)).containsExactly("db. A 10.9.0.5", "OPT 1232");
    }

    @Test
    void whatIsTooLongSaysSoByUdpAndComesWholeOverTcp() {
        List<Zone.Host> many = IntStream.range(1, 100).mapToObj(i -> host("h" + i, List.of("all"), "10.9.0." + i)).toList();
        Zone zone = new Zone("web", SUBNETS, many, true);
        byte[] small = ask(server(), zone, query("all.", A), DnsServer.Transport.UDP, LIMIT).orElseThrow();
        assertThat(isTruncated(small)).isTrue();
        assertThat(small.length).isLessThanOrEqualTo(512);
        assertThat(records(small)).isEmpty();
        assertThat(records(ask(server(), zone, query("all.", A, 4096), DnsServer.Transport.UDP, LIMIT).orElseThrow())).hasSize(100);
        assertThat(isTruncated(ask(server(), zone, query("all.", A, 4096), DnsServer.Transport.UDP, 1232).orElseThrow())).isTrue();
        assertThat(records(ask(server(), zone, query("all.", A), DnsServer.Transport.TCP, LIMIT).orElseThrow())).hasSize(99);
    }

    @Test
    void whatIsNotKnownIsAskedOfTheHostsServers() throws IOException {
        try (TestUpstream upstream = TestUpstream.answering(1)) {
            for (String name : List.of("example.org.", "unknown.", "unknown.web.", "1.2.0.192.in-addr.arpa.")) {
                byte[] query = query(name, A);
                byte[] answer =
                    ask(server(upstream.address()), ZONE, query, DnsServer.Transport.UDP, LIMIT).orElseThrow();
                assertThat(answer).isEqualTo(Messages.answer(query, DnsResponseCode.NOERROR, 1));
            }
        }
    }

    @Test
    void anInternalNetworkKnowsItsOwnNamesAndAsksNobody() throws IOException {
        try (TestUpstream upstream = TestUpstream.answering(1)) {
            DnsServer server = server(upstream.address());
            assertThat(records(ask(server, zone(false), query("db.", A), DnsServer.Transport.UDP, LIMIT).orElseThrow())).hasSize(1);
            byte[] answer = ask(server, zone(false), query("example.org.", A), DnsServer.Transport.UDP, LIMIT).orElseThrow();
            assertThat(code(answer)).isEqualTo(DnsResponseCode.SERVFAIL);
            assertThat(upstream.asked).isEmpty();
        }
    }

    @Test
    void whatIsNoQuestionIsRefusedOrNotAnsweredAtAll() {
        DnsServer server = server();
        byte[] answer = query("db.", A);
        answer[2] |= (byte) 0x80;
        assertThat(ask(server, ZONE, answer, DnsServer.Transport.UDP, LIMIT)).as("an answer").isEmpty();
        assertThat(ask(server, ZONE, new byte[11], DnsServer.Transport.UDP, LIMIT)).isEmpty();
        byte[] update = query("db.", A);
        update[2] = 0x28;
        assertThat(code(ask(server, ZONE, update, DnsServer.Transport.UDP, LIMIT).orElseThrow())).isEqualTo(DnsResponseCode.NOTIMP);
        byte[] two = query("db.", A);
        two[5] = 2;
        assertThat(code(ask(server, ZONE, two, DnsServer.Transport.UDP, LIMIT).orElseThrow())).isEqualTo(DnsResponseCode.FORMERR);
        byte[] loop = query("db.", A);
        loop[12] = (byte) 0xc0;
        loop[13] = 12;
        assertThat(code(ask(server, ZONE, loop, DnsServer.Transport.UDP, LIMIT).orElseThrow())).isEqualTo(DnsResponseCode.FORMERR);
    }

    /** Any bytes, and any of a sound question changed or cut: no answer to an answer, and never more than is taken. */
    @Property(tries = 2000)
    void noMessageMakesItThrow(@ForAll long seed) {
        Random random = new Random(seed);
        byte[] message = random.nextInt(3) == 0 ? new byte[random.nextInt(80)] : query("db.web.", A, random.nextInt(2000));
        if (message.length > 0 && random.nextInt(3) == 0) {
            random.nextBytes(message);
        }
        for (int i = random.nextInt(4); i > 0 && message.length > 0; i--) {
            message[random.nextInt(message.length)] = (byte) random.nextInt();
        }
        byte[] cut = random.nextInt(3) == 0 ? java.util.Arrays.copyOf(message, random.nextInt(message.length + 1)) : message;
        Optional<byte[]> answer = ask(server(), zone(false), cut, DnsServer.Transport.UDP, 600);
        assertThat(answer.isPresent()).isEqualTo(DnsQuery.isQuery(cut));
        answer.ifPresent(bytes -> {
            assertThat(bytes.length).isBetween(12, 600);
            assertThat(bytes).startsWith(cut[0], cut[1]);
            assertThat(DnsQuery.flags(bytes) & DnsQuery.RESPONSE).isNotZero();
        });
    }
}
