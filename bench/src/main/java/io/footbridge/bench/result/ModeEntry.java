package io.footbridge.bench.result;

/**
 * A mode of a run.
 *
 * @param id as {@code --modes} names it
 * @param title as tables name it
 * @param group whose it is: {@code HOST}, {@code KERNEL}, {@code FOOTBRIDGE} or {@code RIVAL}
 * @param remark what a reader has to know of it
 * @param absence why there are no figures of it: skipped or failed; empty where there are
 */
public record ModeEntry(String id, String title, String group, String remark, String absence) {
}
