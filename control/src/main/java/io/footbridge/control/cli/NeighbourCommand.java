package io.footbridge.control.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code footbridge neigh}: with the text of {@code ip neigh}. */
@Command(name = "neigh", description = "The neighbours that the gateways know.")
final class NeighbourCommand extends ClientCommand {
    @Parameters(paramLabel = "NET", arity = "0..1")
    private String network;

    @Override
    void run(ControlClient client) throws CommandFailure {
        String path = network == null ? ControlClient.path("neighbours") : ControlClient.path("networks", network, "neighbours");
        print(client.get(path), Listings::neighbours);
    }
}
