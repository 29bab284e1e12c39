package io.footbridge.control.model;

import java.util.List;
import java.util.Optional;

/**
 * Ports that a file declares as published.
 *
 * @param spec which
 * @param endpoint whose: a name on the same network, which may be attached later
 * @param relay whether by a relay at the host's own addresses
 */
public record ConfiguredPublication(PublishSpec spec, String endpoint, Optional<RelayRequest> relay) {
    /**
     * Reads {@code SPEC NAME [relay [proxy-protocol=v1|v2]]}.
     *
     * @throws IllegalArgumentException on any other text, with a message for people
     */
    public static ConfiguredPublication parse(String text) {
        String[] parts = text.strip().split("\\s+", -1);
        if (parts.length < 2) {
            throw new IllegalArgumentException("expected SPEC NAME, as in '8080:80 db', got " + Quoted.of(text));
        }
        PublishSpec spec = PublishSpec.parse(parts[0]);
        Optional<RelayRequest> relay = RelayRequest.parse(List.of(parts).subList(2, parts.length));
        relay.ifPresent(wanted -> wanted.check(spec));
        return new ConfiguredPublication(spec, Names.checked(parts[1]), relay);
    }
}
