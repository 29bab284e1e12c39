package io.footbridge.control.model;

import io.footbridge.control.model.SettingValue.Address;
import io.footbridge.control.model.SettingValue.Choice;
import io.footbridge.control.model.SettingValue.Whole;

/** What can be set of an endpoint by KEY=VALUE. */
public enum EndpointKey implements SettingKey {
    /** Whether frames must come from the endpoint's own MAC and addresses; auto: on for containers, off else. */
    SOURCE_CHECK("source-check", "auto", Choice.of("on", "off", "auto"), true),
    /** Whether a frame may leave by the port that it came from. */
    HAIRPIN("hairpin", "off", SettingValue.ON_OFF, true),
    /** Whether it is kept apart from other isolated endpoints. */
    ISOLATED("isolated", "off", SettingValue.ON_OFF, true),
    /** How many MACs may be learned here; 0 for the network's own limit. */
    FDB_LIMIT("fdb-limit", "0", new Whole(0, 1 << 24), true),
    /** How many tracked flows it may have; 0 for the table's share. */
    FLOWS("flows", "0", new Whole(0, 1 << 28), true),
    /** How many ports of the uplink it may use; 0 for the uplink's share. */
    PORTS("ports", "0", new Whole(0, 65_535), true),
    /** An address of the uplink's subnet that is this endpoint's alone, both ways (1:1). */
    STATIC_NAT("static-nat", "", new Address(), true),
    /** Whether a link that has addresses is taken all the same: {@code allow}. */
    ADDRESSES("addresses", "refuse", Choice.of("allow", "refuse"), false);

    private final String label;
    private final String initial;
    private final SettingValue value;
    private final boolean changeable;

    EndpointKey(String label, String initial, SettingValue value, boolean changeable) {
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
