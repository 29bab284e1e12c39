package io.footbridge.wire;

/** A person's own text, made fit for a one-line message: control characters replaced, long text cut. */
final class Quoted {
    private static final int LIMIT = 64;

    private Quoted() {
    }

    static String of(String text) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < text.length() && i < LIMIT; i++) {
            char c = text.charAt(i);
            line.append(c < ' ' || c == 0x7F ? '?' : c);
        }
        return text.length() > LIMIT ? line.append("...").toString() : line.toString();
    }
}
