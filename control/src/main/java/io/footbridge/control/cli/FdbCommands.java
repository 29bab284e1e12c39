package io.footbridge.control.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code footbridge fdb}: with the texts of {@code bridge fdb}. */
@Command(name = "fdb", description = "Forwarding databases.", subcommands = {
    FdbCommands.Show.class, FdbCommands.Get.class, FdbCommands.Add.class, FdbCommands.Del.class})
final class FdbCommands implements Callable<Integer> {
    private static final String FDB = "fdb";

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "fdb: show, get, add or del?");
    }

    private static String path(String network, String mac) {
        return ControlClient.path("networks", network, FDB, mac);
    }

    @Command(name = "show", description = "All entries, or one network's.")
    static final class Show extends ClientCommand {
        @Parameters(paramLabel = "NET", arity = "0..1")
        private String network;

        @Override
        void run(ControlClient client) throws CommandFailure {
            String path = network == null ? ControlClient.path(FDB) : ControlClient.path("networks", network, FDB);
            print(client.get(path), Listings::fdb);
        }
    }

    @Command(name = "get", description = "One MAC's entry.")
    static final class Get extends ClientCommand {
        @Parameters(index = "0", paramLabel = "NET")
        private String network;
        @Parameters(index = "1", paramLabel = "MAC")
        private String mac;

        @Override
        void run(ControlClient client) throws CommandFailure {
            print(client.get(path(network, mac)), Listings::fdb);
        }
    }

    @Command(name = "add", description = "Bind a MAC to an endpoint's port: permanent unless static is said; sticky ones never move.")
    static final class Add extends ClientCommand {
        @Spec
        private CommandSpec spec;
        @Parameters(index = "0", paramLabel = "NET")
        private String network;
        @Parameters(index = "1", paramLabel = "MAC")
        private String mac;
        @Parameters(index = "2", paramLabel = "NAME")
        private String name;
        @Parameters(index = "3..*", paramLabel = "permanent|static|sticky", arity = "0..*")
        private List<String> words = List.of();

        @Override
        void run(ControlClient client) throws CommandFailure {
            Map<String, Object> request = new LinkedHashMap<>();
            request.put("endpoint", name);
            for (String word : words) {
                switch (word) {
                    case "permanent", "static" -> request.put("state", word);
                    case "sticky" -> request.put("sticky", true);
                    default -> throw new ParameterException(spec.commandLine(), "fdb add: permanent, static or sticky, not '" + word + "'");
                }
            }
            client.send("PUT", path(network, mac), request);
        }
    }

    @Command(name = "del", aliases = "delete", description = "Remove a MAC.")
    static final class Del extends ClientCommand {
        @Parameters(index = "0", paramLabel = "NET")
        private String network;
        @Parameters(index = "1", paramLabel = "MAC")
        private String mac;

        @Override
        void run(ControlClient client) throws CommandFailure {
            client.delete(path(network, mac));
        }
    }
}
