package io.footbridge.control.cli;

import io.footbridge.control.config.Node;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A part of a daemon's answer. What is not there reads as empty: a client may be older or newer than its daemon.
 *
 * @param node the part
 */
record Answer(Node node) {
    private static final Node NOTHING = new Node.Scalar(0, Node.Scalar.Kind.NOTHING, "");

    Answer at(String name) {
        return node instanceof Node.Mapping mapping ? new Answer(mapping.members().getOrDefault(name, NOTHING)) : new Answer(NOTHING);
    }

    List<Answer> items() {
        return node instanceof Node.Sequence sequence ? sequence.items().stream().map(Answer::new).toList() : List.of();
    }

    Map<String, Answer> members() {
        return node instanceof Node.Mapping mapping
            ? mapping.members().entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, e -> new Answer(e.getValue()),
                (first, _) -> first, java.util.LinkedHashMap::new))
            : Map.of();
    }

    String text() {
        return node instanceof Node.Scalar scalar ? scalar.text() : "";
    }

    String text(String name) {
        return at(name).text();
    }

    long number(String name) {
        String text = text(name);
        return text.isEmpty() ? 0 : Long.parseLong(text);
    }
}
