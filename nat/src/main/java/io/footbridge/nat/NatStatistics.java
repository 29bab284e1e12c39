package io.footbridge.nat;

/**
 * What happened in a connection table since it was made, and how full it is. Immutable.
 *
 * @param sessions sessions now, of both families
 * @param capacity sessions that there may be of each family
 * @param mappings mappings now
 * @param opened sessions opened
 * @param expired sessions that ended by time
 * @param removed sessions that were flushed, or went with their owner
 * @param evicted sessions that gave way to newcomers
 * @param refused newcomers that found no place
 * @param reusedPorts sessions on an outside port that another inside host has too
 */
public record NatStatistics(long sessions, long capacity, long mappings, long opened, long expired, long removed,
        long evicted, long refused, long reusedPorts) {
}
