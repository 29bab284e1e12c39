package io.footbridge.control.cli;

import io.footbridge.control.config.DocumentReader;
import io.footbridge.control.model.RefusedException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code footbridge conntrack}: with the texts of {@code conntrack}. */
@Command(name = "conntrack", description = "Tracked flows.", subcommands = {
    ConntrackCommands.Ls.class, ConntrackCommands.Count.class, ConntrackCommands.Flush.class, ConntrackCommands.Stats.class})
final class ConntrackCommands implements Callable<Integer> {
    private static final String FLOWS = "flows";
    private static final String STATISTICS = "flow-statistics";

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "conntrack: list, count, flush or stats?");
    }

    private static String path(String network) {
        return network == null ? ControlClient.path(FLOWS) : ControlClient.path("networks", network, FLOWS);
    }

    /** As conntrack signs what it says beside a listing. */
    private static String signed(String text) {
        return Texts.version().replace("Footbridge ", "footbridge v") + ": " + text;
    }

    @Command(name = "list", aliases = "ls", description = "All flows, or one network's.")
    static final class Ls extends ClientCommand {
        @Parameters(paramLabel = "NET", arity = "0..1")
        private String network;

        @Override
        void run(ControlClient client) throws CommandFailure {
            Lines lines = new Lines();
            client.stream(path(network), lines);
            if (root().json()) {
                print(lines.count == 0 ? "[]\n" : "]\n");
            } else {
                say(signed(lines.count + " flow entries have been shown."));
            }
        }

        /** Prints each line as it comes: there may be a million. */
        private final class Lines implements ControlClient.Sink {
            private final ByteArrayOutputStream line = new ByteArrayOutputStream();
            private long count;

            @Override
            public void begin() {
                // Nothing is printed before the first flow.
            }

            @Override
            public void write(byte[] bytes) throws CommandFailure {
                int from = 0;
                for (int i = 0; i < bytes.length; i++) {
                    if (bytes[i] == '\n') {
                        line.write(bytes, from, i - from);
                        from = i + 1;
                        flow(line.toString(StandardCharsets.UTF_8));
                        line.reset();
                    }
                }
                line.write(bytes, from, bytes.length - from);
            }

            private void flow(String json) throws CommandFailure {
                try {
                    root().out().print(root().json() ? (count == 0 ? "[" : ",") + json
                        : FlowListings.flow(new Answer(DocumentReader.json(json))) + "\n");
                    count++;
                } catch (RefusedException malformed) {
                    throw new CommandFailure("the daemon's answer is " + malformed.getMessage(), malformed);
                }
            }
        }
    }

    @Command(name = "count", description = "How many flows there are.")
    static final class Count extends ClientCommand {
        @Override
        void run(ControlClient client) throws CommandFailure {
            Answer statistics = new Answer(client.get(ControlClient.path(STATISTICS)));
            print(root().json() ? "[{\"count\":" + statistics.number("sessions") + "}]\n" : statistics.number("sessions") + "\n");
        }
    }

    @Command(name = "flush", description = "Forget all flows, or one network's.")
    static final class Flush extends ClientCommand {
        @Parameters(paramLabel = "NET", arity = "0..1")
        private String network;

        @Override
        void run(ControlClient client) throws CommandFailure {
            client.delete(path(network));
            say(signed(network == null ? "connection tracking table has been emptied."
                : "flow entries of network " + network + " have been deleted."));
        }
    }

    @Command(name = "stats", description = "How full the table is, and what happened in it. Capacity is that of each family.")
    static final class Stats extends ClientCommand {
        @Override
        void run(ControlClient client) throws CommandFailure {
            printOne(client.get(ControlClient.path(STATISTICS)), FlowListings::flowStatistics);
        }
    }
}
