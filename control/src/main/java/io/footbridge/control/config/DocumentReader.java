package io.footbridge.control.config;

import io.footbridge.control.config.Node.Scalar.Kind;
import io.footbridge.control.model.Quoted;
import io.footbridge.control.model.RefusedException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLParser;

/**
 * Reads a JSON or YAML document into {@link Node}s. Jackson's own trees forget the lines, so its stream is read here.
 * Depth and size are bounded by Jackson; aliases are refused, for they can stand for far more than is written.
 */
public final class DocumentReader {
    private static final JsonFactory JSON = new JsonFactory();
    private static final int MAX_DEPTH = 32;

    private final JsonParser parser;
    private final boolean lines;

    private DocumentReader(JsonParser parser, boolean lines) {
        this.parser = parser;
        this.lines = lines;
    }

    /** Reads JSON; its nodes have no lines, since it came over a socket. */
    public static Node json(String text) throws RefusedException {
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), text)) {
            return new DocumentReader(parser, false).document();
        } catch (JacksonException malformed) {
            throw RefusedException.invalid("not JSON: " + Quoted.oneLine(malformed.getOriginalMessage()));
        }
    }

    /** Reads one YAML document. */
    public static Node yaml(String text) throws RefusedException {
        try (JsonParser parser = new YAMLFactory().createParser(ObjectReadContext.empty(), text)) {
            return new DocumentReader(parser, true).document();
        } catch (JacksonException malformed) {
            throw RefusedException.invalid(
                "line " + Math.max(1, malformed.getLocation().getLineNr()) + ": not YAML: " + problem(malformed.getOriginalMessage()));
        }
    }

    /** The YAML reader's messages quote the document over many lines: the first two say what is wrong. */
    private static String problem(String message) {
        String head = message.lines().limit(1).reduce("", String::concat);
        return Quoted.oneLine(head);
    }

    private Node document() throws RefusedException {
        JsonToken first = parser.nextToken();
        if (first == null) {
            return new Node.Scalar(lines ? 1 : 0, Kind.NOTHING, "");
        }
        Node root = node(first, 0);
        if (parser.nextToken() != null) {
            throw refused(line(), "only one document is expected");
        }
        return root;
    }

    private Node node(JsonToken token, int depth) throws RefusedException {
        int line = line();
        if (depth > MAX_DEPTH) {
            throw refused(line, "nested too deep");
        }
        if (parser instanceof YAMLParser yaml && yaml.isCurrentAlias()) {
            throw refused(line, "aliases are not supported; write the value out");
        }
        return switch (token) {
            case START_OBJECT -> mapping(line, depth);
            case START_ARRAY -> sequence(line, depth);
            case VALUE_STRING -> new Node.Scalar(line, Kind.TEXT, parser.getString());
            case VALUE_NUMBER_INT -> new Node.Scalar(line, Kind.WHOLE, parser.getString());
            case VALUE_NUMBER_FLOAT -> new Node.Scalar(line, Kind.FRACTION, parser.getString());
            case VALUE_TRUE, VALUE_FALSE -> new Node.Scalar(line, Kind.TRUTH, token == JsonToken.VALUE_TRUE ? "true" : "false");
            case VALUE_NULL -> new Node.Scalar(line, Kind.NOTHING, "");
            default -> throw refused(line, "a value of a kind that is not supported");
        };
    }

    private Node mapping(int line, int depth) throws RefusedException {
        Map<String, Node> members = new LinkedHashMap<>();
        Map<String, Integer> keyLines = new LinkedHashMap<>();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String key = parser.currentName();
            int keyLine = line();
            Node value = node(parser.nextToken(), depth + 1);
            if (members.put(key, value) != null) {
                throw refused(keyLine, Quoted.of(key) + " stands there twice");
            }
            keyLines.put(key, keyLine);
        }
        return new Node.Mapping(line, members, keyLines);
    }

    private Node sequence(int line, int depth) throws RefusedException {
        List<Node> items = new ArrayList<>();
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            items.add(node(token, depth + 1));
        }
        return new Node.Sequence(line, items);
    }

    private int line() {
        return lines ? parser.currentTokenLocation().getLineNr() : 0;
    }

    private static RefusedException refused(int line, String message) {
        return RefusedException.invalid((line > 0 ? "line " + line + ": " : "") + message);
    }
}
