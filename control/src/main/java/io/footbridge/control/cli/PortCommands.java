package io.footbridge.control.cli;

import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code footbridge port}. */
@Command(name = "port", description = "Ports.", subcommands = PortCommands.Set.class)
final class PortCommands implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "port: set what?");
    }

    @Command(name = "set", description = "Change an endpoint's port: source-check, hairpin, isolated, fdb-limit, flows, ports.")
    static final class Set extends ClientCommand {
        @Parameters(index = "0", paramLabel = "NET")
        private String network;
        @Parameters(index = "1", paramLabel = "NAME")
        private String name;
        @Parameters(index = "2..*", paramLabel = "KEY=VALUE", arity = "1..*")
        private Map<String, String> changes;

        @Override
        void run(ControlClient client) throws CommandFailure {
            client.send("PATCH", ControlClient.path("networks", network, "endpoints", name), changes);
        }
    }
}
