package io.footbridge.control.network;

import java.util.List;
import java.util.Optional;

/**
 * What became of a request to publish.
 *
 * @param bindings what is bound now, IPv4 first
 * @param note what the person should know of it, in one line
 */
public record PublishedView(List<BindingView> bindings, Optional<String> note) {
    /** Keeps a copy of the list. */
    public PublishedView {
        bindings = List.copyOf(bindings);
    }
}
