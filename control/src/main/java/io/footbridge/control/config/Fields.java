package io.footbridge.control.config;

import io.footbridge.control.config.Node.Mapping;
import io.footbridge.control.config.Node.Scalar;
import io.footbridge.control.config.Node.Scalar.Kind;
import io.footbridge.control.config.Node.Sequence;
import io.footbridge.control.model.Quoted;
import io.footbridge.control.model.RefusedException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * The members of a mapping, taken out one by one. What is of the wrong type is refused with its path, its line and what
 * was expected; so is, at the end, whatever nobody took ({@link #refuseOthers()}).
 */
public final class Fields {
    private final Mapping mapping;
    private final String path;
    private final Set<String> known = new HashSet<>();

    private Fields(Mapping mapping, String path) {
        this.mapping = mapping;
        this.path = path;
    }

    /** The members of a document's root. */
    public static Fields of(Node root) throws RefusedException {
        return of(root, "");
    }

    private static Fields of(Node node, String path) throws RefusedException {
        return switch (node) {
            case Mapping mapping -> new Fields(mapping, path);
            case Scalar(int line, Kind kind, String _) when kind == Kind.NOTHING -> new Fields(new Mapping(line, Map.of(), Map.of()), path);
            default -> throw refused(node, path, "expected a mapping, got " + node.describe());
        };
    }

    /** The mapping under this name; an absent one has no members. */
    public Fields mapping(String key) throws RefusedException {
        Node node = take(key).orElse(new Mapping(mapping.line(), Map.of(), Map.of()));
        return of(node, path(key));
    }

    /** Every member as a mapping of its own, by name, in the document's order. */
    public Map<String, Fields> mappings() throws RefusedException {
        Map<String, Fields> all = new LinkedHashMap<>();
        for (String key : mapping.members().keySet()) {
            all.put(key, mapping(key));
        }
        return all;
    }

    /** The members' names, in the document's order. */
    public Set<String> names() {
        return mapping.members().keySet();
    }

    /** Every member that nobody took yet, as text: options, whose names and values another judges. */
    public Map<String, String> remaining() throws RefusedException {
        Map<String, String> all = new LinkedHashMap<>();
        for (String key : mapping.members().keySet()) {
            if (!known.contains(key)) {
                all.put(key, text(key, "a value").orElseThrow());
            }
        }
        return all;
    }

    /**
     * A value as text, whatever the syntax makes of it.
     *
     * @param expected what should stand there, for the message
     */
    public Optional<String> text(String key, String expected) throws RefusedException {
        return value(key, expected, text -> text);
    }

    /**
     * A value.
     *
     * @param expected what should stand there, for the message
     * @param parser throws IllegalArgumentException, with a message for people, where the text is not that
     */
    public <T> Optional<T> value(String key, String expected, Function<String, T> parser) throws RefusedException {
        Optional<Node> node = take(key);
        if (node.isEmpty()) {
            return Optional.empty();
        }
        if (!(node.get() instanceof Scalar scalar) || scalar.kind() == Kind.NOTHING) {
            throw refused(node.get(), path(key), "expected " + expected + ", got " + node.get().describe());
        }
        try {
            return Optional.of(parser.apply(scalar.text()));
        } catch (IllegalArgumentException wrong) {
            throw refused(scalar, path(key), Quoted.oneLine(wrong.getMessage()));
        }
    }

    /** A whole number within bounds. */
    public Optional<Integer> whole(String key, int min, int max) throws RefusedException {
        String expected = "a whole number from " + min + " to " + max;
        return value(key, expected, text -> {
            try {
                int number = Integer.parseInt(text);
                if (number >= min && number <= max) {
                    return number;
                }
            } catch (NumberFormatException notANumber) {
                // said below
            }
            throw new IllegalArgumentException("expected " + expected + ", got " + Quoted.of(text));
        });
    }

    /**
     * A list of values; an absent one is empty.
     *
     * @param expected what each of them should be, for the message
     * @param parser throws IllegalArgumentException, with a message for people, where a text is not that
     */
    public <T> List<T> values(String key, String expected, Function<String, T> parser) throws RefusedException {
        Optional<Node> node = take(key);
        if (node.isEmpty()) {
            return List.of();
        }
        if (!(node.get() instanceof Sequence sequence)) {
            throw refused(node.get(), path(key), "expected a list of " + expected + ", got " + node.get().describe());
        }
        List<T> values = new ArrayList<>();
        for (Node item : sequence.items()) {
            if (!(item instanceof Scalar scalar) || scalar.kind() == Kind.NOTHING) {
                throw refused(item, path(key), "expected " + expected + ", got " + item.describe());
            }
            try {
                values.add(parser.apply(scalar.text()));
            } catch (IllegalArgumentException wrong) {
                throw refused(scalar, path(key), Quoted.oneLine(wrong.getMessage()));
            }
        }
        return values;
    }

    /** Whether there is such a member. */
    public boolean has(String key) {
        return mapping.members().containsKey(key);
    }

    /** Refuses members that nobody took. */
    public void refuseOthers() throws RefusedException {
        for (String key : mapping.members().keySet()) {
            if (!known.contains(key)) {
                throw refused(mapping.keyLines().get(key), path(key), "unknown key");
            }
        }
    }

    /** A refusal of a member that reads well but cannot be. */
    public RefusedException refused(String key, String message) {
        return refused(mapping.keyLines().getOrDefault(key, mapping.line()), path(key), message);
    }

    /** A refusal of the mapping as a whole. */
    public RefusedException refused(String message) {
        return refused(mapping.line(), path, message);
    }

    private Optional<Node> take(String key) {
        known.add(key);
        return Optional.ofNullable(mapping.members().get(key));
    }

    private String path(String key) {
        String shown = Quoted.of(key);
        String name = shown.substring(1, shown.length() - 1);
        return path.isEmpty() ? name : path + "." + name;
    }

    private static RefusedException refused(Node node, String path, String message) {
        return refused(node.line(), path, message);
    }

    private static RefusedException refused(int line, String path, String message) {
        return RefusedException.invalid((line > 0 ? "line " + line + ": " : "") + (path.isEmpty() ? "" : path + ": ") + message);
    }
}
