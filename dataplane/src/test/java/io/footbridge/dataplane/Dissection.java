package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A frame as scapy reads it: fields by the names that scapy has for them, such as {@code UDP.sport}. */
final class Dissection {
    private static final String FAULT = "fault";

    private final MemorySegment frame;
    private final Map<String, String> fields = new LinkedHashMap<>();
    private final List<String> faults;

    /** @param described NAME=VALUE, one for each field, and {@code fault=} for whatever is wrong */
    Dissection(MemorySegment frame, List<String> described) {
        this.frame = frame;
        this.faults = described.stream().filter(field -> field.startsWith(FAULT + "="))
                .map(field -> field.substring(FAULT.length() + 1)).toList();
        for (String field : described) {
            int equals = field.indexOf('=');
            fields.putIfAbsent(field.substring(0, equals), field.substring(equals + 1));
        }
        fields.remove(FAULT);
    }

    /** The frame itself, its virtio-net header first. */
    MemorySegment frame() {
        return frame;
    }

    /** What is wrong in it: checksums and lengths, also those of a packet that it quotes. */
    List<String> faults() {
        return faults;
    }

    boolean has(String field) {
        return fields.containsKey(field);
    }

    /** A field as text; addresses as usual, bytes in hexadecimal, flags as letters. */
    String text(String field) {
        assertThat(fields).containsKey(field);
        return fields.get(field);
    }

    /** A field that is a number. */
    int number(String field) {
        return (int) Long.parseLong(text(field));
    }

    /** Asserts what some fields are: name, value, name, value. */
    Dissection shows(Object... expected) {
        Map<String, String> wanted = new LinkedHashMap<>();
        for (int i = 0; i < expected.length; i += 2) {
            wanted.put((String) expected[i], String.valueOf(expected[i + 1]));
        }
        assertThat(fields).containsAllEntriesOf(wanted);
        return this;
    }

    /** What stands behind the headers that scapy knows, in ISO 8859-1. */
    String payload() {
        String hex = fields.getOrDefault("Raw.load", "");
        return new String(HexFormat.of().parseHex(hex), StandardCharsets.ISO_8859_1);
    }

    @Override
    public String toString() {
        return fields + (faults.isEmpty() ? "" : " faults: " + faults);
    }
}
