package io.footbridge.proxy;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * A command line as Go's flag package reads it, because programs that start docker-proxy write it so: {@code -x v},
 * {@code --x v}, {@code -x=v}, {@code --x=v}; switches need no value and take none from the next word; what follows the
 * first word that is no flag is not looked at. Later values win.
 */
final class GoFlags {
    private static final Pattern IPV4 = Pattern.compile("(?:(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)(?:\\.(?!$)|$)){4}");
    private static final Pattern INTEGER = Pattern.compile(
            "([+-]?)(?:0[xX](_?[0-9a-fA-F](?:_?[0-9a-fA-F])*)|0[oO]?(_?[0-7](?:_?[0-7])*)|0[bB](_?[01](?:_?[01])*)"
            + "|(0|[1-9](?:_?[0-9])*))");
    private static final int[] BASES = {16, 8, 2, 10};
    private static final List<String> TRUE = List.of("1", "t", "T", "TRUE", "true", "True");
    private static final List<String> FALSE = List.of("0", "f", "F", "FALSE", "false", "False");

    private final String program;
    private final Map<String, Flag> flags = new TreeMap<>();

    GoFlags(String program) {
        this.program = program;
    }

    /** The command line cannot be read, or only asks for help. */
    static final class UsageException extends Exception {
        private static final long serialVersionUID = 1L;
        private final int exitCode;

        UsageException(String message, int exitCode) {
            super(message);
            this.exitCode = exitCode;
        }

        /** What the program ends with: 0 after a question for help, else 2. */
        int exitCode() {
            return exitCode;
        }
    }

    private enum Kind {
        STRING("string"), INTEGER("int"), ADDRESS("value"), SWITCH("");

        private final String placeholder;

        Kind(String placeholder) {
            this.placeholder = placeholder;
        }
    }

    private static final class Flag {
        private final Kind kind;
        private final String shownDefault;
        private final String usage;
        private Object value;

        private Flag(Kind kind, Object value, String shownDefault, String usage) {
            this.kind = kind;
            this.value = value;
            this.shownDefault = shownDefault;
            this.usage = usage;
        }
    }

    /** What is wrong with a value, in Go's words. */
    private static final class ValueException extends Exception {
        private static final long serialVersionUID = 1L;

        ValueException(String message) {
            super(message);
        }
    }

    void addText(String name, String initial, String usage) {
        flags.put(name, new Flag(Kind.STRING, initial, " (default \"" + initial + "\")", usage));
    }

    void addInteger(String name, long initial, String usage) {
        flags.put(name, new Flag(Kind.INTEGER, initial, " (default " + initial + ")", usage));
    }

    void addAddress(String name, InetAddress initial, String usage) {
        flags.put(name, new Flag(Kind.ADDRESS, initial, " (default " + initial.getHostAddress() + ")", usage));
    }

    void addSwitch(String name, String usage) {
        flags.put(name, new Flag(Kind.SWITCH, false, "", usage));
    }

    String text(String name) {
        return (String) flags.get(name).value;
    }

    long integer(String name) {
        return (long) flags.get(name).value;
    }

    /** An address, or null where an empty one was given. */
    InetAddress address(String name) {
        return (InetAddress) flags.get(name).value;
    }

    boolean isSet(String name) {
        return (boolean) flags.get(name).value;
    }

    /** Reads a command line into the values. */
    void parse(List<String> arguments) throws UsageException {
        List<String> left = new ArrayList<>(arguments);
        while (!left.isEmpty()) {
            String word = left.getFirst();
            if (word.length() < 2 || word.charAt(0) != '-' || word.equals("--")) {
                return;
            }
            left.removeFirst();
            String name = word.substring(word.charAt(1) == '-' ? 2 : 1);
            if (name.isEmpty() || name.charAt(0) == '-' || name.charAt(0) == '=') {
                throw failure("bad flag syntax: " + word);
            }
            int equals = name.indexOf('=');
            String value = equals < 0 ? null : name.substring(equals + 1);
            name = equals < 0 ? name : name.substring(0, equals);
            set(name, value, left);
        }
    }

    private void set(String name, String given, List<String> left) throws UsageException {
        Flag flag = flags.get(name);
        if (flag == null) {
            throw name.equals("help") || name.equals("h") ? new UsageException(usage(), 0)
                    : failure("flag provided but not defined: -" + name);
        }
        String value = given;
        if (flag.kind == Kind.SWITCH) {
            value = value == null ? "true" : value;
        } else if (value == null) {
            if (left.isEmpty()) {
                throw failure("flag needs an argument: -" + name);
            }
            value = left.removeFirst();
        }
        try {
            flag.value = read(flag.kind, value);
        } catch (ValueException wrong) {
            String what = flag.kind == Kind.SWITCH ? "invalid boolean value " + quoted(value) + " for -" + name
                    : "invalid value " + quoted(value) + " for flag -" + name;
            throw failure(what + ": " + wrong.getMessage());
        }
    }

    private static Object read(Kind kind, String value) throws ValueException {
        return switch (kind) {
            case STRING -> value;
            case INTEGER -> readInteger(value);
            case ADDRESS -> readAddress(value);
            case SWITCH -> readSwitch(value);
        };
    }

    private static boolean readSwitch(String value) throws ValueException {
        if (!TRUE.contains(value) && !FALSE.contains(value)) {
            throw new ValueException("parse error");
        }
        return TRUE.contains(value);
    }

    private static long readInteger(String value) throws ValueException {
        var match = INTEGER.matcher(value);
        if (!match.matches()) {
            throw new ValueException("parse error");
        }
        for (int i = 0; i < BASES.length; i++) {
            String digits = match.group(i + 2);
            if (digits != null) {
                try {
                    return Long.parseLong(match.group(1) + digits.replace("_", ""), BASES[i]);
                } catch (NumberFormatException tooLarge) {
                    throw new ValueException("value out of range");
                }
            }
        }
        throw new ValueException("parse error");
    }

    /** Never a name: nothing is looked up. */
    private static InetAddress readAddress(String value) throws ValueException {
        if (value.isEmpty()) {
            return null;
        }
        try {
            if (IPV4.matcher(value).matches()) {
                return Inet4Address.ofLiteral(value);
            }
            if (value.indexOf(':') >= 0 && value.indexOf('%') < 0 && value.indexOf('[') < 0) {
                return Inet6Address.ofLiteral(value);
            }
        } catch (IllegalArgumentException noLiteral) {
            // Said below.
        }
        throw new ValueException("invalid IP address: " + value);
    }

    private static String quoted(String value) {
        return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n").replace("\t", "\\t") + '"';
    }

    private UsageException failure(String message) {
        return new UsageException(message + "\n" + usage(), 2);
    }

    /** The flags and their defaults, in alphabetical order. */
    String usage() {
        StringBuilder text = new StringBuilder("Usage of ").append(program).append(":\n");
        flags.forEach((name, flag) -> {
            text.append("  -").append(name);
            if (!flag.kind.placeholder.isEmpty()) {
                text.append(' ').append(flag.kind.placeholder);
            }
            boolean oneLine = name.length() == 1 && flag.kind == Kind.SWITCH;
            text.append(oneLine ? "\t" : "\n    \t").append(flag.usage).append(flag.shownDefault).append('\n');
        });
        return text.toString();
    }
}
