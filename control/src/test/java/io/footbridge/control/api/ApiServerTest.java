package io.footbridge.control.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class ApiServerTest {
    private static final Duration PATIENCE = Duration.ofMillis(300);

    @TempDir
    Path directory;

    private final RecordingService service = new RecordingService();
    private ApiServer server;
    private Path socket;

    @BeforeEach
    void start() throws IOException {
        socket = directory.resolve("c.sock");
        server = ApiServer.start(service, socket, directory, "1.2.3", PATIENCE);
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    private SocketChannel connect() throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(socket));
        return channel;
    }

    private static void write(SocketChannel channel, String text) throws IOException {
        channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** All that comes until the server closes. */
    private static String readAll(SocketChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(1 << 24);
        try {
            while (channel.read(bytes) >= 0) {
                continue;
            }
        } catch (IOException reset) {
            // closed with bytes of ours unread
        }
        return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
    }

    private String exchange(String method, String path, String body) throws IOException {
        try (SocketChannel channel = connect()) {
            write(channel, method + " " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: "
                + body.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n" + body);
            return readAll(channel);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "GET|/v1/version||200|{\"version\":\"1.2.3\"}",
        "GET|/v1/networks/web||200|\"Name\":\"web\"",
        "GET|/v1/networks/nosuch||404|{\"message\":\"network nosuch not found\"}",
        "POST|/v1/networks|{\"name\":\"a\",\"mtu\":1400,\"icc\":false,\"options\":{\"ageing\":60}}|201|\"Name\":\"web\"",
        "POST|/v1/networks|{\"name\":\"web\"}|409|already exists",
        "POST|/v1/networks|{\"name\":\"a\",\"bogus\":1}|400|bogus: unknown key",
        "POST|/v1/networks|{\"mtu\":1400}|400|name is missing",
        "POST|/v1/networks|[1]|400|expected a mapping, got a list",
        "POST|/v1/networks|{\"name\":|400|not JSON",
        "POST|/v1/networks||400|name is missing",
        "PATCH|/v1/networks/web|{\"icc\":false}|200|\"Name\":\"web\"",
        "DELETE|/v1/networks/web||204|",
        "PUT|/v1/networks/web||404|no such request",
        "POST|/v1/networks/web/endpoints|{\"netns\":\"/run/netns/a\",\"name\":\"db\"}|201|\"name\":\"db\"",
        "POST|/v1/networks/web/endpoints|{\"netns\":\"/run/netns/a\",\"alias\":[\"sql\",\"pg\"]}|201|\"aliases\":[\"sql\",\"pg\"]",
        "POST|/v1/networks/web/endpoints|{\"netns\":\"/run/netns/a\",\"alias\":[\"a b\"]}|400|alias: name 'a b' is invalid",
        "POST|/v1/networks/web/endpoints|{\"netns\":\"/run/netns/a\",\"pid\":1}|400|one of netns, pid, host and link is needed",
        "POST|/v1/networks/web/endpoints|{\"pid\":\"x\"}|400|pid: expected a whole number",
        "PATCH|/v1/networks/web/endpoints/db|{}|500|internal error",
        "GET|/v1/networks/web/fdb||200|{\"mac\":\"02:42:0a:09:00:02\",\"ifname\":\"db\",\"flags\":[],\"master\":\"web\",\"state\":\"\"}",
        "GET|/v1/networks/web/fdb/02:42:0a:09:00:02||404|Error: Fdb entry not found.",
        "GET|/v1/networks/web/fdb/zz||400|Invalid mac address zz",
        "PUT|/v1/networks/web/fdb/02:42:0a:09:00:02|{\"endpoint\":\"db\",\"sticky\":true}|204|",
        "PUT|/v1/networks/web/fdb/02:42:0a:09:00:02|{\"sticky\":true}|400|endpoint is missing",
        "GET|/v1/networks/web/capture?count=x||400|count: expected a whole number",
        "POST|/v1/networks/web/ports|{\"spec\":\"8080:80\",\"endpoint\":\"db\"}|201|{\"bindings\":["
            + "{\"network\":\"web\",\"name\":\"db\",\"protocol\":\"tcp\",\"hostIp\":\"0.0.0.0\",\"hostPort\":8080,"
            + "\"containerPort\":80,\"count\":2},",
        "POST|/v1/networks/web/ports|{\"spec\":\"80\",\"endpoint\":\"db\"}|409|all ports are allocated",
        "POST|/v1/networks/web/ports|{\"spec\":\"80-82:1-2\",\"endpoint\":\"db\"}|400|invalid ranges specified",
        "POST|/v1/networks/web/ports|{\"spec\":\"80\"}|400|endpoint is missing",
        "POST|/v1/networks/web/ports|{\"endpoint\":\"db\"}|400|spec is missing",
        "POST|/v1/networks/web/ports|{\"spec\":\"80\",\"endpoint\":\"db\",\"x\":1}|400|x: unknown key",
        "DELETE|/v1/networks/web/ports/8080%3A80%2Ftcp||204|",
        "GET|/v1/ports||200|\"hostIp\":\"0.0.0.0\"", "GET|/v1/networks/web/ports||200|\"hostPort\":8080",
        "GET|/v1/nat||200|{\"chain\":\"POSTROUTING\",\"target\":\"MASQUERADE\",\"network\":\"web\",\"packets\":13,"
            + "\"bytes\":760,\"out\":\"eth1\",\"source\":\"10.9.0.0/24\",\"destination\":\"0.0.0.0/0\"}",
        "GET|/v1/networks/web/nat||200|MASQUERADE", "POST|/v1/nat||404|no such request",
        "GET|/v1/networks/web/flows||200|"
            + "\"original\":{\"src\":\"10.9.0.5\",\"dst\":\"198.51.100.20\",\"sport\":40000,\"dport\":80,\"packets\":3,",
        "DELETE|/v1/flows||200|{\"flushed\":20000}", "DELETE|/v1/networks/web/flows||200|{\"flushed\":20000}",
        "DELETE|/v1/nat||404|no such request", "GET|/v1/flow-statistics||200|{\"sessions\":20000,\"capacity\":262144,\"mappings\":1,",
        "GET|/v2/networks||404|no such request",
        "GET|/v1/networks/%zz||400|malformed path",
        "GET|/||404|no such request"})
    void requests_are_answered(String method, String path, String body, int status, String expected) throws IOException {
        String answer = exchange(method, path, body == null ? "" : body);
        assertThat(answer).startsWith("HTTP/1.1 " + status).contains(expected == null ? "" : expected);
    }

    @Test
    void what_is_asked_reaches_the_service_once() throws IOException {
        exchange("POST", "/v1/networks", "{\"name\":\"a\",\"mtu\":1400,\"icc\":false}");
        exchange("PUT", "/v1/networks/web/fdb/02:42:0a:09:00:02", "{\"endpoint\":\"db\",\"state\":\"static\"}");
        assertThat(service.asked).containsExactly("create a 1400 {icc=off}", "addFdb web 2420a090002 db STATIC false");
    }

    @Test
    void what_is_published_and_taken_back_reaches_the_service_as_it_is_meant() throws IOException {
        exchange("POST", "/v1/networks/web/ports", "{\"spec\":\"[::]:8080-8081:80-81/UDP\",\"endpoint\":\"db\"}");
        exchange("DELETE", "/v1/networks/web/ports/80%2Ftcp%20-%3E%200.0.0.0%3A8080", "");
        exchange("DELETE", "/v1/networks/web/flows", "");
        assertThat(service.asked).containsExactly("publish web [::]:8080-8081:80-81/udp db", "unpublish web 80/tcp -> 0.0.0.0:8080",
            "flush Optional[web]");
    }

    @Test
    void a_connection_is_good_for_several_requests() throws IOException {
        try (SocketChannel channel = connect()) {
            for (int i = 0; i < 3; i++) {
                write(channel, "GET /v1/version HTTP/1.1\r\nHost: x\r\n\r\n");
                ByteBuffer answer = ByteBuffer.allocate(4096);
                while (!new String(answer.array(), 0, answer.position(), StandardCharsets.UTF_8).contains("1.2.3")) {
                    assertThat(channel.read(answer)).isPositive();
                }
            }
        }
    }

    @Test
    void a_body_that_is_too_long_and_headers_that_are_too_long_are_refused() throws IOException {
        assertThat(exchange("POST", "/v1/networks", " ".repeat(100_000))).startsWith("HTTP/1.1 413");
        try (SocketChannel channel = connect()) {
            write(channel, "GET /v1/version HTTP/1.1\r\nX: " + "x".repeat(10_000) + "\r\n\r\n");
            assertThat(readAll(channel)).doesNotContain(" 200 ");
        }
        assertThat(service.asked).isEmpty();
    }

    @Test
    void what_is_not_http_is_refused() throws IOException {
        try (SocketChannel channel = connect()) {
            write(channel, "\0\1\2 hello\r\n\r\n");
            assertThat(readAll(channel)).startsWith("HTTP/1.1 400");
        }
    }

    @Test
    void a_client_that_does_not_finish_its_request_is_cut_off_and_holds_nobody_up() throws IOException {
        try (SocketChannel silent = connect(); SocketChannel half = connect()) {
            write(half, "POST /v1/networks HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{");
            assertThat(exchange("GET", "/v1/version", "")).startsWith("HTTP/1.1 200");
            assertThat(readAll(silent)).isEmpty();
            assertThat(readAll(half)).isEmpty();
        }
    }

    @Test
    void a_capture_is_sent_no_faster_than_the_client_reads_and_ends_with_it() throws Exception {
        try (SocketChannel channel = connect()) {
            write(channel, "GET /v1/networks/web/capture?endpoint=db HTTP/1.1\r\nHost: x\r\n\r\n");
            ByteBuffer some = ByteBuffer.allocate(1 << 16);
            assertThat(channel.read(some)).isPositive();
            // Nothing is read any more: it is cut off when it is silent for too long.
            assertThat(service.captureClosed.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(service.asked).contains("capture web Optional[db]");
            assertThat(service.asked.stream().filter("megabyte"::equals).count()).isLessThan(8);
        }
    }

    @Test
    void a_capture_ends_after_so_many_frames() throws IOException {
        try (SocketChannel channel = connect()) {
            write(channel, "GET /v1/networks/web/capture?count=2 HTTP/1.1\r\nHost: x\r\n\r\n");
            ByteBuffer bytes = ByteBuffer.allocate(3 << 20);
            while (channel.read(bytes) >= 0) {
                continue;
            }
            assertThat(bytes.position()).isGreaterThan(2 << 20);
            assertThat(new String(bytes.array(), bytes.position() - 5, 5, StandardCharsets.US_ASCII)).isEqualTo("0\r\n\r\n");
        }
    }

    @Test
    void the_socket_is_its_owners_alone_and_goes_with_the_server() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket))).isEqualTo("rw-------");
        server.close();
        assertThat(socket).doesNotExist();
    }
}
