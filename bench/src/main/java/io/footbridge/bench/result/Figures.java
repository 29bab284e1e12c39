package io.footbridge.bench.result;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * What is made of a row's samples.
 *
 * @param median of the values
 * @param range interval of the median, or least and most where there are too few rounds
 * @param ratio median of the rounds' own ratios to host mode; NaN where host mode has none
 * @param ratioRange likewise
 * @param busyCores median
 * @param stealCores median
 * @param dataPlaneCores median; empty where the kernel is the data plane
 */
public record Figures(double median, Statistics.Interval range, double ratio, Statistics.Interval ratioRange, double busyCores,
        double stealCores, OptionalDouble dataPlaneCores) {
    private static final double NEXT_TO_NOTHING = 0.05;

    /** Of a row that has samples. */
    public static Figures of(Run run, Row row) {
        double[] values = row.samples().stream().mapToDouble(Sample::value).toArray();
        double[] ratios = run.row(Run.BASIS, row.workload()).map(basis -> ratios(row, basis)).orElse(new double[0]);
        double[] plane = row.samples().stream().map(Sample::dataPlaneCores).flatMap(Optional::stream).mapToDouble(d -> d).toArray();
        return new Figures(Statistics.median(values), Statistics.interval(values), Statistics.median(ratios),
                Statistics.interval(ratios), Statistics.median(row.samples().stream().mapToDouble(Sample::busyCores).toArray()),
                Statistics.median(row.samples().stream().mapToDouble(Sample::stealCores).toArray()),
                plane.length == 0 ? OptionalDouble.empty() : OptionalDouble.of(Statistics.median(plane)));
    }

    /** What a busy core does in a second, where values add up; NaN where next to nothing was busy beyond the baseline. */
    public double perBusyCore() {
        return busyCores > NEXT_TO_NOTHING ? median / busyCores : Double.NaN;
    }

    /** Each round's own ratio, of the rounds that both have. */
    public static double[] ratios(Row row, Row basis) {
        return row.samples().stream().flatMap(sample -> basis.samples().stream().filter(other -> other.round() == sample.round())
                .map(other -> sample.value() / other.value())).mapToDouble(d -> d).toArray();
    }

    /**
     * Pairs of neighbours in a workload's ranking that this run cannot tell apart: the range of the rounds' own ratios holds 1.
     */
    public static List<String> notToldApart(Run run, WorkloadEntry workload) {
        List<Row> ranked = run.rows(workload.id()).stream().filter(row -> !row.samples().isEmpty())
                .sorted((a, b) -> Double.compare(of(run, b).median(), of(run, a).median())).toList();
        return IntStream.range(1, ranked.size()).filter(i -> {
            double[] ratios = ratios(ranked.get(i), ranked.get(i - 1));
            return ratios.length == 0 || Statistics.interval(ratios).contains(1);
        }).mapToObj(i -> title(run, ranked.get(i - 1)) + " and " + title(run, ranked.get(i))).toList();
    }

    private static String title(Run run, Row row) {
        return run.mode(row.mode()).map(ModeEntry::title).orElse(row.mode());
    }
}
