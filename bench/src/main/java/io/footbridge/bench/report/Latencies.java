package io.footbridge.bench.report;

import io.footbridge.bench.result.Row;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.Optional;
import java.util.zip.DataFormatException;
import org.HdrHistogram.Histogram;

/** The round trips of a row. */
final class Latencies {
    private static final double NANOS = 1e3;

    private final Histogram histogram;

    private Latencies(Histogram histogram) {
        this.histogram = histogram;
    }

    /** Of a row; empty where it has none, or a file was tampered with. */
    static Optional<Latencies> of(Row row) {
        if (row.histogram().isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Latencies(Histogram.decodeFromCompressedByteBuffer(
                    ByteBuffer.wrap(Base64.getDecoder().decode(row.histogram())), 1)));
        } catch (DataFormatException | IllegalArgumentException malformed) {
            return Optional.empty();
        }
    }

    /** A percentile, in microseconds. */
    double micros(double percentile) {
        return histogram.getValueAtPercentile(percentile) / NANOS;
    }

    long count() {
        return histogram.getTotalCount();
    }
}
