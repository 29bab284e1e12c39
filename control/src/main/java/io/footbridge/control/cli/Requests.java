package io.footbridge.control.cli;

import java.util.Map;

/** Puts together what is asked of a daemon: only what the person said, so that the daemon's defaults hold. */
final class Requests {
    private Requests() {
    }

    /** Adds an option's value where the option was given; picocli leaves null where it was not. */
    static void putIfPresent(Map<String, Object> request, String name, Object value) {
        if (value != null) {
            request.put(name, value);
        }
    }

    /** Adds what a flag stands for where the flag was given. */
    static void putIf(Map<String, Object> request, String name, boolean given, boolean meaning) {
        if (given) {
            request.put(name, meaning);
        }
    }
}
