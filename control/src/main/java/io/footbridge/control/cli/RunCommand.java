package io.footbridge.control.cli;

import io.footbridge.control.api.FlowDocuments;
import io.footbridge.control.config.DocumentReader;
import io.footbridge.control.config.Json;
import io.footbridge.control.model.RefusedException;
import io.footbridge.control.network.BindingView;
import io.footbridge.control.run.PrivateRun;
import io.footbridge.tap.CallState;
import io.footbridge.tap.ProcessCalls;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;

/**
 * {@code footbridge run}, called by the script {@code engine} once the launcher stands in its namespaces: serves COMMAND's
 * network until COMMAND has ended.
 */
final class RunCommand {
    private static final int BAD_PROCESS = -1;

    private final PrintWriter err;

    /** With this as COMMAND's standard error. */
    RunCommand(PrintWriter err) {
        this.err = err;
    }

    /** Returns when there is no COMMAND, or fails; else it ends the process. */
    void run(List<String> arguments) throws CommandFailure {
        // COMMAND's terminal is no place for a log.
        System.setProperty("tinylog.level", System.getProperty("tinylog.level", "warn"));
        // Binding system calls takes its time: on another core, meanwhile.
        Thread.ofPlatform().name("bind-calls").daemon().start(RunCommand::bindCalls);
        RunArguments parsed = RunArguments.parse(arguments);
        if (parsed.request().network().isPresent()) {
            new NetworkRun(parsed, err).join();
            return;
        }
        try {
            PrivateRun.serve(parsed.request(), parsed.lent(), Texts.version(), this::print);
        } catch (IOException | RefusedException failed) {
            throw new CommandFailure("run: " + failed.getMessage(), failed);
        }
    }

    private static void bindCalls() {
        ProcessCalls.pidfdOpen(CallState.ofThread(), BAD_PROCESS);
    }

    private void print(List<BindingView> bindings) {
        if (bindings.isEmpty()) {
            return;
        }
        try {
            String document = Json.write(bindings.stream().map(FlowDocuments::binding).toList());
            print(new Answer(DocumentReader.json(document)));
        } catch (RefusedException never) {
            throw new IllegalStateException(never);
        }
    }

    private void print(Answer bindings) {
        err.print(FlowListings.bindings(bindings));
        err.flush();
    }
}
