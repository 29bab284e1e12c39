/**
 * The daemon's life: its lock and state directory, the configuration it begins with, readiness, and an ordered end.
 *
 * <p>Order of start: configuration read, lock taken, leftovers of a dead predecessor removed, engine, networks,
 * uplinks, endpoints with what is published of them, API, what front ends ask; then {@code ready} is printed. The end is the
 * reverse, and then the process is halted.
 */
package io.footbridge.control.daemon;
