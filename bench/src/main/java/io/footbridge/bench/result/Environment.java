package io.footbridge.bench.result;

import java.util.Map;

/**
 * What the figures depend on besides the modes.
 *
 * @param facts by name, in the order in which they are told
 */
public record Environment(Map<String, String> facts) {
}
