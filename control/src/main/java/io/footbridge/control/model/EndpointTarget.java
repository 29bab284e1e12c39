package io.footbridge.control.model;

import java.nio.file.Path;

/** What an endpoint is attached to. Paths and process ids are those that the daemon sees. */
public sealed interface EndpointTarget {
    /**
     * The namespace that a file stands for.
     *
     * @param path absolute
     */
    record NamespaceFile(Path path) implements EndpointTarget {
    }

    /**
     * The namespace that a process is in.
     *
     * @param pid its id
     */
    record Process(int pid) implements EndpointTarget {
    }

    /** A TAP that somebody else opened and set up; its descriptor comes beside the request. */
    record Descriptor() implements EndpointTarget {
    }

    /**
     * An interface on the host, made for the network.
     *
     * @param ifname its name to be
     */
    record HostInterface(String ifname) implements EndpointTarget {
        /** Refuses what cannot be an interface's name. */
        public HostInterface {
            Names.checkedInterface(ifname);
        }
    }

    /**
     * A link of the host that exists.
     *
     * @param ifname its name
     */
    record HostLink(String ifname) implements EndpointTarget {
        /** Refuses what cannot be an interface's name. */
        public HostLink {
            Names.checkedInterface(ifname);
        }
    }

    /** Whether a container stands behind it: one with a MAC and addresses of its own. */
    default boolean isContainer() {
        return this instanceof NamespaceFile || this instanceof Process || this instanceof Descriptor;
    }
}
