package io.footbridge.control.model;

import java.util.Optional;

/** Which way out somebody wants for a network. */
public sealed interface UplinkRequest {
    /** None: nothing leaves the network. */
    record None() implements UplinkRequest {
        @Override
        public String toString() {
            return "none";
        }
    }

    /** The host's own sockets. */
    record Sockets() implements UplinkRequest {
        @Override
        public String toString() {
            return "sockets";
        }
    }

    /**
     * Frames on a link of the host. Networks that name the same link share one uplink.
     *
     * @param ifname the link, which is the uplink's name, too
     * @param addressing what the uplink is there; empty where another network says it
     */
    record Frames(String ifname, Optional<UplinkAddressing> addressing) implements UplinkRequest {
        private static final String PREFIX = "frames:";

        /** Refuses what cannot be an interface's name. */
        public Frames {
            Names.checkedInterface(ifname);
        }

        @Override
        public String toString() {
            return PREFIX + ifname + addressing.map(options -> "," + options).orElse("");
        }
    }

    /**
     * Reads {@code sockets}, {@code none} or {@code frames:IFNAME[,KEY=VALUE]...}; {@code toString} is the form that is kept.
     *
     * @throws IllegalArgumentException on any other text, with a message for people
     */
    static UplinkRequest parse(String text) {
        if (text.equals("none")) {
            return new None();
        }
        if (text.equals("sockets")) {
            return new Sockets();
        }
        if (!text.startsWith(Frames.PREFIX)) {
            throw new IllegalArgumentException("expected sockets, none or frames:IFNAME,addr=CIDR, got " + Quoted.of(text));
        }
        String rest = text.substring(Frames.PREFIX.length());
        int comma = rest.indexOf(',');
        return comma < 0 ? new Frames(rest, Optional.empty())
            : new Frames(rest.substring(0, comma), Optional.of(UplinkAddressing.parse(rest.substring(comma + 1))));
    }
}
