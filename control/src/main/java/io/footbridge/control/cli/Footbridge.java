package io.footbridge.control.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command line's root, with the options of every command. */
@Command(name = "footbridge", mixinStandardHelpOptions = true, scope = ScopeType.INHERIT,
    sortOptions = false, synopsisHeading = "Usage: ")
final class Footbridge implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--socket", paramLabel = "PATH", scope = ScopeType.INHERIT,
        description = "the daemon's control socket (also FOOTBRIDGE_SOCKET)")
    private Path socket;

    @Option(names = "--json", scope = ScopeType.INHERIT, description = "listings as JSON")
    private boolean json;

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "which command?");
    }

    Path socket() throws CommandFailure {
        try {
            return SocketPath.resolve(Optional.ofNullable(socket));
        } catch (IOException failed) {
            throw new CommandFailure(failed.getMessage(), failed);
        }
    }

    ControlClient client() throws CommandFailure {
        return new ControlClient(socket());
    }

    boolean json() {
        return json;
    }

    PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
