package io.footbridge.control.model;

/** A person's own text, made fit for a one-line message: control characters replaced, long text cut. */
public final class Quoted {
    private static final int LIMIT = 80;

    private Quoted() {
    }

    /** The text in single quotes. */
    public static String of(String text) {
        StringBuilder line = new StringBuilder("'");
        text.codePoints().limit(LIMIT).forEach(c -> line.appendCodePoint(Character.isISOControl(c) ? '?' : c));
        if (text.codePointCount(0, text.length()) > LIMIT) {
            line.append("...");
        }
        return line.append('\'').toString();
    }

    /** A message of any origin as one line. */
    public static String oneLine(String message) {
        return message.strip().replaceAll("[\\p{Cntrl}\\s]+", " ");
    }
}
