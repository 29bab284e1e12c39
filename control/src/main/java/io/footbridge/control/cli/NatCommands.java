package io.footbridge.control.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code footbridge nat}: with the text of {@code iptables -t nat -L -v -n}. */
@Command(name = "nat", description = "Address translation.", subcommands = NatCommands.Ls.class)
final class NatCommands implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "nat: list?");
    }

    @Command(name = "list", aliases = "ls",
        description = "All rules, or one network's; packets and bytes are of the first packet of each flow.")
    static final class Ls extends ClientCommand {
        @Parameters(paramLabel = "NET", arity = "0..1")
        private String network;

        @Override
        void run(ControlClient client) throws CommandFailure {
            String path = network == null ? ControlClient.path("nat") : ControlClient.path("networks", network, "nat");
            print(client.get(path), FlowListings::rules);
        }
    }
}
