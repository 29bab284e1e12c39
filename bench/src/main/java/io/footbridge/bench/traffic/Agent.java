package io.footbridge.bench.traffic;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * A client in a process of its own, for namespaces that bench itself may not enter: a task as a line of JSON on standard
 * input, its outcome as a line of JSON on standard output. It says {@code ready} first and ends with its input.
 */
public final class Agent {
    /** What it says first. */
    public static final String READY = "ready";
    private static final JsonMapper JSON = new JsonMapper();

    private Agent() {
    }

    /**
     * What is asked of it.
     *
     * @param limitNanos how long the task may take
     */
    record Order(Task task, long limitNanos) {
    }

    /**
     * What it answers: one or the other.
     *
     * @param error empty where there is an outcome
     */
    record Reply(Outcome outcome, String error) {
    }

    public static void main(String[] arguments) throws IOException {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        out.println(READY);
        Host host = new LocalHost(Place.HERE);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            out.println(JSON.writeValueAsString(answer(host, line)));
        }
        Runtime.getRuntime().halt(0);
    }

    private static Reply answer(Host host, String line) {
        try {
            Order order = JSON.readValue(line, Order.class);
            return new Reply(host.run(order.task(), Duration.ofNanos(order.limitNanos())), "");
        } catch (IOException | JacksonException failed) {
            return new Reply(new Outcome(0, Map.of(), ""), String.valueOf(failed.getMessage()));
        }
    }
}
