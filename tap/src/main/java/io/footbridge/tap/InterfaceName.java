package io.footbridge.tap;

import java.nio.charset.StandardCharsets;

/** Names of network interfaces: what the kernel takes (dev_valid_name), less what would surprise a person. */
public final class InterfaceName {
    /** The longest name in bytes: IFNAMSIZ less the terminating zero. */
    public static final int MAX_BYTES = 15;

    private InterfaceName() {
    }

    /**
     * Passes a good name through. A {@code %} is refused as well, for the kernel reads {@code eth%d} as a pattern and
     * picks a name of its own; so are control characters, which a terminal would act on.
     *
     * @throws IllegalArgumentException with one line that says what is wrong
     */
    public static String check(String name) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("an interface name is empty");
        }
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_BYTES) {
            throw new IllegalArgumentException(
                    "interface name " + quoted(name) + " has " + bytes + " bytes; " + MAX_BYTES + " is the limit");
        }
        if (name.equals(".") || name.equals("..")) {
            throw new IllegalArgumentException("interface name " + quoted(name) + " is not allowed");
        }
        if (name.codePoints().anyMatch(InterfaceName::forbidden)) {
            throw new IllegalArgumentException("interface name " + quoted(name)
                    + " has a character that is not allowed: '/', ':', '%', white space or a control character");
        }
        return name;
    }

    private static boolean forbidden(int character) {
        return character == '/' || character == ':' || character == '%' || Character.isWhitespace(character)
                || Character.isSpaceChar(character) || Character.isISOControl(character);
    }

    private static String quoted(String name) {
        StringBuilder text = new StringBuilder("'");
        name.codePoints().forEach(c -> text.appendCodePoint(Character.isISOControl(c) ? '?' : c));
        return text.append('\'').toString();
    }
}
