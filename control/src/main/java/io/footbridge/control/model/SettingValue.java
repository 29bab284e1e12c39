package io.footbridge.control.model;

import io.footbridge.wire.Ipv4Address;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

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

    /** {@code ADDR} or {@code ADDR-ADDR}, IPv4, at most 64 of them; empty for none. */
    record AddressRange() implements SettingValue {
        private static final int MAX_ADDRESSES = 64;

        /** The addresses of a stored text, lowest first. */
        static List<Ipv4Address> addresses(String canonical) {
            if (canonical.isEmpty()) {
                return List.of();
            }
            int dash = canonical.indexOf('-');
            Ipv4Address first = Ipv4Address.parse(dash < 0 ? canonical : canonical.substring(0, dash));
            Ipv4Address last = dash < 0 ? first : Ipv4Address.parse(canonical.substring(dash + 1));
            return IntStream.rangeClosed(0, last.address() - first.address())
                .mapToObj(distance -> new Ipv4Address(first.address() + distance)).toList();
        }

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
            long count = 1L + Integer.toUnsignedLong(last.address()) - Integer.toUnsignedLong(first.address());
            if (count > MAX_ADDRESSES) {
                throw new IllegalArgumentException("expected at most " + MAX_ADDRESSES + " addresses, got " + count);
            }
            return first.equals(last) ? first.toString() : first + "-" + last;
        }
    }

    /** The way out of a network: see {@link UplinkRequest}. */
    record Uplink() implements SettingValue {
        @Override
        public String canonical(String text) {
            return UplinkRequest.parse(text).toString();
        }
    }

    /** An IPv4 address that a host may have; empty for none. */
    record Address() implements SettingValue {
        @Override
        public String canonical(String text) {
            return text.isEmpty() ? text : Ipv4Address.parse(text).toString();
        }
    }
}
