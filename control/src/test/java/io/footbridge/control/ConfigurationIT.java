package io.footbridge.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.tap.TestNamespaces;
import io.footbridge.tap.TestNamespaces.Background;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ConfigurationIT {
    private TestNamespaces namespaces;
    private TestDaemon daemon;

    @BeforeEach
    void prepare() {
        TestNamespaces.assumeCapable();
        namespaces = new TestNamespaces();
        daemon = TestDaemon.prepare(namespaces, namespaces.create());
    }

    @AfterEach
    void stop() {
        if (daemon != null) {
            daemon.close();
            namespaces.close();
        }
    }

    @Test
    void an_endpoint_whose_namespace_comes_later_is_taken_up_then_and_again_when_it_was_made_anew() throws IOException {
        String there = namespaces.create();
        String later = namespaces.create();
        namespaces.delete(later);
        Path file = write("""
            networks:
              web:
                subnet: 10.9.0.0/24
                endpoints:
                  later: {netns: %s, ip: 10.9.0.5}
                  there: {netns: %s, ip: 10.9.0.6}
            """.formatted(TestNamespaces.path(later), TestNamespaces.path(there)));
        daemon.begin("-c", file.toString());
        assertThat(daemon.must("stats", "web")).contains("there").doesNotContain("later");
        daemon.process().awaitText("endpoint later of network web waits: no such namespace");
        for (int i = 0; i < 2; i++) {
            namespaces.host("ip", "netns", "add", later);
            daemon.process().awaitText("endpoint later of network web is attached");
            TestNamespaces.await("the endpoint", () -> daemon.must("stats", "web").contains("later"));
            daemon.awaitPing(there, "10.9.0.5");
            namespaces.host("ip", "netns", "del", later);
            TestNamespaces.await("the endpoint's end", () -> !daemon.must("stats", "web").contains("later"));
        }
    }

    @Test
    void a_mistake_is_one_line_with_file_and_line_and_nothing_is_started() throws IOException {
        Path file = write("networks:\n  web:\n    subnet: 10.9.0.0/24\n    mtu: fast\n");
        Background process = daemon.launch("-c", file.toString());
        TestNamespaces.Result result = process.awaitEnd(TestNamespaces.LIMIT);
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.errors()).isEqualTo("footbridge: " + file
            + ": line 4: networks.web.mtu: expected a whole number from 68 to 65521, got 'fast'\n");
        assertThat(daemon.socket()).doesNotExist();
    }

    @Test
    void the_connection_table_is_as_large_as_the_file_says() throws IOException {
        daemon.begin("-c", write("conntrack: {max: 2048, timeouts: {udp: 60}}\n").toString());
        assertThat(daemon.must("conntrack", "stats")).startsWith("sessions=0 capacity=2048 ");
    }

    private Path write(String text) throws IOException {
        return Files.writeString(daemon.directory().resolve("footbridge.yaml"), text);
    }
}
