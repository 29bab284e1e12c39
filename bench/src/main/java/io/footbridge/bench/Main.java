package io.footbridge.bench;

import io.footbridge.control.model.Quoted;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Where {@code ./footbridge bench} enters the JVM. The system property {@code footbridge.launcher} is the launcher's path. */
public final class Main {
    private static final int FAILED = 1;
    private static final int USAGE = 2;

    private Main() {
    }

    public static void main(String[] arguments) {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        BenchCommand command = new BenchCommand(out, err, isTerminal(), System.getProperty("footbridge.launcher", "./footbridge"));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            command.interrupt();
            if (command.isInterrupted()) {
                err.println("footbridge: bench: interrupted; what it had made is removed");
            }
        }));
        int code = run(command, out, err, arguments);
        out.flush();
        System.exit(code);
    }

    /** Whether standard error is a terminal. */
    private static boolean isTerminal() {
        try {
            return Path.of("/proc/self/fd/2").toRealPath().toString().startsWith("/dev/pts/");
        } catch (IOException pipe) {
            return false;
        }
    }

    /** Runs a command line; the exit code. */
    static int run(BenchCommand command, PrintStream out, PrintStream err, String... arguments) {
        CommandLine commandLine = new CommandLine(command);
        commandLine.setOut(new PrintWriter(out, true));
        commandLine.setOverwrittenOptionsAllowed(false);
        commandLine.setParameterExceptionHandler((wrong, _) -> complain(err, USAGE, usage(wrong)));
        commandLine.setExecutionExceptionHandler((failed, _, _) -> switch (failed) {
            // Whoever was interrupted has nothing to complain about.
            case IOException _ when command.isInterrupted() -> FAILED;
            case IOException io -> complain(err, FAILED, "bench: " + io.getMessage());
            default -> complain(err, FAILED, "bench: internal error: " + failed);
        });
        return commandLine.execute(arguments);
    }

    private static String usage(ParameterException wrong) {
        String message = wrong instanceof UnmatchedArgumentException unmatched && !unmatched.getUnmatched().isEmpty()
                ? "unknown argument " + Quoted.of(unmatched.getUnmatched().getFirst()) : wrong.getMessage();
        return "bench: " + message + "; see footbridge bench --help";
    }

    private static int complain(PrintStream err, int code, String message) {
        err.println("footbridge: " + Quoted.oneLine(message));
        return code;
    }
}
