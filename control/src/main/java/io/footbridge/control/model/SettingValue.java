package io.footbridge.control.model;

import io.footbridge.wire.Ipv4Address;
import java.util.List;
import java.util.Set;

/** Which values a KEY takes: brings a person's text into the one form that is stored and shown. */
public sealed interface SettingValue {
    /** {@code on} or {@code off}; true, false, yes and no are understood. */
    SettingValue ON_OFF = new OnOff();

    /**
     * The stored form of a person's text.
     *
     * @throws IllegalArgumentException if it is none of the values, with what was expected
     */
    String canonical(String text);

    /** {@code on} or {@code off}. */
    record OnOff() implements SettingValue {
        private static final Set<String> ON = Set.of("on", "true", "yes", "1");
        private static final Set<String> OFF = Set.of("off", "false", "no", "0");

        @Override
        public String canonical(String text) {
            if (ON.contains(text)) {
                return "on";
            }
            if (OFF.contains(text)) {
                return "off";
            }
            throw new IllegalArgumentException("expected on or off, got " + Quoted.of(text));
        }
    }

    /**
     * A whole number.
     *
     * @param min the least allowed
     * @param max the greatest allowed
     */
    record Whole(int min, int max) implements SettingValue {
        @Override
        public String canonical(String text) {
            return Integer.toString(parse(text));
        }

        /** The number, or an {@link IllegalArgumentException} that says what was expected. */
        public int parse(String text) {
            try {
                int number = Integer.parseInt(text);
                if (number >= min && number <= max) {
                    return number;
                }
            } catch (NumberFormatException notANumber) {
                // said below
            }
            throw new IllegalArgumentException("expected a whole number from " + min + " to " + max + ", got " + Quoted.of(text));
        }
    }

    /**
     * One of some words.
     *
     * @param words in the order in which they are named
     */
    record Choice(List<String> words) implements SettingValue {
        /** One of these. */
        public static Choice of(String... words) {
            return new Choice(List.of(words));
        }

        @Override
        public String canonical(String text) {
            if (words.contains(text)) {
                return text;
            }
            throw new IllegalArgumentException("expected " + String.join(", ", words) + ", got " + Quoted.of(text));
        }
    }

    /**
     * One of some words, or a whole number.
     *
     * @param words the words
     * @param number the numbers
     */
    record ChoiceOrWhole(Choice words, Whole number) implements SettingValue {
        @Override
        public String canonical(String text) {
            if (words.words().contains(text)) {
                return text;
            }
            try {
                return number.canonical(text);
            } catch (IllegalArgumentException neither) {
                throw new IllegalArgumentException("expected " + String.join(", ", words.words()) + " or a whole number from "
                    + number.min() + " to " + number.max() + ", got " + Quoted.of(text));
            }
        }
    }

    /** {@code ADDR} or {@code ADDR-ADDR}, IPv4; empty for none. */
    record AddressRange() implements SettingValue {
        @Override
        public String canonical(String text) {
            if (text.isEmpty()) {
                return text;
            }
            String[] ends = text.split("-", -1);
            if (ends.length > 2) {
                throw new IllegalArgumentException("expected ADDR or ADDR-ADDR, got " + Quoted.of(text));
            }
            Ipv4Address first = Ipv4Address.parse(ends[0]);
            Ipv4Address last = ends.length == 2 ? Ipv4Address.parse(ends[1]) : first;
            if (Integer.compareUnsigned(first.address(), last.address()) > 0) {
                throw new IllegalArgumentException("expected a lower and a higher address, got " + Quoted.of(text));
            }
            return first.equals(last) ? first.toString() : first + "-" + last;
        }
    }

    /** The way out of a network. */
    record Uplink() implements SettingValue {
        @Override
        public String canonical(String text) {
            if (text.startsWith("frames:")) {
                throw new IllegalArgumentException("uplink frames is not available in this version");
            }
            if (text.equals("sockets") || text.equals("none")) {
                return text;
            }
            throw new IllegalArgumentException("expected sockets, none or frames:IFNAME,addr=CIDR, got " + Quoted.of(text));
        }
    }

    /** Known by name, but not part of this version. */
    record Unavailable() implements SettingValue {
        @Override
        public String canonical(String text) {
            if (text.isEmpty()) {
                return text;
            }
            throw new IllegalArgumentException("not available in this version");
        }
    }
}
