package io.footbridge.control.model;

/**
 * Ports that a file declares as published.
 *
 * @param spec which
 * @param endpoint whose: a name on the same network, which may be attached later
 */
public record ConfiguredPublication(PublishSpec spec, String endpoint) {
    /**
     * Reads {@code SPEC NAME}.
     *
     * @throws IllegalArgumentException on any other text, with a message for people
     */
    public static ConfiguredPublication parse(String text) {
        String[] parts = text.strip().split("\\s+", -1);
        if (parts.length != 2) {
            throw new IllegalArgumentException("expected SPEC NAME, as in '8080:80 db', got " + Quoted.of(text));
        }
        return new ConfiguredPublication(PublishSpec.parse(parts[0]), Names.checked(parts[1]));
    }
}
