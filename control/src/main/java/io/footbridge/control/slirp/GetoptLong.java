package io.footbridge.control.slirp;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A command line as getopt_long(3) reads it: options may follow operands, a long option may be cut short as long as it is
 * told from all others, {@code --} ends the options. One at a time, in the order in which they stand; errors have the C
 * library's words. One thread.
 */
final class GetoptLong {
    private final String program;
    private final List<Option> options;
    private final String[] arguments;
    private final List<String> operands = new ArrayList<>();
    private int next;
    /** What is left of a word of short options, or empty. */
    private String cluster = "";

    /**
     * @param program as errors call it
     * @param options in the order in which an error lists them
     */
    GetoptLong(String program, List<Option> options, String... arguments) {
        this.program = program;
        this.options = List.copyOf(options);
        this.arguments = arguments.clone();
    }

    /**
     * An option that may be given.
     *
     * @param name its long name, without dashes
     * @param letter its short name, or 0 where it has none
     * @param takesArgument whether it must have one; if not, it must have none
     */
    record Option(String name, char letter, boolean takesArgument) {
    }

    /** The next that was given. */
    sealed interface Item {
        /** An option; the argument is empty where it takes none. */
        record Given(Option option, String argument) implements Item {
        }

        /** What stands there is no option, or lacks something; the message is for standard error. */
        record Wrong(String message) implements Item {
        }
    }

    /** The next option, or empty at the end. */
    Optional<Item> next() {
        if (!cluster.isEmpty()) {
            return Optional.of(shortOption());
        }
        while (next < arguments.length) {
            String word = arguments[next++];
            if (word.equals("--")) {
                operands.addAll(List.of(arguments).subList(next, arguments.length));
                next = arguments.length;
            } else if (word.startsWith("--")) {
                return Optional.of(longOption(word.substring(2)));
            } else if (word.length() > 1 && word.charAt(0) == '-') {
                cluster = word.substring(1);
                return Optional.of(shortOption());
            } else {
                operands.add(word);
            }
        }
        return Optional.empty();
    }

    /** What is no option, in order; complete once {@link #next} has been empty. */
    List<String> operands() {
        return List.copyOf(operands);
    }

    private Item shortOption() {
        char letter = cluster.charAt(0);
        String rest = cluster.substring(1);
        cluster = "";
        Optional<Option> found = options.stream().filter(option -> option.letter() == letter && letter != 0).findFirst();
        if (found.isEmpty()) {
            cluster = rest;
            return wrong("invalid option -- '" + letter + "'");
        }
        if (!found.get().takesArgument()) {
            cluster = rest;
            return new Item.Given(found.get(), "");
        }
        if (!rest.isEmpty()) {
            return new Item.Given(found.get(), rest);
        }
        if (next == arguments.length) {
            return wrong("option requires an argument -- '" + letter + "'");
        }
        return new Item.Given(found.get(), arguments[next++]);
    }

    private Item longOption(String word) {
        int equals = word.indexOf('=');
        String name = equals < 0 ? word : word.substring(0, equals);
        List<Option> candidates = options.stream().filter(option -> option.name().equals(name)).toList();
        if (candidates.isEmpty()) {
            candidates = options.stream().filter(option -> option.name().startsWith(name)).toList();
        }
        if (candidates.isEmpty()) {
            return wrong("unrecognized option '--" + word + "'");
        }
        if (candidates.size() > 1) {
            StringBuilder list = new StringBuilder("option '--" + word + "' is ambiguous; possibilities:");
            candidates.forEach(option -> list.append(" '--").append(option.name()).append('\''));
            return wrong(list.toString());
        }
        Option option = candidates.getFirst();
        if (!option.takesArgument()) {
            return equals < 0 ? new Item.Given(option, "") : wrong("option '--" + option.name() + "' doesn't allow an argument");
        }
        if (equals >= 0) {
            return new Item.Given(option, word.substring(equals + 1));
        }
        if (next == arguments.length) {
            return wrong("option '--" + option.name() + "' requires an argument");
        }
        return new Item.Given(option, arguments[next++]);
    }

    private Item.Wrong wrong(String message) {
        return new Item.Wrong(program + ": " + message);
    }
}
