package io.footbridge.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.tap.CallState;
import io.footbridge.tap.SocketCalls;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SocketStockTest {
    private static final long MILLISECOND = 1_000_000;
    private static final BackEnd.Door DOOR = () -> null;
    private static final SocketStock.Key KEY = new SocketStock.Key(DOOR, SocketCalls.AF_INET);

    private final CallState state = new CallState();
    private long now = 1;
    private final SocketStock stock = new SocketStock(() -> now);

    @AfterEach
    void close() {
        stock.close(state);
    }

    /** A client comes this much later; the socket that it gets, or -1. */
    private int clientAfter(long millis) {
        now += millis * MILLISECOND;
        return stock.take(state, KEY);
    }

    private int[] sockets(int count) {
        return IntStream.generate(() -> SocketCalls.socket(state, SocketCalls.AF_INET, SocketCalls.SOCK_STREAM, 0)).limit(count).toArray();
    }

    private boolean isOpen(int socket) {
        return RelaySockets.type(state, socket) == SocketCalls.SOCK_STREAM;
    }

    @Test
    void nothingIsOrderedForClientsThatComeNowAndThen() {
        for (int i = 0; i < 5; i++) {
            assertThat(clientAfter(50)).isEqualTo(-1);
            assertThat(stock.order(KEY)).isZero();
        }
    }

    @Test
    void whileClientsComeCloseTogetherMoreAndMoreIsOrderedUpToALimitAndOnlyOnce() {
        clientAfter(0);
        for (int expected : new int[] {2, 4, 8, 16, 32, 32}) {
            clientAfter(1);
            assertThat(stock.order(KEY)).isEqualTo(expected);
            assertThat(stock.order(KEY)).isZero();
            stock.put(state, KEY, new int[0]);
        }
    }

    @Test
    void whatWasMadeIsTakenOnceEachAndOrderedAgainWhenHalfIsGone() {
        clientAfter(0);
        clientAfter(1);
        clientAfter(1);
        assertThat(stock.order(KEY)).isEqualTo(4);
        int[] made = sockets(8);
        stock.put(state, KEY, made);
        int[] taken = new int[8];
        for (int i = 0; i < 8; i++) {
            taken[i] = clientAfter(1);
        }
        assertThat(taken).containsExactlyInAnyOrder(made);
        assertThat(stock.order(KEY)).isEqualTo(32);
        stock.put(state, KEY, taken);
    }

    @Test
    void whatNobodyTakesIsClosedAndNotGivenToThoseWhoComeLater() {
        clientAfter(0);
        clientAfter(1);
        stock.order(KEY);
        int[] made = sockets(2);
        stock.put(state, KEY, made);
        now += SocketStock.KEPT_NANOS - 1;
        assertThat(stock.expire(state)).isTrue();
        assertThat(Arrays.stream(made).allMatch(this::isOpen)).isTrue();
        now += 1;
        assertThat(stock.expire(state)).isFalse();
        assertThat(Arrays.stream(made).noneMatch(this::isOpen)).isTrue();
        assertThat(clientAfter(0)).isEqualTo(-1);
    }

    @Test
    void anotherDoorAndAnotherFamilyHaveSocketsOfTheirOwn() {
        clientAfter(0);
        clientAfter(1);
        stock.put(state, KEY, sockets(1));
        assertThat(stock.take(state, new SocketStock.Key(() -> null, SocketCalls.AF_INET))).isEqualTo(-1);
        assertThat(stock.take(state, new SocketStock.Key(DOOR, SocketCalls.AF_INET6))).isEqualTo(-1);
        int own = clientAfter(1);
        assertThat(isOpen(own)).isTrue();
        stock.put(state, KEY, new int[] {own});
    }

    @Test
    void whatComesAfterTheEndIsClosed() {
        clientAfter(0);
        clientAfter(1);
        stock.order(KEY);
        stock.close(state);
        int[] made = sockets(2);
        stock.put(state, KEY, made);
        assertThat(Arrays.stream(made).noneMatch(this::isOpen)).isTrue();
        assertThat(stock.isEmpty()).isTrue();
    }
}
