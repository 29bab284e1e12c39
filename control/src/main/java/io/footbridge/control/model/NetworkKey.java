package io.footbridge.control.model;

import io.footbridge.control.model.SettingValue.AddressRange;
import io.footbridge.control.model.SettingValue.Choice;
import io.footbridge.control.model.SettingValue.ChoiceOrWhole;
import io.footbridge.control.model.SettingValue.Uplink;
import io.footbridge.control.model.SettingValue.Whole;
import io.footbridge.fdb.FdbSettings;

/** What can be set of a network by KEY=VALUE. */
public enum NetworkKey implements SettingKey {
    /** The way out. */
    UPLINK("uplink", "sockets", new Uplink(), true),
    /** Whether containers of the network may talk to each other. */
    ICC("icc", "on", SettingValue.ON_OFF, true),
    /** Whether there is no way out at all, and no default route. */
    INTERNAL("internal", "off", SettingValue.ON_OFF, false),
    /** Whether flows that leave take the uplink's address. */
    MASQUERADE("masquerade", "on", SettingValue.ON_OFF, true),
    /** Whether the gateway's address leads to the host's loopback. */
    HOST_LOOPBACK("host-loopback", "off", SettingValue.ON_OFF, true),
    /** Seconds without a frame after which a learned MAC is forgotten. */
    AGEING("ageing", "300", new Whole(0, 1_000_000), true),
    /** How many MACs the forwarding database holds. */
    FDB_LIMIT("fdb-limit", "65536", new Whole(FdbSettings.MIN_CAPACITY, 1 << 24), false),
    /** Broadcast, multicast and unknown-unicast frames that a port takes per second; 0 for no limit. */
    STORM("storm", "0", new Whole(0, Integer.MAX_VALUE), true),
    /** Whether MACs are kept apart by VLAN. */
    VLAN("vlan", "unaware", Choice.of("aware", "unaware"), false),
    /** From whom an opened port of an uplink takes packets. */
    FILTERING("filtering", "address-port", Choice.of("endpoint", "address", "address-port"), true),
    /** The MSS written into SYNs that leave. */
    MSS("mss", "auto", new ChoiceOrWhole(Choice.of("auto", "off"), new Whole(88, 65_495)), true),
    /** The addresses that flows which leave take, instead of the uplink's own. */
    SNAT("snat", "", new AddressRange(), true),
    /** Whether TCP segments outside the window are dropped by connection tracking. */
    WINDOW_CHECK("window-check", "off", SettingValue.ON_OFF, true);

    private final String label;
    private final String initial;
    private final SettingValue value;
    private final boolean changeable;

    NetworkKey(String label, String initial, SettingValue value, boolean changeable) {
        this.label = label;
        this.initial = initial;
        this.value = value;
        this.changeable = changeable;
    }

    @Override
    public String label() {
        return label;
    }

    @Override
    public String initial() {
        return initial;
    }

    @Override
    public SettingValue value() {
        return value;
    }

    @Override
    public boolean changeable() {
        return changeable;
    }
}
