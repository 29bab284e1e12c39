package io.footbridge.control.edge;

import io.footbridge.control.model.PortRange;
import io.footbridge.control.model.RefusedException;
import io.footbridge.wire.IpPrefix;
import java.io.IOException;
import java.util.List;
import java.util.OptionalInt;

/**
 * The kernel's side of endpoints and uplinks: devices in namespaces, links and routes of the host. Each method either does
 * all of its work or leaves nothing behind. One thread at a time.
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

    /**
     * Takes a link of the host for an uplink: as {@link #attachLink}, but a station of its own beside the link's.
     *
     * @param ifname the link's name
     * @param mac the uplink's MAC, which is not the link's
     * @param withAddresses whether it is taken although it holds addresses
     */
    Attachment attachUplink(String ifname, long mac, boolean withAddresses) throws IOException, RefusedException;

    /** What the host has configured on a link. */
    LinkConfiguration linkConfiguration(String ifname) throws IOException, RefusedException;

    /** The longest packet that a link takes now, in bytes; none where no link has that name. */
    OptionalInt linkMtu(String ifname) throws IOException;

    /** Adds a route of the host. */
    void addRoute(HostRoute route) throws IOException;

    /** Removes a route of the host; one that went with its interface is none. */
    void removeRoute(HostRoute route) throws IOException;

    /** The prefixes of all routes (but default ones) and addresses of the host. */
    List<IpPrefix> prefixesOfHost() throws IOException;

    /** The ports that the host gives to clients of its own: {@code net.ipv4.ip_local_port_range}. */
    PortRange ephemeralPorts() throws IOException;
}
