package io.footbridge.bench;

import java.io.IOException;

/** Something to do over a test bed that ends in one figure. */
interface Workload {
    /** What the tables call it, with its unit. */
    String name();

    /** Whether more is better; if not, less is. */
    boolean moreIsBetter();

    /** How many hosts it needs. */
    default int hosts() {
        return 2;
    }

    /** Does it once and gives its figure. */
    double run(TestBed bed) throws IOException;
}
