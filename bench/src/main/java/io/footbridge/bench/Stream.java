package io.footbridge.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * TCP bulk by iperf3, in Gbit/s received, summed over pairs of hosts: 0 to 1, 2 to 3 and so on, all at once.
 *
 * @param name what the tables call it
 * @param pairs how many pairs send at once
 * @param options what iperf3's client is told besides: streams, direction
 */
record Stream(String name, int pairs, String options) implements Workload {
    private static final int SECONDS = 3;
    private static final Pattern RECEIVED = Pattern.compile("\"sum_received(?:_bidir_reverse)?\":\\s*\\{[^}]*?"
            + "\"bits_per_second\":\\s*([0-9.e+]+)");

    @Override
    public boolean moreIsBetter() {
        return true;
    }

    @Override
    public int hosts() {
        return 2 * pairs;
    }

    @Override
    public double run(TestBed bed) throws IOException {
        double total = 0;
        for (double figure : eachPair(bed)) {
            total += figure;
        }
        return total;
    }

    /** The figures of the pairs one by one. */
    List<Double> eachPair(TestBed bed) throws IOException {
        List<Process> servers = new ArrayList<>();
        try (ExecutorService clients = Executors.newFixedThreadPool(pairs)) {
            List<Future<Double>> figures = new ArrayList<>();
            for (int i = 0; i < pairs; i++) {
                Process server = new ProcessBuilder("ip", "netns", "exec", bed.namespace(2 * i + 1), "iperf3", "-s", "-1",
                        "--forceflush").redirectErrorStream(true).start();
                servers.add(server);
                String line;
                do {
                    line = server.inputReader().readLine();
                } while (line != null && !line.startsWith("Server listening"));
            }
            for (int i = 0; i < pairs; i++) {
                String command = "ip netns exec " + bed.namespace(2 * i) + " iperf3 -J -t " + SECONDS + " -c "
                        + bed.address(2 * i + 1) + " " + options;
                figures.add(clients.submit(() -> received(Commands.shell(command))));
            }
            List<Double> results = new ArrayList<>();
            for (Future<Double> figure : figures) {
                results.add(figure.get());
            }
            return results;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", interrupted);
        } catch (ExecutionException failed) {
            throw new IOException(failed.getCause().getMessage(), failed.getCause());
        } finally {
            servers.forEach(Process::destroyForcibly);
        }
    }

    private static double received(String json) throws IOException {
        Matcher matcher = RECEIVED.matcher(json);
        double bits = 0;
        while (matcher.find()) {
            bits += Double.parseDouble(matcher.group(1));
        }
        if (bits == 0) {
            throw new IOException("iperf3 received nothing: " + json);
        }
        return bits / 1e9;
    }
}
