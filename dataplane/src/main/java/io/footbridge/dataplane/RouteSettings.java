package io.footbridge.dataplane;

import io.footbridge.nat.Filtering;
import io.footbridge.wire.IpAddress;
import java.util.List;

/**
 * How a network reaches the world. Immutable.
 *
 * @param uplink the way out; several networks may share it
 * @param masquerade whether flows that leave take an address of the uplink; if not, they keep their own
 * @param pool addresses that they take, of either family; empty for the uplink's own address. The uplink answers for them
 * @param filtering from whom a port that a flow opened takes packets
 * @param mss what SYNs in both directions are clamped to: {@link #MSS_AUTO}, {@link #MSS_OFF}, or bytes
 * @param windowCheck whether TCP segments outside their flow's window are dropped
 */
public record RouteSettings(Uplink uplink, boolean masquerade, List<IpAddress> pool, Filtering filtering, int mss,
        boolean windowCheck) {
    /** SYNs are clamped to what the narrower of both links takes. */
    public static final int MSS_AUTO = -1;
    /** SYNs stay as they are. */
    public static final int MSS_OFF = 0;

    /** Masquerading as users of Linux expect it. */
    public static RouteSettings by(Uplink uplink) {
        return new RouteSettings(uplink, true, List.of(), Filtering.ADDRESS_AND_PORT, MSS_AUTO, false);
    }
}
