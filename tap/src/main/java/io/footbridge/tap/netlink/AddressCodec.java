package io.footbridge.tap.netlink;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import io.footbridge.tap.AddressText;
import java.lang.foreign.MemorySegment;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Messages about addresses (linux/if_addr.h). The structure in front is ifaddrmsg, 8 bytes: {@code u8 family@0, u8
 * prefix length@1, u8 flags@2, u8 scope@3, u32 index@4}.
 */
final class AddressCodec {
    static final int RTM_NEWADDR = 20;
    static final int RTM_DELADDR = 21;
    static final int RTM_GETADDR = 22;

    static final int AF_INET = 2;
    static final int AF_INET6 = 10;

    private static final int STRUCTURE = 8;

    private static final int IFA_ADDRESS = 1;
    private static final int IFA_LOCAL = 2;
    private static final int IFA_BROADCAST = 4;
    private static final int IFA_FLAGS = 8;

    /** A prefix longer than this leaves no address for broadcast. */
    private static final int LONGEST_WITH_BROADCAST = 30;

    private AddressCodec() {
    }

    /** An address; messages of other types are passed over. */
    static void decode(NetlinkMessage message, Consumer<InterfaceAddress> into) throws NetlinkFormatException {
        if (message.type() != RTM_NEWADDR) {
            return;
        }
        NetlinkAttributes attributes = message.attributesAfter(STRUCTURE);
        MemorySegment structure = message.payload();
        int bits = attributes.getInt(IFA_FLAGS, Byte.toUnsignedInt(structure.get(JAVA_BYTE, 2)));
        // With a point-to-point link IFA_ADDRESS is the far end; the local address is then given beside it.
        Optional<InetAddress> local = attributes.getAddress(IFA_LOCAL);
        Optional<InetAddress> address = local.isPresent() ? local : attributes.getAddress(IFA_ADDRESS);
        if (address.isPresent()) {
            into.accept(new InterfaceAddress(structure.get(JAVA_INT_UNALIGNED, 4), address.get(),
                    Byte.toUnsignedInt(structure.get(JAVA_BYTE, 1)), Byte.toUnsignedInt(structure.get(JAVA_BYTE, 3)),
                    flags(bits)));
        }
    }

    /** Addresses of an interface. */
    static NetlinkRequest all(int index) {
        return new NetlinkRequest("RTM_GETADDR", RTM_GETADDR, NetlinkMessage.NLM_F_DUMP)
                .structure(structure(0, 0, index));
    }

    static NetlinkRequest add(int index, InetAddress address, int prefixLength, Set<AddressFlag> flags) {
        int messageFlags = NetlinkMessage.NLM_F_ACK | NetlinkMessage.NLM_F_CREATE | NetlinkMessage.NLM_F_EXCL;
        int bits = flags.stream().mapToInt(AddressFlag::bit).reduce(0, (left, right) -> left | right);
        NetlinkRequest request = new NetlinkRequest("RTM_NEWADDR", RTM_NEWADDR, messageFlags);
        putAddress(request, index, address, prefixLength).putInt(IFA_FLAGS, bits);
        if (address instanceof Inet4Address && prefixLength <= LONGEST_WITH_BROADCAST) {
            request.put(IFA_BROADCAST, broadcast(address, prefixLength));
        }
        return request;
    }

    static NetlinkRequest remove(int index, InetAddress address, int prefixLength) {
        NetlinkRequest request = new NetlinkRequest("RTM_DELADDR", RTM_DELADDR, NetlinkMessage.NLM_F_ACK);
        return putAddress(request, index, address, prefixLength);
    }

    static int family(InetAddress address) {
        return address instanceof Inet4Address ? AF_INET : AF_INET6;
    }

    private static NetlinkRequest putAddress(NetlinkRequest request, int index, InetAddress address, int length) {
        byte[] bytes = address.getAddress();
        if (length < 0 || length > bytes.length * Byte.SIZE) {
            throw new IllegalArgumentException(AddressText.of(address) + "/" + length + ": 0 to "
                    + bytes.length * Byte.SIZE + " bits of prefix are possible");
        }
        return request.structure(structure(family(address), length, index))
                .put(IFA_LOCAL, bytes).put(IFA_ADDRESS, bytes);
    }

    private static byte[] broadcast(InetAddress address, int prefixLength) {
        byte[] bytes = address.getAddress();
        for (int bit = prefixLength; bit < bytes.length * Byte.SIZE; bit++) {
            bytes[bit / Byte.SIZE] |= (byte) (0x80 >> bit % Byte.SIZE);
        }
        return bytes;
    }

    private static Set<AddressFlag> flags(int bits) {
        return Arrays.stream(AddressFlag.values())
                .filter(flag -> (bits & flag.bit()) != 0)
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(AddressFlag.class)));
    }

    private static MemorySegment structure(int family, int prefixLength, int index) {
        MemorySegment structure = MemorySegment.ofArray(new byte[STRUCTURE]);
        structure.set(JAVA_BYTE, 0, (byte) family);
        structure.set(JAVA_BYTE, 1, (byte) prefixLength);
        structure.set(JAVA_INT_UNALIGNED, 4, index);
        return structure;
    }
}
