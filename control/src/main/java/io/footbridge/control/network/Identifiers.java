package io.footbridge.control.network;

import java.util.HexFormat;
import java.util.random.RandomGenerator;

/** Made-up identifiers, names and MACs. The randomness is injected. */
final class Identifiers {
    private static final int ID_BYTES = 32;
    private static final int NAME_VALUES = 1 << 20;
    private static final long LOCAL_MAC = 0x02L << 40;
    private static final long MAC_SUFFIX = 0xFF_FFFF_FFFFL;

    private final RandomGenerator random;

    Identifiers(RandomGenerator random) {
        this.random = random;
    }

    /** 64 hexadecimal digits, as docker's. */
    String id() {
        byte[] bytes = new byte[ID_BYTES];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** {@code ep} and five hexadecimal digits. */
    String endpointName() {
        return "ep%05x".formatted(random.nextInt(NAME_VALUES));
    }

    /** A locally administered unicast MAC. */
    long mac() {
        return LOCAL_MAC | random.nextLong() & MAC_SUFFIX;
    }
}
