package io.footbridge.bench;

import java.io.IOException;
import java.util.regex.Pattern;

/**
 * ICMP echo with a rest between requests, in which caches grow cold and threads fall asleep: a percentile of the round trips,
 * in microseconds.
 *
 * @param percentile 50 or 99
 */
record Echo(int percentile) implements Workload {
    private static final int REQUESTS = 400;
    private static final String INTERVAL = "0.005";
    private static final double MICROS = 1000;
    private static final Pattern TIME = Pattern.compile("time=([0-9.]+) ms");

    @Override
    public String name() {
        return "echo every 5 ms, p" + percentile + ", us";
    }

    @Override
    public boolean moreIsBetter() {
        return false;
    }

    @Override
    public double run(TestBed bed) throws IOException {
        String text = Commands.shell("ip netns exec " + bed.namespace(0) + " ping -n -c " + REQUESTS + " -i " + INTERVAL + " "
                + bed.address(1));
        double[] micros = TIME.matcher(text).results().mapToDouble(found -> Double.parseDouble(found.group(1)) * MICROS).toArray();
        if (micros.length == 0) {
            throw new IOException("nothing answered: " + text);
        }
        return RequestResponse.percentile(micros, percentile);
    }
}
