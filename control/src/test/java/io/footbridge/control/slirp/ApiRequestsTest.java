package io.footbridge.control.slirp;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.wire.Ipv4Address;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ApiRequestsTest {
    private static final Ipv4Address GUEST = Ipv4Address.parse("10.0.2.100");

    private final List<HostForward> opened = new ArrayList<>();
    private final ApiRequests requests = new ApiRequests(this::open, GUEST);

    /** As an engine would: a port is taken once. */
    private HostForwarding.Opened open(HostForward forward) throws IOException {
        if (opened.stream().anyMatch(other -> other.hostPort() == forward.hostPort() && other.udp() == forward.udp())) {
            throw new IOException("bind 0.0.0.0:" + forward.hostPort() + ": Address already in use");
        }
        opened.add(forward);
        return () -> opened.remove(forward);
    }

    private String ask(String request) {
        return requests.answer(request.getBytes(StandardCharsets.UTF_8));
    }

    private String add(String arguments) {
        return ask("{\"execute\":\"add_hostfwd\",\"arguments\":{" + arguments.replace('\'', '"') + "}}\n");
    }

    @Test
    void addedPortsAreNumberedListedAndRemoved() {
        assertThat(add("'proto':'tcp','host_addr':'127.0.0.1','host_port':18080,'guest_addr':'10.0.2.7','guest_port':80"))
            .isEqualTo("{\"return\":{\"id\":1}}");
        assertThat(add("'proto':'udp','host_addr':'','host_port':53,'guest_addr':'','guest_port':5353"))
            .isEqualTo("{\"return\":{\"id\":2}}");
        String entries = ("[{'id':1,'proto':'tcp','host_addr':'127.0.0.1','host_port':18080,'guest_addr':'10.0.2.7','guest_port':80},"
            + "{'id':2,'proto':'udp','host_addr':'0.0.0.0','host_port':53,'guest_addr':'10.0.2.100','guest_port':5353}]")
            .replace('\'', '"');
        assertThat(ask("{\"execute\":\"list_hostfwd\"}"))
            .isEqualTo("{\"return\":{\"entries\":" + entries + "},\"entries\":" + entries + "}");
        assertThat(ask("{\"execute\":\"remove_hostfwd\",\"arguments\":{\"id\":1}}")).isEqualTo("{\"return\":{}}");
        assertThat(opened).extracting(HostForward::hostPort).containsExactly(53);
        assertThat(ask("{\"execute\":\"remove_hostfwd\",\"arguments\":{\"id\":1}}"))
            .isEqualTo("{\"error\":{\"desc\":\"bad request: remove_hostfwd: bad arguments.id\"}}");
        assertThat(add("'proto':'tcp','host_port':1,'guest_port':1")).isEqualTo("{\"return\":{\"id\":3}}");
    }

    @Test
    void portThatIsTakenIsRefused() {
        add("'proto':'tcp','host_port':80,'guest_port':80");
        assertThat(add("'proto':'tcp','host_port':80,'guest_port':81"))
            .isEqualTo("{\"error\":{\"desc\":\"bad request: add_hostfwd: slirp_add_hostfwd failed\"}}");
        assertThat(add("'proto':'udp','host_port':80,'guest_port':81")).isEqualTo("{\"return\":{\"id\":2}}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
        "x                     | cannot parse JSON",
        "{                     | cannot parse JSON",
        "[]                    | json_object() failed",
        "3                     | json_object() failed",
        "'a'                   | json_object() failed",
        "null                  | json_object() failed",
        "{}                    | no execute found",
        "{'execute':3}         | no execute found",
        "{'execute':'foo'}     | unknown execute",
        "{'execute':'add_hostfwd'} | add_hostfwd: bad arguments.proto",
        "{'execute':'add_hostfwd','arguments':[]} | add_hostfwd: bad arguments.proto",
        "{ADD{'proto':'sctp','host_port':1,'guest_port':2}} | add_hostfwd: bad arguments.proto",
        "{ADD{'proto':'tcp','host_addr':'zz','host_port':1,'guest_port':2}} | add_hostfwd: bad arguments.host_addr",
        "{ADD{'proto':'tcp','host_addr':'::','host_port':1,'guest_port':2}} | add_hostfwd: bad arguments.host_addr",
        "{ADD{'proto':'tcp','guest_port':2}} | add_hostfwd: bad arguments.host_port",
        "{ADD{'proto':'tcp','host_port':'8080','guest_port':2}} | add_hostfwd: bad arguments.host_port",
        "{ADD{'proto':'tcp','host_port':70000,'guest_port':2}} | add_hostfwd: bad arguments.host_port",
        "{ADD{'proto':'tcp','host_port':-5,'guest_port':2}} | add_hostfwd: bad arguments.host_port",
        "{ADD{'proto':'tcp','host_port':1,'guest_addr':'foo','guest_port':2}} | add_hostfwd: bad arguments.guest_addr",
        "{ADD{'proto':'tcp','host_port':1}} | add_hostfwd: bad arguments.guest_port",
        "{'execute':'remove_hostfwd'} | remove_hostfwd: bad arguments.id",
        "{'execute':'remove_hostfwd','arguments':{'id':'1'}} | remove_hostfwd: bad arguments.id",
    })
    void badRequestIsDescribedInSlirp4netnssWords(String request, String description) {
        assertThat(ask(request
            .replace("{ADD{", "{'execute':'add_hostfwd','arguments':{").replace('\'', '"')))
            .isEqualTo("{\"error\":{\"desc\":\"bad request: " + description + "\"}}");
        assertThat(opened).isEmpty();
    }

    @Test
    void emptyAndTooLargeRequestsAreDescribed() {
        assertThat(ask("")).isEqualTo("{\"error\":{\"desc\":\"bad request: cannot parse JSON\"}}");
        assertThat(ask(" ".repeat(4095))).isEqualTo("{\"error\":{\"desc\":\"bad request: cannot parse JSON\"}}");
        assertThat(ApiRequests.tooLarge()).isEqualTo("{\"error\":{\"desc\":\"bad request: too large message\"}}");
    }

    @Test
    void fractionOfAPortIsCutOff() {
        assertThat(add("'proto':'udp','host_port':18080.7,'guest_port':80,'host_addr':5")).isEqualTo("{\"return\":{\"id\":1}}");
        assertThat(opened).extracting(HostForward::hostPort).containsExactly(18080);
    }

    @Property
    void anythingIsAnswered(@ForAll @Size(max = 64) byte[] request) {
        assertThat(requests.answer(request)).startsWith("{\"error\":{\"desc\":\"bad request: ");
    }
}
