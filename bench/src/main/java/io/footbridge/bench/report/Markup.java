package io.footbridge.bench.report;

import java.util.Locale;

/** Pieces of HTML. */
final class Markup {
    private final StringBuilder text = new StringBuilder();

    /** Text made safe for content and attributes. */
    static String escape(String text) {
        StringBuilder safe = new StringBuilder();
        text.codePoints().forEach(c -> {
            switch (c) {
                case '<' -> safe.append("&lt;");
                case '>' -> safe.append("&gt;");
                case '&' -> safe.append("&amp;");
                case '"' -> safe.append("&quot;");
                default -> safe.appendCodePoint(Character.isISOControl(c) ? ' ' : c);
            }
        });
        return safe.toString();
    }

    /** Appends markup with numbers and escaped texts in it. */
    Markup add(String format, Object... arguments) {
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i] instanceof String string) {
                arguments[i] = escape(string);
            }
        }
        text.append(String.format(Locale.ROOT, format, arguments));
        return this;
    }

    /** Appends markup as it is. */
    Markup raw(String markup) {
        text.append(markup);
        return this;
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
