package io.footbridge.control.config;

import io.footbridge.control.model.Quoted;
import java.util.List;
import java.util.Map;

/** A part of a JSON or YAML document, with the line it stands on. Immutable. */
public sealed interface Node {
    /** The line, from 1; 0 where the document has no lines worth naming. */
    int line();

    /** What it is, for messages: {@code a list}, {@code 'abc'}. */
    String describe();

    /**
     * Named members, in the document's order.
     *
     * @param line where it begins
     * @param members by name
     * @param keyLines the line of each name
     */
    record Mapping(int line, Map<String, Node> members, Map<String, Integer> keyLines) implements Node {
        @Override
        public String describe() {
            return "a mapping";
        }
    }

    /**
     * Items in order.
     *
     * @param line where it begins
     * @param items the items
     */
    record Sequence(int line, List<Node> items) implements Node {
        @Override
        public String describe() {
            return "a list";
        }
    }

    /**
     * One value.
     *
     * @param line where it stands
     * @param kind what the document's syntax makes of it
     * @param text as written
     */
    record Scalar(int line, Kind kind, String text) implements Node {
        /** What the syntax makes of a value. */
        public enum Kind {
            /** A text. */
            TEXT,
            /** A whole number. */
            WHOLE,
            /** A number with a fraction. */
            FRACTION,
            /** true or false. */
            TRUTH,
            /** Nothing at all: null, or no value behind a name. */
            NOTHING
        }

        @Override
        public String describe() {
            return switch (kind) {
                case NOTHING -> "nothing";
                case TEXT -> Quoted.of(text);
                default -> text;
            };
        }
    }
}
