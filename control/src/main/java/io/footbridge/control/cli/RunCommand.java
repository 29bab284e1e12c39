package io.footbridge.control.cli;

import io.footbridge.control.api.FlowDocuments;
import io.footbridge.control.config.DocumentReader;
import io.footbridge.control.config.Json;
import io.footbridge.control.model.NetworkSpec;
import io.footbridge.control.model.PublishSpec;
import io.footbridge.control.model.RefusedException;
import io.footbridge.control.network.BindingView;
import io.footbridge.control.run.PrivateRun;
import io.footbridge.control.run.RunRequest;
import io.footbridge.wire.Ipv4Address;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code footbridge run}, called by the script {@code engine} once the launcher stands in its namespaces. */
@Command(name = "run", description = "Run a command in namespaces of its own, on a network of its own.")
final class RunCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;
    @Option(names = "--command", required = true, hidden = true, description = "the process that becomes COMMAND")
    private int command;
    @Option(names = "--ready", required = true, hidden = true, description = "the descriptor on which the launcher listens")
    private int ready;
    @Option(names = "--directory", required = true, hidden = true, description = "where the user's control sockets are")
    private Path directory;
    @Option(names = "--network", paramLabel = "NET", description = "not available in this version")
    private String network;
    @Option(names = "--name", paramLabel = "NAME", description = "its name on the network; default: command")
    private String name;
    @Option(names = "--alias", paramLabel = "NAME", description = "another name there; may be repeated")
    private List<String> aliases = new ArrayList<>();
    @Option(names = "-p", paramLabel = "SPEC", description = "publish ports, as docker's -p; may be repeated")
    private List<String> published = new ArrayList<>();
    @Option(names = "--ip", paramLabel = "IP", description = "its IPv4 address")
    private String ip;
    @Option(names = "--mtu", paramLabel = "N", description = "longest packet in bytes; default: 1500")
    private int mtu = NetworkSpec.DEFAULT_MTU;
    @Option(names = "--host-loopback", description = "let the gateway's address lead to the host's loopback")
    private boolean hostLoopback;

    @Override
    public Integer call() throws CommandFailure {
        // COMMAND's terminal is no place for a log.
        System.setProperty("tinylog.level", "warn");
        if (network != null) {
            throw new CommandFailure("--network is not available in this version");
        }
        try {
            PrivateRun.serve(request(), ready, Texts.version(), this::print);
            return 0;
        } catch (IOException | RefusedException failed) {
            throw new CommandFailure("run: " + failed.getMessage(), failed);
        }
    }

    private RunRequest request() {
        return read("run", "", _ -> new RunRequest(command, directory, Optional.ofNullable(name), aliases,
            published.stream().map(text -> read("-p", text, PublishSpec::parse)).toList(),
            Optional.ofNullable(ip).map(text -> read("--ip", text, Ipv4Address::parse)), mtu, hostLoopback));
    }

    private <T> T read(String option, String text, Function<String, T> reader) {
        try {
            return reader.apply(text);
        } catch (IllegalArgumentException wrong) {
            throw new ParameterException(spec.commandLine(), option + ": " + wrong.getMessage(), wrong);
        }
    }

    private void print(List<BindingView> bindings) {
        if (bindings.isEmpty()) {
            return;
        }
        try {
            String document = Json.write(bindings.stream().map(FlowDocuments::binding).toList());
            PrintWriter err = spec.commandLine().getErr();
            err.print(FlowListings.bindings(new Answer(DocumentReader.json(document))));
            err.flush();
        } catch (RefusedException never) {
            throw new IllegalStateException(never);
        }
    }
}
