package io.footbridge.bench.result;

import java.util.List;

/**
 * A workload over a mode.
 *
 * @param mode id
 * @param workload id
 * @param samples of the rounds that came to something
 * @param errors what failed, at most one text per round
 * @param histogram round trips of all rounds in nanoseconds, as HdrHistogram's compressed form in Base64; empty where there is none
 */
public record Row(String mode, String workload, List<Sample> samples, List<String> errors, String histogram) {
}
