package io.footbridge.control.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code footbridge detach}. */
@Command(name = "detach", description = "Detach an endpoint and remove its interface.")
final class DetachCommand extends ClientCommand {
    @Parameters(index = "0", paramLabel = "NET")
    private String network;
    @Parameters(index = "1", paramLabel = "NAME")
    private String name;

    @Override
    void run(ControlClient client) throws CommandFailure {
        client.delete(ControlClient.path("networks", network, "endpoints", name));
    }
}
