package io.footbridge.wire;

/** Decimal numbers as people must write them in addresses: ASCII digits, no sign, no leading zero. */
final class Decimal {
    private static final int MAX_DIGITS = 9;

    private Decimal() {
    }

    /** The number, or -1 if the text is no such number or above {@code max}. */
    static int parse(String text, int max) {
        if (text.isEmpty() || text.length() > MAX_DIGITS || text.length() > 1 && text.charAt(0) == '0') {
            return -1;
        }
        int value = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            value = value * 10 + c - '0';
        }
        return value > max ? -1 : value;
    }
}
