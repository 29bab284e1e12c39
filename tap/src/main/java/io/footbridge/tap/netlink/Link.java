package io.footbridge.tap.netlink;

/**
 * A network interface as the kernel describes it.
 *
 * @param index its number in its namespace; a move to another namespace may change it
 * @param name its name now
 * @param mac its Ethernet address in the low 48 bits, 0 if it has none
 * @param mtu its longest IP packet in bytes
 * @param up whether it is administratively up
 * @param running whether it is up and has a carrier
 * @param kind what made it ({@code veth}, {@code tun}, {@code bridge}), empty for hardware and loopback
 * @param alias the text kept with it, or empty
 * @param master the index of the bridge or bond that it is a port of, or 0
 * @param peerIndex the index of a veth's other end in that end's namespace, or of the link below; 0 if none
 * @param peerNamespaceId the id by which this namespace knows the peer's, or -1 if it is this one or unknown
 * @param txQueueLength frames that its transmit queue holds
 * @param promiscuity how many ask that it receive everything
 * @param statistics its counters at that moment
 */
public record Link(int index, String name, long mac, int mtu, boolean up, boolean running, String kind, String alias,
        int master, int peerIndex, int peerNamespaceId, int txQueueLength, int promiscuity,
        LinkStatistics statistics) {
}
