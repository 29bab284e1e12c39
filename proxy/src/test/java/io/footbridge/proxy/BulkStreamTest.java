package io.footbridge.proxy;

import static io.footbridge.proxy.Streams.ANY_PORT;
import static io.footbridge.proxy.Streams.accept;
import static io.footbridge.proxy.Streams.backEndAt;
import static io.footbridge.proxy.Streams.beside;
import static io.footbridge.proxy.Streams.connect;
import static io.footbridge.tap.TestNamespaces.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BulkStreamTest {
    @ParameterizedTest(name = "{0} MiB each way, {1} pipes")
    @CsvSource({"1024, 32", "64, 1", "64, 0"})
    void everyByteArrivesBothWaysAtOnce(long mebibytes, int pipes) throws Exception {
        try (Proxy proxy = Proxy.start(ProxySettings.defaults().withPipes(pipes)); ServerSocket listener = Streams.listen()) {
            Relay relay = proxy.relayTcp(ANY_PORT, backEndAt(listener));
            try (Socket client = connect(relay); Socket server = accept(listener)) {
                Future<Long> up = beside(() -> Streams.sendAll(client, mebibytes << 20));
                Future<Long> down = beside(() -> Streams.sendAll(server, mebibytes << 20));
                Future<Long> arrivedUp = beside(() -> Streams.receiveAll(server));
                assertThat(Streams.receiveAll(client)).isEqualTo(down.get(60, TimeUnit.SECONDS));
                assertThat(arrivedUp.get(60, TimeUnit.SECONDS)).isEqualTo(up.get());
            }
            await("the connection to end", () -> proxy.statistics().open() == 0);
            ProxyStatistics done = proxy.statistics();
            assertThat(done.bytesToBackEnd()).isEqualTo(mebibytes << 20);
            assertThat(done.bytesToClient()).isEqualTo(mebibytes << 20);
            assertThat(done.pipesLent()).isZero();
            assertThat(done.pipesMade()).isBetween(Math.min(pipes, 1), Math.min(pipes, 2));
        }
    }

    @Test
    void streamsWhoseReadersHaveStoppedLeaveTheOthersAtWork() throws Exception {
        int stopped = 8;
        try (Proxy proxy = Proxy.start(ProxySettings.defaults().withWorkers(1).withPipes(stopped / 2));
                ServerSocket listener = Streams.listen()) {
            Relay relay = proxy.relayTcp(ANY_PORT, backEndAt(listener));
            List<Socket> ends = new ArrayList<>();
            List<Future<Long>> sums = new ArrayList<>();
            for (int i = 0; i < stopped; i++) {
                Socket client = connect(relay);
                ends.add(client);
                ends.add(accept(listener));
                sums.add(beside(() -> Streams.sendAll(client, 32 << 20)));
            }
            await("all pipes to be lent", () -> proxy.statistics().pipesLent() == stopped / 2);
            try (Socket client = connect(relay); Socket server = accept(listener)) {
                Future<Long> sent = beside(() -> Streams.sendAll(client, 16 << 20));
                assertThat(Streams.receiveAll(server)).isEqualTo(sent.get(20, TimeUnit.SECONDS));
            }
            for (int i = 0; i < stopped; i++) {
                Socket server = ends.get(2 * i + 1);
                assertThat(Streams.receiveAll(server)).isEqualTo(sums.get(i).get(20, TimeUnit.SECONDS));
            }
            for (Socket end : ends) {
                end.close();
            }
            await("the pipes to return", () -> proxy.statistics().pipesLent() == 0);
            await("the connections to end", () -> proxy.statistics().open() == 0);
        }
    }

    @Test
    void aSlowReaderHoldsBackItsSenderAndNothingGrows() throws Exception {
        try (Proxy proxy = Proxy.start(ProxySettings.defaults()); ServerSocket listener = Streams.listen()) {
            Relay relay = proxy.relayTcp(ANY_PORT, backEndAt(listener));
            try (Socket client = connect(relay); Socket server = accept(listener)) {
                Future<Long> sent = beside(() -> Streams.sendAll(client, 256 << 20));
                byte[] sip = new byte[1024];
                long taken = 0;
                for (int i = 0; i < 2000; i++) {
                    taken += server.getInputStream().readNBytes(sip, 0, sip.length);
                    // Two socket buffers behind the proxy, at most 4 MiB to send and 6 MiB to receive, and a pipe.
                    assertThat(proxy.statistics().bytesToBackEnd() - taken).isLessThan(16 << 20);
                }
                assertThat(sent.isDone()).isFalse();
                assertThat(proxy.statistics().pipesMade()).isLessThanOrEqualTo(2);
                Streams.end(client);
            }
        }
    }
}
