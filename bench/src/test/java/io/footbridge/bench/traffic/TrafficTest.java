package io.footbridge.bench.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TrafficTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String LOOPBACK = "127.0.0.1";
    private static final long NANOS = 60_000_000;

    private final Host host = new LocalHost(Place.HERE);
    private int port;
    private Responder responder;

    @BeforeEach
    void listen() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        responder = new Responder(Place.HERE, LOOPBACK, port);
    }

    @AfterEach
    void end() throws IOException {
        responder.close();
    }

    private Task task(Task.Kind kind) {
        return new Task(kind, LOOPBACK, port, kind == Task.Kind.CONNECTIONS ? 1 : 2, 18, 1000, NANOS);
    }

    @ParameterizedTest
    @EnumSource(Task.Kind.class)
    void everyTaskComesToAFigure(Task.Kind kind) throws IOException {
        Outcome outcome = host.run(task(kind), LIMIT);
        assertThat(outcome.value()).isPositive().isFinite();
        assertThat(outcome.histogram().isEmpty()).isEqualTo(kind != Task.Kind.ROUND_TRIPS);
    }

    @Test
    void whereNobodyListensTheTaskFails() throws IOException {
        responder.close();
        for (Task.Kind kind : Task.Kind.values()) {
            assertThatThrownBy(() -> host.run(task(kind), LIMIT)).as("%s", kind).isInstanceOf(IOException.class);
        }
    }

    @Test
    void aServerThatNeverAnswersEndsTheTaskAtItsLimit() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getByName(LOOPBACK))) {
            Task task = new Task(Task.Kind.ROUND_TRIPS, LOOPBACK, silent.getLocalPort(), 1, 0, 1000, NANOS);
            assertThatThrownBy(() -> host.run(task, Duration.ofMillis(200))).hasMessageContaining("no end after");
        }
    }

    @Test
    void aRequestThatCouldNotBeSentInTimeCountsFromWhenItWasDue() throws IOException {
        // A million a second are due, far more than one connection can do: what is counted is from when they were due.
        Outcome outcome = host.run(new Task(Task.Kind.ROUND_TRIPS, LOOPBACK, port, 1, 0, 1_000_000, NANOS), LIMIT);
        assertThat(outcome.value()).isGreaterThan(1_000_000);
    }

    @Test
    void aConnectionThatSaysNothingIsDroppedOnDemand() throws IOException {
        try (Socket mute = new Socket(LOOPBACK, port)) {
            assertThat(mute.isConnected()).isTrue();
            Thread dropping = Thread.ofPlatform().daemon().start(() -> {
                while (!Thread.currentThread().isInterrupted()) {
                    responder.dropConnections();
                    Thread.onSpinWait();
                }
            });
            assertThat(mute.getInputStream().read()).isEqualTo(-1);
            dropping.interrupt();
        }
        assertThat(host.run(task(Task.Kind.STREAM), LIMIT).value()).isPositive();
    }
}
