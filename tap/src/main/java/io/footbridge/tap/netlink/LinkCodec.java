package io.footbridge.tap.netlink;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import io.footbridge.tap.netlink.LinkSetting.AddressGeneration;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * Messages about links (linux/if_link.h, linux/rtnetlink.h). The structure in front is ifinfomsg, 16 bytes: {@code u8
 * family@0, u16 type@2, s32 index@4, u32 flags@8, u32 change@12}.
 */
final class LinkCodec {
    static final int RTM_NEWLINK = 16;
    static final int RTM_DELLINK = 17;
    static final int RTM_GETLINK = 18;

    private static final int STRUCTURE = 16;

    private static final int IFF_UP = 0x1;
    private static final int IFF_RUNNING = 0x40;

    private static final int IFLA_ADDRESS = 1;
    private static final int IFLA_IFNAME = 3;
    private static final int IFLA_MTU = 4;
    private static final int IFLA_LINK = 5;
    private static final int IFLA_MASTER = 10;
    private static final int IFLA_TXQLEN = 13;
    private static final int IFLA_LINKINFO = 18;
    private static final int IFLA_IFALIAS = 20;
    private static final int IFLA_STATS64 = 23;
    private static final int IFLA_AF_SPEC = 26;
    private static final int IFLA_NET_NS_FD = 28;
    private static final int IFLA_PROMISCUITY = 30;
    private static final int IFLA_LINK_NETNSID = 37;

    private static final int IFLA_INFO_KIND = 1;
    private static final int IFLA_INFO_DATA = 2;
    private static final int VETH_INFO_PEER = 1;
    private static final int AF_INET6 = 10;
    private static final int IFLA_INET6_ADDR_GEN_MODE = 8;

    private LinkCodec() {
    }

    /** A link; messages of other types are passed over. */
    static void decode(NetlinkMessage message, Consumer<Link> into) throws NetlinkFormatException {
        if (message.type() != RTM_NEWLINK) {
            return;
        }
        NetlinkAttributes attributes = message.attributesAfter(STRUCTURE);
        int flags = message.payload().get(JAVA_INT_UNALIGNED, 8);
        into.accept(new Link(message.payload().get(JAVA_INT_UNALIGNED, 4),
                attributes.getString(IFLA_IFNAME),
                attributes.getMac(IFLA_ADDRESS),
                attributes.getInt(IFLA_MTU, 0),
                (flags & IFF_UP) != 0,
                (flags & IFF_RUNNING) != 0,
                attributes.getNested(IFLA_LINKINFO).getString(IFLA_INFO_KIND),
                attributes.getString(IFLA_IFALIAS),
                attributes.getInt(IFLA_MASTER, 0),
                attributes.getInt(IFLA_LINK, 0),
                attributes.getInt(IFLA_LINK_NETNSID, -1),
                attributes.getInt(IFLA_TXQLEN, 0),
                attributes.getInt(IFLA_PROMISCUITY, 0),
                LinkStatistics.decode(attributes, IFLA_STATS64)));
    }

    static NetlinkRequest all() {
        return new NetlinkRequest("RTM_GETLINK", RTM_GETLINK, NetlinkMessage.NLM_F_DUMP).structure(structure(0, 0, 0));
    }

    static NetlinkRequest byIndex(int index) {
        return new NetlinkRequest("RTM_GETLINK", RTM_GETLINK, NetlinkMessage.NLM_F_ACK)
                .structure(structure(index, 0, 0));
    }

    static NetlinkRequest byName(String name) {
        return byIndex(0).putString(IFLA_IFNAME, name);
    }

    static NetlinkRequest delete(int index) {
        return new NetlinkRequest("RTM_DELLINK", RTM_DELLINK, NetlinkMessage.NLM_F_ACK)
                .structure(structure(index, 0, 0));
    }

    /** Changes a link and, where a namespace's descriptor is given, moves it there first. */
    static NetlinkRequest change(int index, OptionalInt namespace, List<LinkSetting> settings) {
        NetlinkRequest request = new NetlinkRequest("RTM_NEWLINK", RTM_NEWLINK, NetlinkMessage.NLM_F_ACK)
                .structure(structure(index, settings));
        namespace.ifPresent(descriptor -> request.putInt(IFLA_NET_NS_FD, descriptor));
        settings.forEach(setting -> put(request, setting));
        return request;
    }

    /** Makes a veth here and its peer in the namespace of a descriptor. */
    static NetlinkRequest createVeth(List<LinkSetting> settings, int peerNamespace, List<LinkSetting> peerSettings) {
        int flags = NetlinkMessage.NLM_F_ACK | NetlinkMessage.NLM_F_CREATE | NetlinkMessage.NLM_F_EXCL;
        NetlinkRequest request = new NetlinkRequest("RTM_NEWLINK", RTM_NEWLINK, flags)
                .structure(structure(0, settings));
        settings.forEach(setting -> put(request, setting));
        int info = request.begin(IFLA_LINKINFO);
        request.put(IFLA_INFO_KIND, "veth".getBytes(StandardCharsets.US_ASCII));
        int data = request.begin(IFLA_INFO_DATA);
        int peer = request.begin(VETH_INFO_PEER);
        request.structure(structure(0, peerSettings)).putInt(IFLA_NET_NS_FD, peerNamespace);
        peerSettings.forEach(setting -> put(request, setting));
        return request.end(peer).end(data).end(info);
    }

    /**
     * Whether a setting may stand in the message that makes a veth. An alias and address generation the kernel passes
     * over in silence; an end that is up while the other is not made yet is refused (ENOTCONN).
     */
    static boolean isTakenAtBirth(LinkSetting setting) {
        return switch (setting) {
            case LinkSetting.Name _, LinkSetting.Mac _, LinkSetting.Mtu _, LinkSetting.TxQueueLength _ -> true;
            case LinkSetting.Alias _, LinkSetting.State _, AddressGeneration _ -> false;
        };
    }

    private static void put(NetlinkRequest request, LinkSetting setting) {
        switch (setting) {
            case LinkSetting.Name(String name) -> request.putString(IFLA_IFNAME, name);
            case LinkSetting.Mac(long mac) -> request.putMac(IFLA_ADDRESS, mac);
            case LinkSetting.Mtu(int bytes) -> request.putInt(IFLA_MTU, bytes);
            case LinkSetting.TxQueueLength(int frames) -> request.putInt(IFLA_TXQLEN, frames);
            case LinkSetting.Alias(String text) ->
                    request.put(IFLA_IFALIAS, text.getBytes(StandardCharsets.UTF_8));
            case LinkSetting.State _ -> {
                // Part of the structure in front.
            }
            case AddressGeneration(AddressGeneration.Mode mode) -> {
                int spec = request.begin(IFLA_AF_SPEC);
                int inet6 = request.begin(AF_INET6);
                request.putByte(IFLA_INET6_ADDR_GEN_MODE, mode == AddressGeneration.Mode.EUI64 ? 0 : 1);
                request.end(inet6).end(spec);
            }
        }
    }

    private static MemorySegment structure(int index, List<LinkSetting> settings) {
        int flags = 0;
        int change = 0;
        for (LinkSetting setting : settings) {
            if (setting instanceof LinkSetting.State(boolean up)) {
                flags = up ? IFF_UP : 0;
                change = IFF_UP;
            }
        }
        return structure(index, flags, change);
    }

    private static MemorySegment structure(int index, int flags, int change) {
        return MemorySegment.ofArray(new int[] {0, index, flags, change});
    }
}
