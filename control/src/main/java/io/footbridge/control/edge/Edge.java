package io.footbridge.control.edge;

import io.footbridge.control.model.RefusedException;
import io.footbridge.wire.IpPrefix;
import java.io.IOException;
import java.util.List;

/**
 * The kernel's side of endpoints: devices in namespaces. Each method either does all of its work or leaves nothing
 * behind. One thread at a time.
 */
public interface Edge {
    /** Puts an interface into a container's namespace, configured and up. */
    Attachment attachContainer(ContainerInterface wanted) throws IOException, RefusedException;

    /** Puts an interface that holds a gateway's addresses onto the host, up. */
    Attachment attachHost(HostInterface wanted) throws IOException, RefusedException;

    /**
     * Takes a link of the host as it is, makes the host's own stack deaf on it and sets it up.
     *
     * @param ifname the link's name
     * @param withAddresses whether it is taken although it holds addresses
     */
    Attachment attachLink(String ifname, boolean withAddresses) throws IOException, RefusedException;

    /** The prefixes of all routes (but default ones) and addresses of the host. */
    List<IpPrefix> prefixesOfHost() throws IOException;
}
