package io.footbridge.control.cli;

import io.footbridge.control.config.Json;
import io.footbridge.control.config.Node;
import io.footbridge.control.model.Quoted;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command that asks a daemon and prints what it answers. */
abstract class ClientCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    /** Does what the command says. */
    abstract void run(ControlClient client) throws CommandFailure;

    @Override
    public final Integer call() throws CommandFailure {
        run(root().client());
        return 0;
    }

    /** A list from the daemon and, behind it, those of the private runs that there are. */
    final Node getFromAll(ControlClient client, String path) throws CommandFailure {
        List<Node> items = new ArrayList<>();
        List<ControlClient> all = ControlClient.all(root().socket());
        if (all.isEmpty()) {
            return client.get(path);
        }
        for (ControlClient one : all) {
            try {
                if (one.get(path) instanceof Node.Sequence part) {
                    items.addAll(part.items());
                }
            } catch (CommandFailure ended) {
                // A run may end at any moment; the daemon's silence is worth a word where nobody else speaks.
                if (all.size() == 1) {
                    throw ended;
                }
            }
        }
        return new Node.Sequence(0, items);
    }

    final Footbridge root() {
        return (Footbridge) spec.root().userObject();
    }

    final void print(String text) {
        root().out().print(text);
        root().out().flush();
    }

    /** Says something beside the output: on standard error. */
    final void say(String line) {
        spec.commandLine().getErr().println(line);
        spec.commandLine().getErr().flush();
    }

    /** Says what the person should know, though all went well. */
    final void note(String line) {
        say("footbridge: " + Quoted.oneLine(line));
    }

    /** Prints a listing: as JSON where that was asked for. */
    final void print(Node answer, Function<Answer, String> asText) {
        print(root().json() ? Json.write(answer) + "\n" : asText.apply(new Answer(answer)));
    }

    /** Prints one object: as JSON in an array of one. */
    final void printOne(Node answer, Function<Answer, String> asText) {
        print(root().json() ? Json.write(List.of(answer)) + "\n" : asText.apply(new Answer(answer)));
    }
}
