package io.footbridge.tap.netlink;

import io.footbridge.tap.InterfaceName;
import java.nio.charset.StandardCharsets;

/** One thing to set on a link. What no setting names stays as it is. */
public sealed interface LinkSetting {
    /** The name; where a link already up is to be renamed, an older kernel answers EBUSY. */
    record Name(String name) implements LinkSetting {
        /** Refuses what the kernel would not take. */
        public Name {
            InterfaceName.check(name);
        }
    }

    /** The Ethernet address, in the low 48 bits, first byte highest. */
    record Mac(long mac) implements LinkSetting {
        private static final long MULTICAST = 1L << 40;

        /** Refuses group addresses, zero, and more than 48 bits. */
        public Mac {
            if (mac >>> 48 != 0 || mac == 0 || (mac & MULTICAST) != 0) {
                throw new IllegalArgumentException("MAC %012x is not the address of one interface".formatted(mac));
            }
        }
    }

    /** The longest IP packet in bytes; the link has its own limits. */
    record Mtu(int bytes) implements LinkSetting {
        /** Refuses what no link takes. */
        public Mtu {
            if (bytes <= 0) {
                throw new IllegalArgumentException("an MTU of " + bytes + " bytes");
            }
        }
    }

    /** Frames that the transmit queue holds; of a TAP, the frames that wait for its reader. */
    record TxQueueLength(int frames) implements LinkSetting {
        /** Refuses negative lengths. */
        public TxQueueLength {
            if (frames < 0) {
                throw new IllegalArgumentException("a transmit queue of " + frames + " frames");
            }
        }
    }

    /** A text that the kernel keeps with the link, for people and for finding one's own; empty takes it off. */
    record Alias(String text) implements LinkSetting {
        private static final int MAX_BYTES = 255;

        /** Refuses what is longer than IFALIASZ allows. */
        public Alias {
            int bytes = text.getBytes(StandardCharsets.UTF_8).length;
            if (bytes > MAX_BYTES) {
                throw new IllegalArgumentException("a link alias of " + bytes + " bytes; " + MAX_BYTES + " is the limit");
            }
        }
    }

    /** Administratively up or down. */
    record State(boolean up) implements LinkSetting {
    }

    /** Whether the kernel gives the link an fe80 address by itself when it comes up. */
    record AddressGeneration(Mode mode) implements LinkSetting {
        /** IN6_ADDR_GEN_MODE_… */
        public enum Mode {
            /** Made of the MAC; the kernel's own default. */
            EUI64,
            /** None. */
            NONE
        }
    }
}
