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
        print(network == null ? getFromAll(client, ControlClient.path("statistics"))
            : client.get(ControlClient.path("networks", network, "statistics")), Listings::statistics);
    }
}
