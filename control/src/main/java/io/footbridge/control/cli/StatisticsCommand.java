package io.footbridge.control.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code footbridge stats}. */
@Command(name = "stats", description = "Counters of every port, with the reasons of drops.")
final class StatisticsCommand extends ClientCommand {
    @Parameters(paramLabel = "NET", arity = "0..1")
    private String network;

    @Override
    void run(ControlClient client) throws CommandFailure {
        String path = network == null ? ControlClient.path("statistics") : ControlClient.path("networks", network, "statistics");
        print(client.get(path), Listings::statistics);
    }
}
