package io.footbridge.bench.run;

import java.io.PrintStream;
import java.util.Locale;

/**
 * How far the run is and how long it will still take: a bar on a terminal, a line now and then elsewhere. The time left is
 * what is planned for the rest, stretched as the past was. One thread.
 */
public final class Progress {
    private static final int WIDTH = 24;
    private static final int LINE = 100;
    private static final int STEP = 10;

    private final PrintStream out;
    private final boolean terminal;
    private final long start = System.nanoTime();
    private long planned = 1;
    private long done;
    private int told = -1;
    private String phase = "";
    private volatile boolean quiet;

    /** @param terminal whether a line can be written over */
    public Progress(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /** What is planned, in nanoseconds. */
    void plan(long nanos) {
        planned = Math.max(1, nanos);
    }

    /** What is done next, of a phase of the run. */
    void tell(String next, String object) {
        String what = next + object;
        int percent = (int) Math.min(100, 100 * done / planned);
        if (quiet) {
            return;
        }
        if (terminal) {
            int filled = WIDTH * percent / 100;
            String line = String.format(Locale.ROOT, "[%s%s] %3d %%  %s  %s", "#".repeat(filled), ".".repeat(WIDTH - filled), percent,
                    left(), what);
            out.print("\r" + (line.length() > LINE ? line.substring(0, LINE) : line + " ".repeat(LINE - line.length())));
            out.flush();
        } else if (percent / STEP != told || !next.equals(phase)) {
            told = percent / STEP;
            phase = next;
            out.printf(Locale.ROOT, "%3d %%  %s  %s%n", percent, left(), what);
        }
    }

    /** Something that was planned is done. */
    void done(long plannedNanos) {
        done += plannedNanos;
    }

    private String left() {
        if (done == 0) {
            return "-:-- left";
        }
        double stretch = (System.nanoTime() - start) / (double) done;
        long seconds = Math.round(Math.max(0, planned - done) * stretch / 1e9);
        return seconds / 60 + ":" + String.format(Locale.ROOT, "%02d", seconds % 60) + " left";
    }

    /** Wipes the bar. Nothing is told afterwards. */
    public void end() {
        quiet = true;
        if (terminal) {
            out.print("\r" + " ".repeat(LINE) + "\r");
            out.flush();
        }
    }
}
