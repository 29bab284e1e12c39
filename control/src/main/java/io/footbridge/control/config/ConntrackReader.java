package io.footbridge.control.config;

import io.footbridge.control.model.RefusedException;
import io.footbridge.nat.NatSettings;
import io.footbridge.nat.Timeouts;

/** Reads how flows are tracked: how many, and for how long. What is not there is as by default. */
final class ConntrackReader {
    private ConntrackReader() {
    }

    /** Reads and takes everything; unknown keys are refused. */
    static NatSettings read(Fields fields) throws RefusedException {
        int max = fields.whole("max", NatSettings.MIN_CAPACITY, NatSettings.MAX_CAPACITY).orElse(NatSettings.DEFAULT.capacity());
        Timeouts timeouts = timeouts(fields.mapping("timeouts"));
        fields.refuseOthers();
        return new NatSettings(max, timeouts);
    }

    private static Timeouts timeouts(Fields fields) throws RefusedException {
        Timeouts usual = NatSettings.DEFAULT.timeouts();
        Timeouts timeouts = new Timeouts(seconds(fields, "tcp-opening", usual.opening()),
            seconds(fields, "tcp-established", usual.established()), seconds(fields, "tcp-closing", usual.closing()),
            seconds(fields, "udp", usual.udp()), seconds(fields, "udp-unreplied", usual.udpUnreplied()),
            seconds(fields, "icmp", usual.query()), seconds(fields, "other", usual.other()));
        fields.refuseOthers();
        return timeouts;
    }

    private static int seconds(Fields fields, String key, int usual) throws RefusedException {
        return fields.whole(key, Timeouts.MIN_SECONDS, Timeouts.MAX_SECONDS).orElse(usual);
    }
}
