package io.footbridge.control.cli;

import io.footbridge.control.model.Quoted;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Runs a command line: the exit code, and one line on standard error where something is wrong. */
public final class CommandLineRunner {
    private static final int FAILED = 1;
    private static final int USAGE = 2;
    private static final Set<String> NOT_YET = Set.of("pasta");

    private static final Map<String, Supplier<Object>> COMMANDS = new LinkedHashMap<>();

    static {
        COMMANDS.put("daemon", DaemonCommand::new);
        COMMANDS.put("network", NetworkCommands::new);
        COMMANDS.put("attach", AttachCommand::new);
        COMMANDS.put("detach", DetachCommand::new);
        COMMANDS.put("port", PortCommands::new);
        COMMANDS.put("publish", PublishCommands.Publish::new);
        COMMANDS.put("unpublish", PublishCommands.Unpublish::new);
        COMMANDS.put("ports", PublishCommands.Ports::new);
        COMMANDS.put("proxy", ProxyCommand::new);
        COMMANDS.put("fdb", FdbCommands::new);
        COMMANDS.put("neigh", NeighbourCommand::new);
        COMMANDS.put("conntrack", ConntrackCommands::new);
        COMMANDS.put("nat", NatCommands::new);
        COMMANDS.put("stats", StatisticsCommand::new);
        COMMANDS.put("top", TopCommand::new);
        COMMANDS.put("capture", CaptureCommand::new);
    }

    private final PrintWriter out;
    private final PrintWriter err;
    private final BooleanSupplier abandoned;

    /** With these as standard output and standard error. */
    public CommandLineRunner(PrintWriter out, PrintWriter err) {
        this(out, err, () -> false);
    }

    /** With these as standard output, in UTF-8, and standard error. A reader who leaves, as {@code head} does, is no error to speak of. */
    public static CommandLineRunner over(OutputStream out, PrintWriter err) {
        StandardOutput output = new StandardOutput(out);
        return new CommandLineRunner(new PrintWriter(output, false, StandardCharsets.UTF_8), err, output::isAbandoned);
    }

    private CommandLineRunner(PrintWriter out, PrintWriter err, BooleanSupplier abandoned) {
        this.out = out;
        this.err = err;
        this.abandoned = abandoned;
    }

    /** Runs; the exit code: 0, 1 failed, 2 usage. What nobody can read was not done. */
    public int run(String... args) {
        int code = execute(args);
        // A PrintWriter keeps errors to itself until it is asked.
        if (code != 0 || !out.checkError()) {
            return code;
        }
        return abandoned.getAsBoolean() ? FAILED
            : complain(FAILED, "write standard output: it is full or closed; what is printed there is not complete");
    }

    private int execute(String... args) {
        if (args.length > 0 && NOT_YET.contains(args[0])) {
            return complain(FAILED, args[0] + " is not available in this version");
        }
        if (args.length == 1 && args[0].equals("--version")) {
            out.println(Texts.version());
            out.flush();
            return 0;
        }
        if (args.length == 1 && (args[0].equals("--help") || args[0].equals("-h") || args[0].equals("help"))) {
            out.print(Texts.help());
            out.flush();
            return 0;
        }
        if (args.length > 0 && args[0].equals("run")) {
            return serveCommand(List.of(args).subList(1, args.length));
        }
        CommandLine commandLine = new CommandLine(new Footbridge());
        addCommands(commandLine, new HashSet<>(Arrays.asList(args)));
        commandLine.registerConverter(Path.class, CommandLineRunner::path);
        commandLine.setOut(out);
        commandLine.setErr(err);
        setVersion(commandLine, Texts.version());
        commandLine.setOverwrittenOptionsAllowed(false);
        commandLine.setParameterExceptionHandler((wrong, _) -> complain(USAGE, usage(wrong)));
        commandLine.setExecutionExceptionHandler((failed, _, _) -> switch (failed) {
            case CommandFailure failure -> complain(FAILED, failure.getMessage());
            case ParameterException wrong -> complain(USAGE, usage(wrong));
            default -> complain(FAILED, "internal error: " + failed);
        });
        return commandLine.execute(args);
    }

    private int serveCommand(List<String> arguments) {
        try {
            new RunCommand(err).run(arguments);
            return 0;
        } catch (CommandFailure failure) {
            return complain(FAILED, failure.getMessage());
        }
    }

    /** Those that are named, or all: picocli looks at each class for a while. */
    private static void addCommands(CommandLine commandLine, Set<String> words) {
        boolean named = COMMANDS.keySet().stream().anyMatch(words::contains);
        COMMANDS.forEach((name, maker) -> {
            if (!named || words.contains(name)) {
                commandLine.addSubcommand(name, maker.get());
            }
        });
    }

    private static Path path(String text) {
        if (text.isEmpty()) {
            throw new TypeConversionException("a path is needed, got nothing");
        }
        try {
            return Path.of(text);
        } catch (InvalidPathException never) {
            throw new TypeConversionException(Quoted.of(text) + " is not a path");
        }
    }

    private static void setVersion(CommandLine commandLine, String version) {
        commandLine.getCommandSpec().version(version);
        commandLine.getSubcommands().values().forEach(command -> setVersion(command, version));
    }

    private static String usage(ParameterException wrong) {
        String message = wrong instanceof UnmatchedArgumentException unmatched && !unmatched.getUnmatched().isEmpty()
            ? "unknown " + (wrong.getCommandLine().getParent() == null ? "command or option " : "argument ")
                + Quoted.of(unmatched.getUnmatched().getFirst())
            : wrong.getMessage().replaceFirst("^Error: ", "");
        return message + "; see " + wrong.getCommandLine().getCommandSpec().qualifiedName() + " --help";
    }

    private int complain(int code, String message) {
        err.println("footbridge: " + Quoted.oneLine(message));
        err.flush();
        return code;
    }
}
