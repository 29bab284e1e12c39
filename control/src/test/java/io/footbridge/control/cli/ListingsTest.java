package io.footbridge.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.control.config.DocumentReader;
import io.footbridge.control.model.RefusedException;
import org.junit.jupiter.api.Test;

class ListingsTest {
    private static Answer answer(String json) throws RefusedException {
        return new Answer(DocumentReader.json(json));
    }

    /** The lines are those of `bridge fdb show` of iproute2 6.1, the documents those of `bridge -j fdb show`. */
    @Test
    void fdb_lines_are_those_of_bridge() throws RefusedException {
        assertThat(Listings.fdb(answer("""
            [{"mac":"02:42:ac:11:00:02","ifname":"vethc2","flags":[],"master":"docker0","state":""},
             {"mac":"02:42:ac:11:00:63","ifname":"vethc2","flags":[],"master":"docker0","state":"static"},
             {"mac":"02:42:ac:11:00:65","ifname":"vethc2","vlan":7,"flags":[],"master":"docker0","state":"permanent"},
             {"mac":"02:42:ac:11:00:64","ifname":"vethc3","flags":["sticky"],"master":"docker0","state":"static"}]"""))).isEqualTo("""
            02:42:ac:11:00:02 dev vethc2 master docker0\s
            02:42:ac:11:00:63 dev vethc2 master docker0 static
            02:42:ac:11:00:65 dev vethc2 vlan 7 master docker0 permanent
            02:42:ac:11:00:64 dev vethc3 sticky master docker0 static
            """);
    }

    @Test
    void networks_are_laid_out_as_by_docker() throws RefusedException {
        assertThat(Listings.networks(answer("""
            [{"Id":"fedf060117ebbbb5ac8e09ac","Name":"a-rather-long-name","Driver":"bridge","Scope":"local"}]"""))).isEqualTo("""
            NETWORK ID     NAME                 DRIVER    SCOPE
            fedf060117eb   a-rather-long-name   bridge    local
            """);
    }

    @Test
    void drops_are_summed_and_their_reasons_named() throws RefusedException {
        assertThat(Listings.statistics(answer("""
            [{"network":"web","name":"db","receivedFrames":3,"receivedBytes":180,"transmittedFrames":0,"transmittedBytes":0,
              "kernelDrops":2,"drops":{"source-mac":5,"mtu":1}}]"""))).isEqualTo("""
            NETWORK   NAME      RX FRAMES   RX BYTES   TX FRAMES   TX BYTES   DROPS
            web       db        3           180        0           0          8 (source-mac=5 mtu=1 kernel=2)
            """);
    }

    @Test
    void what_an_older_daemon_does_not_say_is_left_out() throws RefusedException {
        assertThat(Listings.neighbours(answer("[{\"dst\":\"10.9.0.5\"}]"))).isEqualTo("10.9.0.5 dev  lladdr  \n");
    }
}
