package io.footbridge.bench;

import io.footbridge.tap.namespace.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Programs that relay published ports in one namespace, one process for each port, as dockerd starts them. */
final class PortProxy implements AutoCloseable {
    private final String name;
    private final String namespace;
    private final List<String> program;
    private final Map<String, String> environment;
    private final List<Process> helpers;
    private final List<Process> processes = new ArrayList<>();

    /**
     * @param namespace where they listen
     * @param program the words before docker-proxy's own; socat's are made of them
     * @param helpers what runs besides and counts with them
     */
    PortProxy(String name, String namespace, List<String> program, Map<String, String> environment, List<Process> helpers) {
        this.name = name;
        this.namespace = namespace;
        this.program = List.copyOf(program);
        this.environment = Map.copyOf(environment);
        this.helpers = List.copyOf(helpers);
    }

    String name() {
        return name;
    }

    /** Publishes a port and waits until it is served. */
    void publish(String hostAddress, int hostPort, String container, int containerPort) throws IOException {
        List<String> command = new ArrayList<>();
        if (program.getFirst().equals("socat")) {
            command.addAll(List.of("socat", "-lf", "/dev/null", "TCP4-LISTEN:" + hostPort + ",fork,reuseaddr,nodelay,backlog=4096",
                    "TCP4:" + container + ":" + containerPort + ",nodelay"));
        } else {
            command.addAll(List.of("sh", "-c", "exec 3>&1 1>/dev/null; exec \"$@\"", "sh"));
            command.addAll(program);
            command.addAll(List.of("-proto", "tcp", "-host-ip", hostAddress, "-host-port", String.valueOf(hostPort), "-container-ip",
                    container, "-container-port", String.valueOf(containerPort)));
        }
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().putAll(environment);
        Process process;
        try (NetworkNamespace there = NetworkNamespace.open(Path.of("/run/netns", namespace))) {
            process = there.<Process, IOException>call(builder::start);
        }
        processes.add(process);
        if (!program.getFirst().equals("socat")) {
            String status = new String(process.getInputStream().readNBytes(2));
            if (!status.equals("0\n")) {
                throw new IOException(name + ": " + status + new String(process.getInputStream().readAllBytes()));
            }
        }
    }

    /** Ends those that publish, in the order in which they were started, and waits for each. */
    void unpublish() throws IOException {
        for (Process process : processes) {
            Commands.attempt("kill -INT " + process.pid());
            try {
                process.waitFor();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", interrupted);
            }
        }
        processes.clear();
    }

    private List<Path> all() {
        List<Path> all = new ArrayList<>();
        for (List<Process> some : List.of(processes, helpers)) {
            some.forEach(process -> all.add(Path.of("/proc", String.valueOf(process.pid()))));
        }
        return all;
    }

    /** Processor time that all have used, and their children that have ended, in ticks (proc(5), stat). */
    long ticks() throws IOException {
        long sum = 0;
        for (Path process : all()) {
            String stat = Files.readString(process.resolve("stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            for (int i = 11; i < 15; i++) {
                sum += Long.parseLong(fields[i]);
            }
        }
        return sum;
    }

    /** Memory of all processes together, each shared page counted once among its users, in MB (PSS). */
    double megabytes() throws IOException {
        long kilobytes = 0;
        for (Path process : all()) {
            for (String line : Files.readAllLines(process.resolve("smaps_rollup"))) {
                if (line.startsWith("Pss:")) {
                    kilobytes += Long.parseLong(line.replaceAll("[^0-9]", ""));
                }
            }
        }
        return kilobytes / 1024.0;
    }

    /** Takes a process that publishes in its own way. */
    void add(Process process) {
        processes.add(process);
    }

    @Override
    public void close() {
        // In order first: a program that has started others ends them.
        processes.forEach(Process::destroy);
        for (Process process : processes) {
            try {
                process.waitFor(1, TimeUnit.SECONDS);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        processes.forEach(Process::destroyForcibly);
        helpers.forEach(Process::destroyForcibly);
    }
}
