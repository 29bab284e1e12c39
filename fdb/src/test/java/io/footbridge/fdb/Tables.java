package io.footbridge.fdb;

import java.lang.foreign.Arena;

/** Tables for tests, in memory that goes with them. */
final class Tables {
    static final long SEED = 7;

    private Tables() {
    }

    static ForwardingTable of(FdbSettings settings) {
        return new ForwardingTable(Arena.ofAuto().allocate(settings.bytes(), 64), settings, SEED);
    }

    /** The n-th of many station addresses, n below 2^24. */
    static long station(int n) {
        return ForwardingTable.key(0, 0x02_42_AC_00_00_00L + n);
    }
}
