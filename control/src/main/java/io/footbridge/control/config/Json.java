package io.footbridge.control.config;

import java.io.StringWriter;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.PrettyPrinter;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.core.util.Separators;

/** Writes maps, lists, texts, numbers and truth values as JSON, members in the map's order. */
public final class Json {
    private static final JsonFactory JSON = new JsonFactory();

    private Json() {
    }

    /** On one line. */
    public static String write(Object value) {
        return write(value, ObjectWriteContext.empty());
    }

    /** Over many lines, four blanks a level: as docker prints what it inspects. */
    public static String writeIndented(Object value) {
        DefaultIndenter indenter = new DefaultIndenter("    ", "\n");
        Separators separators = Separators.createDefaultInstance()
            .withObjectNameValueSpacing(Separators.Spacing.AFTER).withObjectEmptySeparator("").withArrayEmptySeparator("");
        PrettyPrinter printer = new DefaultPrettyPrinter(separators).withArrayIndenter(indenter).withObjectIndenter(indenter);
        return write(value, new ObjectWriteContext.Base() {
            @Override
            public PrettyPrinter getPrettyPrinter() {
                return printer;
            }
        });
    }

    private static String write(Object value, ObjectWriteContext context) {
        StringWriter text = new StringWriter();
        try (JsonGenerator generator = JSON.createGenerator(context, text)) {
            put(generator, value);
        }
        return text.toString();
    }

    private static void put(JsonGenerator generator, Object value) {
        switch (value) {
            case Map<?, ?> members -> {
                generator.writeStartObject();
                members.forEach((name, member) -> {
                    generator.writeName(String.valueOf(name));
                    put(generator, member);
                });
                generator.writeEndObject();
            }
            case Iterable<?> items -> {
                generator.writeStartArray();
                items.forEach(item -> put(generator, item));
                generator.writeEndArray();
            }
            case Integer number -> generator.writeNumber(number);
            case Long number -> generator.writeNumber(number);
            case Double number -> generator.writeNumber(number);
            case Boolean truth -> generator.writeBoolean(truth);
            case Optional<?> optional -> {
                if (optional.isPresent()) {
                    put(generator, optional.get());
                } else {
                    generator.writeNull();
                }
            }
            case Node node -> put(generator, plain(node));
            default -> generator.writeString(value.toString());
        }
    }

    private static Object plain(Node node) {
        return switch (node) {
            case Node.Mapping mapping -> mapping.members();
            case Node.Sequence sequence -> sequence.items();
            case Node.Scalar(int _, Node.Scalar.Kind kind, String text) -> switch (kind) {
                case TEXT -> text;
                case WHOLE -> Long.valueOf(text);
                case FRACTION -> Double.valueOf(text);
                case TRUTH -> Boolean.valueOf(text);
                case NOTHING -> Optional.empty();
            };
        };
    }
}
