package io.footbridge.bench.result;

/**
 * A workload of a run.
 *
 * @param id as {@code --workloads} names it
 * @param title as tables name it
 * @param unit of its values
 * @param moreIsBetter whether more is better; if not, less is
 * @param method how it is measured, as a sentence or two
 */
public record WorkloadEntry(String id, String title, String unit, boolean moreIsBetter, String method) {
}
