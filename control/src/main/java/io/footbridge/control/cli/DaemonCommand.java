package io.footbridge.control.cli;

import io.footbridge.control.daemon.Daemon;
import io.footbridge.control.model.RefusedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code footbridge daemon}: runs until it is told to end. */
@Command(name = "daemon", description = "The networks' daemon, in the foreground; SIGTERM ends it.")
final class DaemonCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;
    @Option(names = "-c", paramLabel = "FILE.yaml", description = "networks and endpoints to begin with")
    private Path file;
    @Option(names = "--of-runs", hidden = true, description = "end when nothing is attached any more")
    private boolean ofRuns;
    @Option(names = "--docker", description = "serve Docker as a network plug-in")
    private boolean docker;

    @Override
    public Integer call() throws CommandFailure {
        if (docker) {
            throw new CommandFailure("--docker is not available in this version");
        }
        Footbridge root = (Footbridge) spec.root().userObject();
        try {
            Path socket = root.socket();
            SocketPath.prepareDirectory(socket);
            Daemon.run(socket, Optional.ofNullable(file), Texts.version(), ofRuns, () -> {
                root.out().println("footbridge: ready on " + socket);
                root.out().flush();
            });
            return 0;
        } catch (IOException | RefusedException failed) {
            throw new CommandFailure(String.valueOf(failed.getMessage()), failed);
        }
    }
}
