package io.footbridge.bench.traffic;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tools.jackson.databind.json.JsonMapper;

/** Runs tasks in an {@link Agent}'s process. */
public final class AgentHost implements Host {
    private static final Duration GRACE = Duration.ofSeconds(5);
    private static final JsonMapper JSON = new JsonMapper();

    private final Process process;
    private final BufferedReader answers;

    /** Over a process that is, or becomes, an agent; waits until it says that it is ready. */
    public AgentHost(Process process, Duration patience) throws IOException {
        this.process = process;
        answers = process.inputReader(StandardCharsets.UTF_8);
        String line = readLine(patience);
        if (!Agent.READY.equals(line)) {
            throw new IOException("the client in the namespace did not start: " + line);
        }
    }

    /** The command of an agent, to be run in the namespace. */
    public static List<String> command() {
        return List.of(ProcessHandle.current().info().command().orElse("java"), "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC", "-Xmx128m", "-XX:-UsePerfData", "-Xlog:disable", "-cp", System.getProperty("java.class.path"),
                Agent.class.getName());
    }

    @Override
    public Outcome run(Task task, Duration limit) throws IOException {
        process.getOutputStream().write((JSON.writeValueAsString(new Agent.Order(task, limit.toNanos())) + "\n")
                .getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
        String line = readLine(limit.plus(GRACE));
        if (line == null) {
            throw new IOException("the client in the namespace has ended");
        }
        Agent.Reply reply = JSON.readValue(line, Agent.Reply.class);
        if (!reply.error().isEmpty()) {
            throw new IOException(reply.error());
        }
        return reply.outcome();
    }

    private String readLine(Duration limit) throws IOException {
        FutureTask<String> reading = new FutureTask<>(answers::readLine);
        Thread.ofPlatform().daemon().name("bench-agent").start(reading);
        try {
            return reading.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException late) {
            process.destroyForcibly();
            throw new IOException("the client in the namespace did not answer within " + limit.toSeconds() + " s", late);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } catch (ExecutionException failed) {
            throw new IOException(failed.getCause().getMessage(), failed.getCause());
        }
    }
}
