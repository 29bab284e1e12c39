package io.footbridge.control.dns;

import io.footbridge.wire.IpAddress;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv6Address;
import java.util.Optional;

/** Names under in-addr.arpa and ip6.arpa that stand for one address (RFC 1035 section 3.5, RFC 3596 section 2.5). */
final class ReverseName {
    private static final String IPV4 = ".in-addr.arpa";
    private static final String IPV6 = ".ip6.arpa";
    private static final int NIBBLES = 32;

    private ReverseName() {
    }

    /** The address that a name, in lower case and without the last dot, stands for. */
    static Optional<IpAddress> address(String name) {
        if (name.endsWith(IPV4)) {
            return ipv4(name.substring(0, name.length() - IPV4.length()).split("\\.", -1));
        }
        return name.endsWith(IPV6) ? ipv6(name.substring(0, name.length() - IPV6.length())) : Optional.empty();
    }

    private static Optional<IpAddress> ipv4(String[] octets) {
        if (octets.length != Integer.BYTES) {
            return Optional.empty();
        }
        try {
            return Optional.of(Ipv4Address.parse(octets[3] + "." + octets[2] + "." + octets[1] + "." + octets[0]));
        } catch (IllegalArgumentException none) {
            return Optional.empty();
        }
    }

    private static Optional<IpAddress> ipv6(String nibbles) {
        if (nibbles.length() != 2 * NIBBLES - 1) {
            return Optional.empty();
        }
        long high = 0;
        long low = 0;
        for (int i = NIBBLES - 1; i >= 0; i--) {
            int digit = Character.digit(nibbles.charAt(2 * i), 16);
            if (digit < 0 || i > 0 && nibbles.charAt(2 * i - 1) != '.') {
                return Optional.empty();
            }
            high = high << 4 | low >>> 60;
            low = low << 4 | digit;
        }
        return Optional.of(new Ipv6Address(high, low));
    }
}
