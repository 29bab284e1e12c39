package io.footbridge.control.model;

import io.footbridge.proxy.ProxyProtocol;
import java.util.List;
import java.util.Optional;

/**
 * That ports are to be published by a relay at the host's own addresses, not by the engine.
 *
 * @param header what the container is told of its clients
 */
public record RelayRequest(ProxyProtocol header) {
    private static final String RELAY = "relay";
    private static final String HEADER = "proxy-protocol=";

    /**
     * Checks that the protocol has what is asked for.
     *
     * @throws IllegalArgumentException if not, with a message for people
     */
    public void check(PublishSpec spec) {
        if (header != ProxyProtocol.NONE && spec.protocol() != TransportProtocol.TCP) {
            throw new IllegalArgumentException("proxy-protocol: only TCP has one, not " + spec);
        }
    }

    /**
     * Reads the words {@code relay} and {@code proxy-protocol=v1|v2}, of which the second needs the first.
     *
     * @return empty where there are no words
     * @throws IllegalArgumentException on any others, with a message for people
     */
    static Optional<RelayRequest> parse(List<String> words) {
        if (words.isEmpty()) {
            return Optional.empty();
        }
        boolean known = words.getFirst().equals(RELAY) && (words.size() == 1 || words.size() == 2 && words.getLast().startsWith(HEADER));
        if (!known) {
            throw new IllegalArgumentException("after SPEC NAME expected relay, or relay proxy-protocol=v1|v2, got "
                + Quoted.of(String.join(" ", words)));
        }
        return Optional.of(of(words.size() == 1 ? Optional.empty() : Optional.of(words.getLast().substring(HEADER.length()))));
    }

    /**
     * A request with the header of that name.
     *
     * @throws IllegalArgumentException if there is none, with a message for people
     */
    public static RelayRequest of(Optional<String> header) {
        return new RelayRequest(header.map(ProxyProtocol::parse).orElse(ProxyProtocol.NONE));
    }
}
