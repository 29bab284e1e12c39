/**
 * What a person may ask for: networks, endpoints, their settings, names and addresses, as values that are consistent in
 * themselves.
 *
 * <p><b>Text to value.</b> Every text that a person can write is read by one method here or in {@code wire}, which
 * answers a value or throws an {@link java.lang.IllegalArgumentException} whose message says what was expected. Whoever
 * knows where the text stood (an option, a line of a file) adds that.
 *
 * <p><b>Settings.</b> KEY=VALUE pairs are the same for {@code -o}, {@code set}, the API and the configuration file: an
 * enum of keys, each with its initial value, the values it takes and whether it may change later
 * ({@link io.footbridge.control.model.NetworkKey}, {@link io.footbridge.control.model.EndpointKey}).
 *
 * <p><b>Addresses</b> are given out lowest first and are free again at once
 * ({@link io.footbridge.control.model.AddressPool}); a network without subnet gets one of a fixed list that is free on
 * this host ({@link io.footbridge.control.model.SubnetChooser}).
 */
package io.footbridge.control.model;
