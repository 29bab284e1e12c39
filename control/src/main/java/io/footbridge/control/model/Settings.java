package io.footbridge.control.model;

import io.footbridge.wire.Ipv4Address;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What was set of an object by KEY=VALUE; what was not set has its initial value. Immutable.
 *
 * @param <K> the object's keys
 */
public final class Settings<K extends Enum<K> & SettingKey> {
    private final Class<K> keys;
    private final EnumMap<K, String> values;

    private Settings(Class<K> keys, EnumMap<K, String> values) {
        this.keys = keys;
        this.values = values;
    }

    /** Nothing set. */
    public static <K extends Enum<K> & SettingKey> Settings<K> initial(Class<K> keys) {
        return new Settings<>(keys, new EnumMap<>(keys));
    }

    /**
     * The key of that name.
     *
     * @throws IllegalArgumentException if there is none, naming those that there are
     */
    public static <K extends Enum<K> & SettingKey> K key(Class<K> keys, String label) {
        return Arrays.stream(keys.getEnumConstants()).filter(key -> key.label().equals(label)).findFirst()
            .orElseThrow(() -> new IllegalArgumentException("unknown option " + Quoted.of(label) + "; known are "
                + Arrays.stream(keys.getEnumConstants()).map(SettingKey::label).collect(Collectors.joining(", "))));
    }

    /**
     * A copy in which a key has another value.
     *
     * @throws IllegalArgumentException if the value is none of the key's, naming key and what was expected
     */
    public Settings<K> with(K key, String text) {
        EnumMap<K, String> changed = new EnumMap<>(values);
        try {
            changed.put(key, key.value().canonical(text));
        } catch (IllegalArgumentException wrong) {
            throw new IllegalArgumentException(key.label() + ": " + wrong.getMessage());
        }
        return new Settings<>(keys, changed);
    }

    /** A copy in which the key of that name has another value; see {@link #with(Enum, String)}. */
    public Settings<K> with(String label, String text) {
        return with(key(keys, label), text);
    }

    /** A copy changed on an object that exists already; refuses keys that are fixed by then. */
    public Settings<K> changed(String label, String text) {
        K key = key(keys, label);
        if (!key.changeable()) {
            throw new IllegalArgumentException(label + " is fixed once it is made; remove it and make it anew");
        }
        return with(key, text);
    }

    /** The value as text. */
    public String text(K key) {
        return values.getOrDefault(key, key.initial());
    }

    /** Whether a key of {@code on} and {@code off} is on. */
    public boolean isOn(K key) {
        return text(key).equals("on");
    }

    /** The value of a key that takes whole numbers. */
    public int number(K key) {
        return Integer.parseInt(text(key));
    }

    /** The addresses of a key that takes a range of them, lowest first; none where it is empty. */
    public List<Ipv4Address> addresses(K key) {
        return SettingValue.AddressRange.addresses(text(key));
    }

    /** The way out that a network's settings ask for. */
    public UplinkRequest uplink(K key) {
        return UplinkRequest.parse(text(key));
    }

    /** Whether somebody set it. */
    public boolean isSet(K key) {
        return values.containsKey(key);
    }

    /** What was set, by label, in the keys' order. */
    public Map<String, String> explicit() {
        Map<String, String> labels = new LinkedHashMap<>();
        values.forEach((key, value) -> labels.put(key.label(), value));
        return labels;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Settings<?> settings && settings.keys == keys && settings.values.equals(values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return explicit().toString();
    }
}
