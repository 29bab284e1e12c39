package io.footbridge.tap.netlink;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.footbridge.tap.CallState;
import io.footbridge.tap.Errno;
import io.footbridge.tap.FileCalls;
import io.footbridge.tap.SystemCallException;
import io.footbridge.tap.TestNamespaces;
import io.footbridge.tap.namespace.NetworkNamespace;
import io.footbridge.tap.netlink.LinkSetting.AddressGeneration;
import io.footbridge.tap.netlink.LinkSetting.Alias;
import io.footbridge.tap.netlink.LinkSetting.Mac;
import io.footbridge.tap.netlink.LinkSetting.Mtu;
import io.footbridge.tap.netlink.LinkSetting.Name;
import io.footbridge.tap.netlink.LinkSetting.State;
import io.footbridge.tap.netlink.LinkSetting.TxQueueLength;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A TAP made in our private namespace and moved to a container's, as attaching does it. */
class TapMoveTest {
    private static final long TUNSETIFF = 0x400454caL;
    private static final short TAP_WITHOUT_INFO_EXCLUSIVE = (short) 0x9002;
    private static final long MAC = 0x02_42_0a_09_00_05L;

    private TestNamespaces namespaces;
    private NetworkNamespace own;
    private NetworkNamespace target;
    private String targetName;
    private RouteNetlink netlink;

    @BeforeEach
    void begin() throws IOException {
        TestNamespaces.assumeCapable();
        namespaces = new TestNamespaces();
        targetName = namespaces.create();
        own = NetworkNamespace.createPrivate();
        target = NetworkNamespace.open(TestNamespaces.path(targetName));
        netlink = RouteNetlink.in(own);
    }

    @AfterEach
    void end() {
        if (namespaces != null) {
            netlink.close();
            own.close();
            target.close();
            namespaces.close();
        }
    }

    @Test
    void oneMessageMovesRenamesAndSetsEverything() throws IOException {
        int tap = tap("fb0");
        netlink.moveLink(netlink.link("fb0").orElseThrow().index(), target, List.of(new Name("eth0"), new Mac(MAC),
                new Mtu(1450), new TxQueueLength(4000), new Alias("footbridge"), new State(true)));
        assertThat(netlink.link("fb0")).isEmpty();
        try (RouteNetlink there = RouteNetlink.in(target)) {
            Link moved = there.link("eth0").orElseThrow();
            assertThat(moved.kind()).isEqualTo("tun");
            assertThat(moved.mac()).isEqualTo(MAC);
            assertThat(moved.mtu()).isEqualTo(1450);
            assertThat(moved.txQueueLength()).isEqualTo(4000);
            assertThat(moved.alias()).isEqualTo("footbridge");
            assertThat(moved.up()).isTrue();
            FileCalls.close(CallState.ofThread(), tap);
            assertThat(there.link("eth0")).isEmpty();
        }
    }

    @Test
    void withoutAddressGenerationATapThatComesUpStaysWithoutAddress() throws IOException {
        int silent = tap("fb0");
        int second = tap("fb1");
        int other = tap("fb2");
        int fb0 = netlink.link("fb0").orElseThrow().index();
        LinkSetting none = new AddressGeneration(AddressGeneration.Mode.NONE);
        assertThatThrownBy(() -> netlink.moveLink(fb0, target, List.of(none, new State(true))))
                .isInstanceOf(IllegalArgumentException.class);
        netlink.moveLink(fb0, target, List.of(new Name("eth0"), none));
        netlink.moveLink(netlink.link("fb1").orElseThrow().index(), target, List.of(new Name("eth1")));
        netlink.moveLink(netlink.link("fb2").orElseThrow().index(), target, List.of(new Name("eth2")));
        try (RouteNetlink there = RouteNetlink.in(target)) {
            int eth0 = there.link("eth0").orElseThrow().index();
            int eth1 = there.link("eth1").orElseThrow().index();
            int eth2 = there.link("eth2").orElseThrow().index();
            there.setLink(eth0, new State(true));
            there.setLink(eth1, new State(true), none);
            there.setLink(eth2, new State(true));
            TestNamespaces.await("the other's link-local address", () -> !there.addresses(eth2).isEmpty());
            assertThat(there.addresses(eth0)).isEmpty();
            assertThat(there.addresses(eth1)).isEmpty();
        }
        FileCalls.close(CallState.ofThread(), silent);
        FileCalls.close(CallState.ofThread(), second);
        FileCalls.close(CallState.ofThread(), other);
    }

    @Test
    void aTakenNameLeavesTheTapWithUs() throws IOException {
        int first = tap("fb0");
        int second = tap("fb1");
        List<LinkSetting> settings = List.of(new Name("eth0"), new Mac(MAC), new State(true));
        netlink.moveLink(netlink.link("fb0").orElseThrow().index(), target, settings);
        assertThatThrownBy(() -> netlink.moveLink(netlink.link("fb1").orElseThrow().index(), target, settings))
                .isInstanceOf(SystemCallException.class).hasNoSuppressedExceptions()
                .hasMessageEndingWith("interface eth0 exists in namespace /run/netns/" + targetName);
        assertThat(netlink.link("fb1")).isPresent();
        try (RouteNetlink there = RouteNetlink.in(target)) {
            assertThat(there.links()).extracting(Link::name).containsExactly("lo", "eth0");
        }
        FileCalls.close(CallState.ofThread(), first);
        FileCalls.close(CallState.ofThread(), second);
    }

    @Test
    void aMovedTapDoesNotKeepItsTargetAlive() throws IOException {
        int tap = tap("fb0");
        netlink.moveLink(netlink.link("fb0").orElseThrow().index(), target, List.of(new Name("eth0"), new State(true)));
        target.close();
        namespaces.delete(targetName);
        CallState state = CallState.ofThread();
        FileCalls.setNonBlocking(state, tap);
        try (Arena arena = Arena.ofConfined()) {
            long buffer = arena.allocate(2048).address();
            TestNamespaces.await("the TAP to be gone",
                    () -> Errno.EBADFD.is(FileCalls.read(state, tap, buffer, 2048)));
        }
        FileCalls.close(state, tap);
    }

    private int tap(String name) throws IOException {
        return own.<Integer, IOException>call(() -> {
            CallState state = CallState.ofThread();
            int tap = FileCalls.open(state, "/dev/net/tun", FileCalls.O_RDWR | FileCalls.O_CLOEXEC);
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment request = arena.allocate(40);
                MemorySegment.copy(name.getBytes(), 0, request, JAVA_BYTE, 0, name.length());
                request.set(JAVA_SHORT, 16, TAP_WITHOUT_INFO_EXCLUSIVE);
                assertThat(FileCalls.ioctl(state, tap, TUNSETIFF, request.address())).isZero();
            }
            return tap;
        });
    }
}
