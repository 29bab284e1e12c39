package io.footbridge.tap.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.footbridge.tap.Errno;
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
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LinkNetlinkTest {
    private static final long OUR_MAC = 0x02_42_00_00_00_01L;
    private static final long PEER_MAC = 0x02_42_00_00_00_02L;
    private static final List<LinkSetting> OURS = List.of(new Name("fb0"), new Mac(OUR_MAC), new Mtu(9000),
            new TxQueueLength(5000), new Alias("footbridge test"), new AddressGeneration(AddressGeneration.Mode.NONE),
            new State(true));
    private static final List<LinkSetting> PEERS = List.of(new Name("eth0"), new Mac(PEER_MAC), new Mtu(1400),
            new TxQueueLength(77));

    private static final LinkSetting NO_ADDRESS = new AddressGeneration(AddressGeneration.Mode.NONE);

    private TestNamespaces namespaces;
    private NetworkNamespace own;
    private NetworkNamespace target;
    private String targetName;
    private RouteNetlink netlink;

    @BeforeEach
    void begin() throws IOException {
        TestNamespaces.assumeCapable();
        namespaces = new TestNamespaces();
        String ownName = namespaces.create();
        targetName = namespaces.create();
        own = NetworkNamespace.open(TestNamespaces.path(ownName));
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
    void aVethIsBornWithItsPeerInTheOtherNamespace() throws IOException {
        Link ours = netlink.createVeth(OURS, target, PEERS);
        try (RouteNetlink there = RouteNetlink.in(target)) {
            Link peer = there.link("eth0").orElseThrow();
            there.setLink(peer.index(), new State(true));
            assertThat(ours.name()).isEqualTo("fb0");
            assertThat(ours.mac()).isEqualTo(OUR_MAC);
            assertThat(ours.mtu()).isEqualTo(9000);
            assertThat(ours.txQueueLength()).isEqualTo(5000);
            assertThat(ours.alias()).isEqualTo("footbridge test");
            assertThat(ours.kind()).isEqualTo("veth");
            assertThat(ours.peerIndex()).isEqualTo(peer.index());
            assertThat(ours.peerNamespaceId()).isNotNegative();
            assertThat(ours.up()).isTrue();
            assertThat(ours.running()).as("before its peer is up").isFalse();
            assertThat(peer.mac()).isEqualTo(PEER_MAC);
            assertThat(peer.mtu()).isEqualTo(1400);
            assertThat(peer.txQueueLength()).isEqualTo(77);
            assertThat(peer.peerIndex()).isEqualTo(ours.index());
            assertThat(peer.up()).isFalse();
            TestNamespaces.await("a carrier", () -> netlink.link("fb0").orElseThrow().running());
            assertThat(netlink.links()).extracting(Link::name).containsExactly("lo", "fb0");
            assertThat(there.links()).extracting(Link::name).containsExactly("lo", "eth0");
        }
    }

    @Test
    void addressGenerationNoneLeavesALinkWithoutAnyAddress() throws IOException {
        Link silent = netlink.createVeth(List.of(new Name("fb0"), NO_ADDRESS, new State(true)),
                target, List.of(new Name("eth0")));
        Link other = netlink.createVeth(List.of(new Name("fb1"), new State(true)),
                target, List.of(new Name("eth1")));
        setUp(target, "eth0");
        setUp(target, "eth1");
        awaitLinkLocal(netlink, other.index());
        assertThat(netlink.addresses(silent.index())).isEmpty();
        netlink.setLink(other.index(), new State(false), NO_ADDRESS);
        netlink.setLink(other.index(), new State(true));
        netlink.setLink(silent.index(), new State(false), new AddressGeneration(AddressGeneration.Mode.EUI64));
        netlink.setLink(silent.index(), new State(true));
        awaitLinkLocal(netlink, silent.index());
        assertThat(netlink.addresses(other.index())).isEmpty();
    }

    @Test
    void aTakenNameIsNamedWithItsNamespaceOnEitherSide() throws IOException {
        netlink.createVeth(OURS, target, PEERS);
        assertThatThrownBy(() -> netlink.createVeth(OURS, target, List.of(new Name("eth1"))))
                .isInstanceOfSatisfying(SystemCallException.class, e -> assertThat(e.is(Errno.EEXIST)).isTrue())
                .hasMessageEndingWith("File exists; interface fb0 exists in namespace " + own);
        assertThatThrownBy(() -> netlink.createVeth(List.of(new Name("fb1")), target, PEERS))
                .isInstanceOfSatisfying(SystemCallException.class, e -> assertThat(e.is(Errno.EEXIST)).isTrue())
                .hasMessageEndingWith("File exists; interface eth0 exists in namespace /run/netns/" + targetName);
        assertThat(netlink.links()).as("nothing half made").hasSize(2);
    }

    @Test
    void badNamesAreRefusedBeforeTheKernelSeesThem() {
        assertThatThrownBy(() -> netlink.link("a/b")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Name("sixteen-bytes-xx")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> netlink.createVeth(List.of(), target, PEERS))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> netlink.createVeth(OURS, target, List.of(new Name("x"), new Alias("y"))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Mac(0x01_00_5e_00_00_01L)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Alias("x".repeat(256))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aMoveRenamesAndSetsEverythingInOneMessage() throws IOException {
        Link made = netlink.createVeth(List.of(new Name("fb0")), own, List.of(new Name("fb0peer")));
        setUp(own, "fb0peer");
        netlink.moveLink(made.index(), target, List.of(new Name("eth0"), new Mac(OUR_MAC), new Mtu(1300),
                new TxQueueLength(123), new Alias("moved"), new State(true)));
        assertThat(netlink.link(made.index())).isEmpty();
        try (RouteNetlink there = RouteNetlink.in(target)) {
            Link moved = there.link("eth0").orElseThrow();
            assertThat(moved.mac()).isEqualTo(OUR_MAC);
            assertThat(moved.mtu()).isEqualTo(1300);
            assertThat(moved.txQueueLength()).isEqualTo(123);
            assertThat(moved.alias()).isEqualTo("moved");
            assertThat(moved.up()).isTrue();
        }
    }

    @Test
    void aMoveToATakenNameLeavesTheLinkWhereItWas() throws IOException {
        netlink.createVeth(OURS, target, PEERS);
        Link second = netlink.createVeth(List.of(new Name("fb1")), own, List.of(new Name("fb1peer")));
        assertThatThrownBy(() -> netlink.moveLink(second.index(), target, List.of(new Name("eth0"), new Mtu(1280))))
                .isInstanceOfSatisfying(SystemCallException.class, e -> assertThat(e.is(Errno.EEXIST)).isTrue())
                .hasMessageContaining("interface eth0 exists in namespace /run/netns/" + targetName)
                .hasNoSuppressedExceptions();
        assertThat(netlink.link("fb1")).isPresent();
        try (RouteNetlink there = RouteNetlink.in(target)) {
            assertThat(there.links()).extracting(Link::name).containsExactly("lo", "eth0");
        }
    }

    @Test
    void aMoveToATakenNameWhereTheOldOneIsTakenTooLeavesTheLinkWhereItWas() throws IOException {
        netlink.createVeth(OURS, target, PEERS);
        Link second = netlink.createVeth(List.of(new Name("lo2")), target, List.of(new Name("fb1")));
        Link third = netlink.createVeth(List.of(new Name("fb1")), own, List.of(new Name("fb1peer")));
        assertThatThrownBy(() -> netlink.moveLink(third.index(), target, List.of(new Name("eth0"))))
                .isInstanceOf(SystemCallException.class).hasMessageContaining("interface eth0 exists");
        assertThatThrownBy(() -> netlink.moveLink(third.index(), target, List.of()))
                .isInstanceOf(SystemCallException.class).hasMessageContaining("interface fb1 exists in namespace");
        assertThat(netlink.link(third.index())).hasValueSatisfying(l -> assertThat(l.name()).isEqualTo("fb1"));
        assertThat(netlink.link(second.index())).isPresent();
        netlink.moveLink(third.index(), target, List.of(new Name("eth1")));
        assertThat(netlink.link("fb1")).isEmpty();
    }

    @Test
    void aMoveWhoseLastSettingIsRefusedIsUndone() throws IOException {
        Link made = netlink.createVeth(List.of(new Name("fb0")), own, List.of(new Name("fb0peer")));
        assertThatThrownBy(() -> netlink.moveLink(made.index(), target, List.of(new Name("eth0"), new Mtu(1 << 24))))
                .isInstanceOf(SystemCallException.class)
                .hasMessageEndingWith("the kernel says: mtu greater than device maximum")
                .hasNoSuppressedExceptions();
        assertThat(netlink.link("fb0")).isPresent();
        assertThatThrownBy(() -> netlink.moveLink(made.index(), target,
                List.of(new Name("eth0"), new Mac(OUR_MAC), new Mtu(1 << 24))))
                .isInstanceOf(SystemCallException.class).hasNoSuppressedExceptions();
        assertThat(netlink.link("fb0")).isPresent();
        try (RouteNetlink there = RouteNetlink.in(target)) {
            assertThat(there.links()).hasSize(1);
        }
        assertThatThrownBy(() -> netlink.moveLink(4711, target, List.of()))
                .isInstanceOf(SystemCallException.class).hasMessageEndingWith("No such device");
    }

    @Test
    void aLinkIsRenamedAndATakenNameIsNamed() throws IOException {
        Link made = netlink.createVeth(List.of(new Name("fb0")), target, PEERS);
        netlink.setLink(made.index(), new Name("fb9"), new Alias("one"), new Mtu(1280));
        assertThat(netlink.link("fb9")).hasValueSatisfying(link -> {
            assertThat(link.alias()).isEqualTo("one");
            assertThat(link.mtu()).isEqualTo(1280);
        });
        netlink.setLink(made.index(), new Alias(""));
        assertThat(netlink.link("fb9")).hasValueSatisfying(link -> assertThat(link.alias()).isEmpty());
        assertThatThrownBy(() -> netlink.setLink(made.index(), new Name("lo")))
                .isInstanceOf(SystemCallException.class)
                .hasMessageContaining("interface lo exists in namespace " + own);
    }

    @Test
    void theKernelsOwnWordsAreInTheError() throws IOException {
        Link made = netlink.createVeth(OURS, target, PEERS);
        assertThatThrownBy(() -> netlink.setLink(made.index(), new Mtu(1 << 24)))
                .isInstanceOf(SystemCallException.class)
                .hasMessage("set interface " + made.index() + " in namespace " + own
                        + ": Invalid argument; the kernel says: mtu greater than device maximum");
    }

    @Test
    void deletingOneEndDeletesTheOther() throws IOException {
        Link ours = netlink.createVeth(OURS, target, PEERS);
        netlink.deleteLink(ours.index());
        assertThat(netlink.link("fb0")).isEmpty();
        try (RouteNetlink there = RouteNetlink.in(target)) {
            assertThat(there.link("eth0")).isEmpty();
        }
        assertThatThrownBy(() -> netlink.deleteLink(ours.index()))
                .isInstanceOf(SystemCallException.class)
                .hasMessage("delete interface " + ours.index() + " in namespace " + own + ": No such device");
        assertThat(netlink.link(0)).isEmpty();
        assertThat(netlink.link(-1)).isEmpty();
    }

    @Test
    void manyLinksAreListedOverManyDatagrams() throws IOException {
        for (int i = 0; i < 40; i++) {
            netlink.createVeth(List.of(new Name("fb" + i)), own, List.of(new Name("pp" + i)));
        }
        assertThat(netlink.links()).hasSize(81).extracting(Link::name).contains("lo", "fb0", "pp39").doesNotHaveDuplicates();
    }

    @Test
    void countersShowWhatALinkSentAndDropped() throws IOException {
        Link ours = netlink.createVeth(OURS, target, PEERS);
        setUp(target, "eth0");
        namespaces.run(targetName, "ip", "address", "add", "10.77.0.2/24", "dev", "eth0");
        LinkStatistics before = LinkStatistics.read(own, ours.index());
        namespaces.exec(targetName, "ping", "-c1", "-W1", "-w1", "10.77.0.1");
        LinkStatistics after = LinkStatistics.read(own, ours.index());
        assertThat(after.rxPackets()).isGreaterThan(before.rxPackets());
        assertThat(after.rxBytes() - before.rxBytes()).isGreaterThanOrEqualTo(42);
        assertThatThrownBy(() -> LinkStatistics.read(own, 9999))
                .isInstanceOf(SystemCallException.class)
                .hasMessage("counters of interface 9999 in namespace " + own + ": No such device");
    }

    @Test
    void aClosedSocketRefusesFurtherWork() {
        netlink.close();
        netlink.close();
        assertThatThrownBy(() -> netlink.links()).isInstanceOf(IllegalStateException.class);
    }

    private static void setUp(NetworkNamespace namespace, String name) throws IOException {
        try (RouteNetlink there = RouteNetlink.in(namespace)) {
            there.setLink(there.link(name).orElseThrow().index(), new State(true));
        }
    }

    private static void awaitLinkLocal(RouteNetlink netlink, int index) {
        TestNamespaces.await("a link-local address", () -> netlink.addresses(index).stream()
                .anyMatch(address -> address.address().isLinkLocalAddress()));
    }
}
