package io.footbridge.control.cli;

import io.footbridge.control.model.SystemReason;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code footbridge capture}: we write the file, with the rights of whoever called. */
@Command(name = "capture", description = "Write the frames of a network, or of one endpoint, as pcapng.")
final class CaptureCommand extends ClientCommand {
    @Spec
    private CommandSpec spec;
    @Parameters(paramLabel = "NET[/NAME]")
    private String what;
    @Option(names = "-w", required = true, paramLabel = "FILE|-", description = "where to; -: standard output")
    private String file;
    @Option(names = "-c", paramLabel = "COUNT", defaultValue = "0", description = "end after so many frames")
    private long count;

    @Override
    void run(ControlClient client) throws CommandFailure {
        if (count < 0) {
            throw new ParameterException(spec.commandLine(), "-c: expected a count, got " + count);
        }
        if (file.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "-w: a file or - is needed, got nothing");
        }
        int slash = what.indexOf('/');
        String path = ControlClient.path("networks", slash < 0 ? what : what.substring(0, slash), "capture") + "?count=" + count
            + (slash < 0 ? "" : "&endpoint=" + ControlClient.path(what.substring(slash + 1)).substring("/v1/".length()));
        Destination destination = new Destination();
        try {
            client.stream(path, destination);
        } finally {
            destination.end();
        }
    }

    /** Opened only when the daemon has agreed, so that a mistake leaves no empty file behind. */
    private final class Destination implements ControlClient.Sink {
        private OutputStream out = OutputStream.nullOutputStream();
        private Thread hook;

        @Override
        public void begin() throws CommandFailure {
            try {
                out = file.equals("-") ? new FileOutputStream(FileDescriptor.out) : Files.newOutputStream(Path.of(file));
            } catch (IOException unopened) {
                throw failure("open", unopened);
            }
            // Whoever interrupts it has what came so far: the file holds all that was written.
            Thread interrupted = new Thread(() -> Runtime.getRuntime().halt(0));
            Runtime.getRuntime().addShutdownHook(interrupted);
            hook = interrupted;
            System.err.println("capturing on " + what);
        }

        @Override
        public void write(byte[] bytes) throws CommandFailure {
            try {
                out.write(bytes);
            } catch (IOException unwritten) {
                throw failure("write", unwritten);
            }
        }

        /** From here on the exit code is what became of the stream. */
        private void end() {
            try {
                if (hook != null) {
                    Runtime.getRuntime().removeShutdownHook(hook);
                }
            } catch (IllegalStateException interruptedMeanwhile) {
                // The hook ends the process.
            }
        }

        private CommandFailure failure(String action, IOException cause) {
            return new CommandFailure(action + " " + file + ": " + SystemReason.of(cause), cause);
        }
    }
}
