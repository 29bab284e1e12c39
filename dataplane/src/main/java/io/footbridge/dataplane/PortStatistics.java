package io.footbridge.dataplane;

import io.footbridge.wire.DropReason;
import java.util.Map;

/**
 * A port's counters at one moment, since the port was made. Frames are counted as they cross the endpoint, so a GSO
 * frame is one; bytes are from the Ethernet header on, without FCS.
 *
 * @param receivedFrames frames that came from the endpoint
 * @param receivedBytes their bytes
 * @param transmittedFrames frames that the endpoint took
 * @param transmittedBytes their bytes
 * @param drops frames not forwarded, by reason; reasons without a drop are absent
 * @param kernelDrops frames that the kernel dropped before they could be read here
 */
public record PortStatistics(long receivedFrames, long receivedBytes, long transmittedFrames, long transmittedBytes,
        Map<DropReason, Long> drops, long kernelDrops) {
}
