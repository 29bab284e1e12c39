package io.footbridge.control.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {
    private static final Settings<NetworkKey> NOTHING = Settings.initial(NetworkKey.class);

    @ParameterizedTest
    @CsvSource({"ageing,60,60", "icc,false,off", "icc,on,on", "mss,auto,auto", "mss,1400,1400", "snat,10.0.0.1-10.0.0.9,10.0.0.1-10.0.0.9",
        "snat,10.0.0.1-10.0.0.1,10.0.0.1", "vlan,aware,aware", "filtering,address,address", "uplink,none,none", "storm,0,0"})
    void values_are_kept_in_one_form(String key, String text, String kept) {
        assertThat(NOTHING.with(key, text).explicit()).containsExactly(java.util.Map.entry(key, kept));
    }

    @ParameterizedTest
    @CsvSource({"ageing,-1", "ageing,x", "ageing,99999999999", "fdb-limit,0", "mss,1", "mss,maybe", "snat,10.0.0.9-10.0.0.1",
        "snat,10.0.0.1-10.0.0.2-10.0.0.3", "vlan,on", "filtering,all", "uplink,frames:", "static-nat,1.2.3.4", "uplink,eth0", "icc,2",
        "nosuch,1"})
    void others_are_refused(String key, String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> NOTHING.with(key, text)).withMessageContaining(key);
    }

    @Test
    void what_is_fixed_cannot_be_changed_later() {
        assertThatIllegalArgumentException().isThrownBy(() -> NOTHING.changed("fdb-limit", "99")).withMessageContaining("fixed");
        assertThat(NOTHING.changed("ageing", "9").number(NetworkKey.AGEING)).isEqualTo(9);
    }

    @Test
    void a_pool_is_the_addresses_of_its_range_and_64_at_most() {
        Settings<NetworkKey> settings = Settings.initial(NetworkKey.class);
        assertThat(settings.addresses(NetworkKey.SNAT)).isEmpty();
        assertThat(settings.with("snat", "198.51.100.254-198.51.101.1").addresses(NetworkKey.SNAT))
            .hasToString("[198.51.100.254, 198.51.100.255, 198.51.101.0, 198.51.101.1]");
        assertThat(settings.with("snat", "198.51.100.7").addresses(NetworkKey.SNAT)).hasToString("[198.51.100.7]");
        assertThat(settings.with("snat", "198.51.100.1-198.51.100.64").addresses(NetworkKey.SNAT)).hasSize(64);
        assertThatThrownBy(() -> settings.with("snat", "198.51.100.1-198.51.100.65")).hasMessage(
                "snat: expected at most 64 addresses, got 65");
        assertThatThrownBy(() -> settings.with("snat", "0.0.0.0-255.255.255.255")).hasMessageContaining("at most 64 addresses");
    }
}
