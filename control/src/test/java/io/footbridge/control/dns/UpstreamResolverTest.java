package io.footbridge.control.dns;

import static io.footbridge.control.dns.Messages.answer;
import static io.footbridge.control.dns.Messages.code;
import static io.footbridge.control.dns.Messages.query;
import static io.footbridge.control.dns.Messages.records;
import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.tap.TestNamespaces;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Questions to the host's servers, played by sockets on the loopback. */
@Timeout(30)
class UpstreamResolverTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(150);

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final List<TestUpstream> upstreams = new ArrayList<>();

    @AfterEach
    void stop() throws IOException {
        for (TestUpstream upstream : upstreams) {
            upstream.close();
        }
        group.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    }

    private TestUpstream with(TestUpstream upstream) {
        upstreams.add(upstream);
        return upstream;
    }

    private UpstreamResolver resolver(Duration patience) {
        List<InetSocketAddress> servers = upstreams.stream().map(TestUpstream::address).toList();
        return new UpstreamResolver(group.next(), new Random(7), _ -> servers, patience);
    }

    private static DnsQuery question(String name) {
        try {
            return DnsQuery.read(query(name, DnsRecordType.A));
        } catch (DnsQuery.Refused refused) {
            throw new AssertionError(refused);
        }
    }

    private static CompletableFuture<Optional<byte[]>> ask(UpstreamResolver resolver, String name) {
        CompletableFuture<Optional<byte[]>> answer = new CompletableFuture<>();
        resolver.ask(question(name), false, answer::complete);
        return answer;
    }

    private static TestUpstream saying(DnsResponseCode code) {
        return new TestUpstream(query -> List.of(answer(query, code, 0)), _ -> List.of());
    }

    private static byte[] changed(byte[] message, Consumer<byte[]> change) {
        byte[] copy = message.clone();
        change.accept(copy);
        return copy;
    }

    private static byte[] good(byte[] query) {
        return answer(query, DnsResponseCode.NOERROR, 1);
    }

    @Test
    void eachQuestionHasAnIdentifierAndAPortOfItsOwnAndComesBackWithTheAskers() {
        TestUpstream upstream = with(TestUpstream.answering(1));
        UpstreamResolver resolver = resolver(LONG);
        for (int i = 0; i < 20; i++) {
            byte[] answer = ask(resolver, "a" + i + ".org.").join().orElseThrow();
            assertThat(answer).startsWith(0x12, 0x34);
            assertThat(records(answer)).containsExactly("a" + i + ".org. A 192.0.2.1");
        }
        assertThat(new HashSet<>(upstream.askers).size()).isGreaterThan(15);
        assertThat(upstream.asked.stream().map(message -> message[0] << 8 | message[1] & 0xff).distinct().count()).isGreaterThan(15);
        assertThat(resolver.underWay()).isZero();
    }

    @Test
    void whatAnswersAnotherQuestionIsNoAnswer() {
        with(new TestUpstream(query -> List.of(changed(good(query), bytes -> bytes[1]++),
            changed(good(query), bytes -> bytes[13]++), changed(good(query), bytes -> bytes[2] &= 0x7f),
            Arrays.copyOf(good(query), 11), Arrays.copyOf(good(query), 12), answer(query, DnsResponseCode.NOERROR, 2)), _ -> List.of()));
        assertThat(records(ask(resolver(LONG), "example.org.").join().orElseThrow())).hasSize(2);
    }

    @Test
    void lettersOfAnotherCaseAreTheSameQuestion() {
        with(new TestUpstream(query -> List.of(changed(good(query), bytes -> bytes[13] ^= 0x20)), _ -> List.of()));
        assertThat(ask(resolver(LONG), "example.org.").join()).isPresent();
    }

    @Test
    void aTruncatedAnswerIsAskedForAgainOverTcp() {
        TestUpstream upstream = with(new TestUpstream(query -> List.of(changed(good(query), bytes -> bytes[2] |= 2)),
            query -> List.of(answer(query, DnsResponseCode.NOERROR, 60))));
        assertThat(records(ask(resolver(LONG), "example.org.").join().orElseThrow())).hasSize(60);
        assertThat(upstream.asked).hasSize(2);
    }

    @Test
    void whereTcpFailsTheTruncatedAnswerCounts() {
        with(new TestUpstream(query -> List.of(changed(good(query), bytes -> bytes[2] |= 2)), _ -> List.of()));
        assertThat(Messages.isTruncated(ask(resolver(LONG), "example.org.").join().orElseThrow())).isTrue();
    }

    @Test
    void aServerThatSaysNothingIsFollowedByTheNextAndComesLastFromThenOn() {
        TestUpstream silent = with(TestUpstream.silent());
        with(TestUpstream.answering(1));
        UpstreamResolver resolver = resolver(SHORT);
        assertThat(ask(resolver, "a.org.").join()).isPresent();
        assertThat(ask(resolver, "b.org.").join()).isPresent();
        assertThat(silent.asked).hasSize(1);
    }

    @Test
    void aPortThatNobodyHasIsFollowedByTheNextAtOnce() throws IOException {
        TestUpstream gone = with(TestUpstream.silent());
        with(TestUpstream.answering(1));
        UpstreamResolver resolver = resolver(LONG);
        gone.close();
        assertThat(ask(resolver, "a.org.").join()).isPresent();
    }

    @Test
    void aServerThatFailsOrRefusesIsFollowedByTheNextAndItsWordCountsOnlyIfNoneIsBetter() {
        with(saying(DnsResponseCode.SERVFAIL));
        with(saying(DnsResponseCode.REFUSED));
        assertThat(code(ask(resolver(LONG), "a.org.").join().orElseThrow())).isEqualTo(DnsResponseCode.SERVFAIL);
        with(saying(DnsResponseCode.NXDOMAIN));
        assertThat(code(ask(resolver(LONG), "a.org.").join().orElseThrow())).isEqualTo(DnsResponseCode.NXDOMAIN);
    }

    @Test
    void whereNobodyAnswersThereIsNone() {
        with(TestUpstream.silent());
        with(TestUpstream.silent());
        UpstreamResolver resolver = resolver(SHORT);
        assertThat(ask(resolver, "a.org.").join()).isEmpty();
        assertThat(resolver.underWay()).isZero();
    }

    @Test
    void slowQuestionsHoldNoOthersUpAndAreBounded() {
        with(new TestUpstream(query -> new String(query, java.nio.charset.StandardCharsets.ISO_8859_1).contains("slow") ? List.of()
            : List.of(good(query)), _ -> List.of()));
        UpstreamResolver resolver = resolver(LONG);
        for (int i = 0; i < UpstreamResolver.LIMIT / 2; i++) {
            ask(resolver, "slow" + i + ".org.");
        }
        CompletableFuture<Optional<byte[]>> modest = new CompletableFuture<>();
        resolver.ask(question("modest.org."), true, modest::complete);
        assertThat(modest).as("of somebody who has many").isCompletedWithValue(Optional.empty());
        assertThat(ask(resolver, "quick.org.").join()).isPresent();
        for (int i = resolver.underWay(); i < UpstreamResolver.LIMIT; i++) {
            ask(resolver, "slow" + i + ".org.");
        }
        assertThat(ask(resolver, "late.org.")).as("one too many").isCompletedWithValue(Optional.empty());
        TestNamespaces.await("all of them asked", () -> upstreams.getFirst().asked.size() > UpstreamResolver.LIMIT / 2);
    }
}
