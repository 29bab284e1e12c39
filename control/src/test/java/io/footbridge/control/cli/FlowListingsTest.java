package io.footbridge.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.control.config.DocumentReader;
import io.footbridge.control.model.RefusedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The lines are those of `conntrack -L` 1.4.7, of `iptables -t nat -L -v -n` and `ip6tables` 1.8.9, and of docker's CLI. */
class FlowListingsTest {
    private static final String ENDS =
        "{\"src\":\"10.9.0.5\",\"dst\":\"198.51.100.20\",\"sport\":49954,\"dport\":80,\"packets\":3,\"bytes\":180}";
    private static final String REPLY =
        "{\"src\":\"198.51.100.20\",\"dst\":\"198.51.100.10\",\"sport\":80,\"dport\":49954,\"packets\":2,\"bytes\":120}";

    private static Answer answer(String json) throws RefusedException {
        return new Answer(DocumentReader.json(json));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "tcp|6|431998|ESTABLISHED|true|true|tcp      6 431998 ESTABLISHED src=10.9.0.5 dst=198.51.100.20 sport=49954 dport=80 "
            + "src=198.51.100.20 dst=198.51.100.10 sport=80 dport=49954 [ASSURED] mark=0 use=1",
        "tcp|6|118|SYN_SENT|false|false|tcp      6 118 SYN_SENT src=10.9.0.5 dst=198.51.100.20 sport=49954 dport=80 [UNREPLIED] "
            + "src=198.51.100.20 dst=198.51.100.10 sport=80 dport=49954 mark=0 use=1",
        "udp|17|28||false|false|udp      17 28 src=10.9.0.5 dst=198.51.100.20 sport=49954 dport=80 [UNREPLIED] "
            + "src=198.51.100.20 dst=198.51.100.10 sport=80 dport=49954 mark=0 use=1"})
    void flows_with_ports_read_as_conntracks(String name, int number, int timeout, String state, boolean replied, boolean assured,
        String line) throws RefusedException {
        String member = state == null ? "" : "\"state\":\"" + state + "\",";
        assertThat(FlowListings.flow(answer("{\"protocol\":\"" + name + "\",\"protocolNumber\":" + number + ",\"timeout\":" + timeout + ","
            + member + "\"original\":" + ENDS + ",\"reply\":" + REPLY + ",\"replied\":" + replied + ",\"assured\":" + assured + "}")))
            .isEqualTo(line);
    }

    @Test
    void queries_have_type_code_and_id_and_protocols_without_ports_have_addresses_alone() throws RefusedException {
        assertThat(FlowListings.flow(answer("""
            {"protocol":"icmpv6","protocolNumber":58,"timeout":28,
             "original":{"src":"fd09::5","dst":"2001:db8::20","type":128,"code":0,"id":10764},
             "reply":{"src":"2001:db8::20","dst":"2001:db8::10","type":129,"code":0,"id":10764},"replied":true,"assured":false}""")))
            .isEqualTo("icmpv6   58 28 src=fd09::5 dst=2001:db8::20 type=128 code=0 id=10764 src=2001:db8::20 dst=2001:db8::10 type=129 "
                + "code=0 id=10764 mark=0 use=1");
        assertThat(FlowListings.flow(answer("""
            {"protocol":"unknown","protocolNumber":50,"timeout":599,"original":{"src":"10.9.0.5","dst":"198.51.100.20"},
             "reply":{"src":"198.51.100.20","dst":"198.51.100.10"},"replied":false,"assured":false}""")))
            .isEqualTo("unknown  50 599 src=10.9.0.5 dst=198.51.100.20 [UNREPLIED] src=198.51.100.20 dst=198.51.100.10 mark=0 use=1");
    }

    @Test
    void rules_read_as_iptables() throws RefusedException {
        assertThat(FlowListings.rules(answer("""
            [{"chain":"PREROUTING","target":"DNAT","packets":1,"bytes":60,"protocol":"tcp","source":"0.0.0.0/0",
              "destination":"198.51.100.10/32","destinationPorts":"8080","to":"10.9.0.5:80"},
             {"chain":"PREROUTING","target":"DNAT","packets":0,"bytes":0,"protocol":"udp","source":"0.0.0.0/0",
              "destination":"0.0.0.0/0","destinationPorts":"53-54","to":"10.9.0.5:53-54"},
             {"chain":"PREROUTING","target":"DNAT","packets":0,"bytes":0,"source":"0.0.0.0/0","destination":"198.51.100.12/32",
              "to":"10.9.0.7"},
             {"chain":"PREROUTING","target":"DNAT","packets":0,"bytes":0,"protocol":"tcp","source":"::/0",
              "destination":"2001:db8::10/128","destinationPorts":"8080","to":"[fd09::5]:80"},
             {"chain":"POSTROUTING","target":"MASQUERADE","packets":13,"bytes":760,"out":"n1","source":"10.9.0.0/24",
              "destination":"0.0.0.0/0"},
             {"chain":"POSTROUTING","target":"SNAT","packets":0,"bytes":0,"out":"n1","source":"10.9.0.5/32",
              "destination":"0.0.0.0/0","to":"198.51.100.11"},
             {"chain":"POSTROUTING","target":"SNAT","packets":0,"bytes":0,"source":"10.9.1.0/24",
              "destination":"0.0.0.0/0","to":"198.51.100.11-198.51.100.14"},
             {"chain":"POSTROUTING","target":"MASQUERADE","packets":1,"bytes":104,"out":"n1","source":"fd09::/64",
              "destination":"::/0"}]"""))).isEqualTo("""
            Chain PREROUTING (policy ACCEPT 0 packets, 0 bytes)
             pkts bytes target     prot opt in     out     source               destination        \s
                1    60 DNAT       6    --  *      *       0.0.0.0/0            198.51.100.10        tcp dpt:8080 to:10.9.0.5:80
                0     0 DNAT       17   --  *      *       0.0.0.0/0            0.0.0.0/0            udp dpts:53:54 to:10.9.0.5:53-54
                0     0 DNAT       0    --  *      *       0.0.0.0/0            198.51.100.12        to:10.9.0.7
                0     0 DNAT       6    --  *      *       ::/0                 2001:db8::10         tcp dpt:8080 to:[fd09::5]:80

            Chain POSTROUTING (policy ACCEPT 0 packets, 0 bytes)
             pkts bytes target     prot opt in     out     source               destination        \s
               13   760 MASQUERADE  0    --  *      n1      10.9.0.0/24          0.0.0.0/0          \s
                0     0 SNAT       0    --  *      n1      10.9.0.5             0.0.0.0/0            to:198.51.100.11
                0     0 SNAT       0    --  *      *       10.9.1.0/24          0.0.0.0/0            to:198.51.100.11-198.51.100.14
                1   104 MASQUERADE  0    --  *      n1      fd09::/64            ::/0               \s
            """);
    }

    @ParameterizedTest
    @CsvSource({"99999, 99999", "100000, ' 100K'", "9999499, '9999K'", "9999500, '  10M'", "12345678901, '  12G'"})
    void large_counts_are_rounded_as_iptables_rounds_them(long count, String shown) throws RefusedException {
        assertThat(FlowListings.rules(answer("[{\"chain\":\"PREROUTING\",\"packets\":" + count + ",\"bytes\":0}]")))
            .contains("\n" + shown + "     0 ");
    }

    @Test
    void bindings_read_as_docker_port_and_docker_ps() throws RefusedException {
        Answer bindings = answer("""
            [{"network":"web","name":"db","protocol":"tcp","hostIp":"0.0.0.0","hostPort":8080,"containerPort":80,"count":2},
             {"network":"web","name":"db","protocol":"tcp","hostIp":"::","hostPort":8080,"containerPort":80,"count":2},
             {"network":"web","name":"dns","protocol":"udp","hostIp":"198.51.100.10","hostPort":53,"containerPort":5353,"count":1}]""");
        assertThat(FlowListings.bindings(bindings)).isEqualTo("""
            80/tcp -> 0.0.0.0:8080
            80/tcp -> [::]:8080
            81/tcp -> 0.0.0.0:8081
            81/tcp -> [::]:8081
            5353/udp -> 198.51.100.10:53
            """);
        assertThat(FlowListings.ports(bindings)).isEqualTo("""
            NETWORK   NAME      PORTS
            web       db        0.0.0.0:8080-8081->80-81/tcp, [::]:8080-8081->80-81/tcp
            web       dns       198.51.100.10:53->5353/udp
            """);
    }

    @Test
    void statistics_are_words_with_their_numbers() throws RefusedException {
        assertThat(FlowListings.flowStatistics(answer("{\"sessions\":3,\"capacity\":262144,\"reusedPorts\":0}")))
            .isEqualTo("sessions=3 capacity=262144 reused_ports=0\n");
    }
}
