package io.footbridge.control.network;

import io.footbridge.control.edge.Attachment;
import io.footbridge.control.model.UplinkAddressing;
import io.footbridge.dataplane.Uplink;
import io.footbridge.dataplane.UplinkSettings;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.IpPrefix;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * An uplink of frames, with the networks that share it. It exists while a network names it; the engine has it while its
 * link is there ({@link #held}). Guarded by the service's lock.
 */
final class SharedUplink {
    private final String ifname;
    private final PortAllocator ports;
    private final Set<Network> users = new LinkedHashSet<>();
    private UplinkAddressing addressing;
    private Optional<Held> held = Optional.empty();
    private boolean settled;
    private int pause;

    /**
     * An uplink whose link is there.
     *
     * @param uplink the engine's
     * @param device the link
     * @param settings what it is on the link now
     */
    record Held(Uplink uplink, Attachment device, UplinkSettings settings) {
        /** Its addresses, IPv4 first. */
        List<IpPrefix> prefixes() {
            return SharedUplink.prefixes(settings);
        }

        List<IpAddress> addresses() {
            return prefixes().stream().map(IpPrefix::asAddress).toList();
        }
    }

    SharedUplink(String ifname, UplinkAddressing addressing, PortAllocator ports) {
        this.ifname = ifname;
        this.addressing = addressing;
        this.ports = ports;
    }

    /** The addresses with their subnets' lengths, IPv4 first. */
    static List<IpPrefix> prefixes(UplinkSettings settings) {
        List<IpPrefix> prefixes = new ArrayList<>();
        settings.ipv4().ifPresent(prefixes::add);
        settings.ipv6().ifPresent(prefixes::add);
        return prefixes;
    }

    /** The link's name, which is its own. */
    String ifname() {
        return ifname;
    }

    UplinkAddressing addressing() {
        return addressing;
    }

    void addressing(UplinkAddressing changed) {
        addressing = changed;
    }

    PortAllocator ports() {
        return ports;
    }

    /** The networks that name it. */
    Set<Network> users() {
        return users;
    }

    Optional<Held> held() {
        return held;
    }

    void held(Optional<Held> changed) {
        held = changed;
        settled = false;
    }

    /** Whether the engine has everything that belongs to it. */
    boolean isSettled() {
        return settled;
    }

    void settled() {
        settled = true;
    }

    /** Leaves it alone for some rounds of looking after it. */
    void pause(int rounds) {
        pause = rounds;
    }

    /** Whether it is to be left alone in this round. */
    boolean isPausing() {
        return pause > 0 && pause-- > 0;
    }
}
