package io.footbridge.control.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResolvConfTest {
    private static final long SECOND = 1_000_000_000L;

    @TempDir
    private Path directory;
    private long now = -5 * SECOND;

    private static List<String> texts(List<java.net.InetSocketAddress> servers) {
        return servers.stream().map(server -> server.getAddress().getHostAddress() + " " + server.getPort()).toList();
    }

    private List<String> later(ResolvConf conf) {
        now += SECOND;
        return texts(conf.servers(now));
    }

    @Test
    void serversAreReadInOrderAtMostThreeAndWhatIsNotUnderstoodIsPassedOver() {
        assertThat(texts(ResolvConf.parse("# comment\n; another\nsearch example.org\n\tnameserver\t192.0.2.1 # first\nnameserver\n"
            + "nameserver bogus.example\nnameserver 127.0.0.1%lo\n"
            + "nameserver 2001:db8::1\nNAMESERVER 192.0.2.9\nnameserver fe80::1%nosuchlink0\n"
            + "nameserver fe80::2%7\noptions edns0\nnameserver 192.0.2.4\n")))
            .containsExactly("192.0.2.1 53", "2001:db8:0:0:0:0:0:1 53", "fe80:0:0:0:0:0:0:2%7 53");
        assertThat(texts(ResolvConf.parse("search x\n"))).containsExactly("127.0.0.1 53");
    }

    @Test
    void aFileThatIsWrittenAnewReplacedOrALinkThatPointsElsewhereIsFollowed() throws IOException {
        Path file = Files.writeString(directory.resolve("resolv.conf"), "nameserver 192.0.2.1\n");
        Path link = Files.createSymbolicLink(directory.resolve("link"), file);
        ResolvConf conf = new ResolvConf(link);
        assertThat(later(conf)).containsExactly("192.0.2.1 53");
        Files.writeString(file, "nameserver 192.0.2.22\n");
        assertThat(later(conf)).containsExactly("192.0.2.22 53");
        Path fresh = Files.writeString(directory.resolve("fresh"), "nameserver 192.0.2.33\n");
        Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
        assertThat(later(conf)).containsExactly("192.0.2.33 53");
        Path other = Files.writeString(directory.resolve("other"), "nameserver 192.0.2.44\n");
        Path next = Files.createSymbolicLink(directory.resolve("next"), other);
        Files.move(next, link, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        assertThat(later(conf)).containsExactly("192.0.2.44 53");
    }

    @Test
    void theFileIsLookedAtOnceASecondAndWhatItSaidHoldsWhileItIsGone() throws IOException {
        Path file = Files.writeString(directory.resolve("resolv.conf"), "nameserver 192.0.2.1\n");
        ResolvConf conf = new ResolvConf(file);
        assertThat(later(conf)).containsExactly("192.0.2.1 53");
        Files.writeString(file, "nameserver 192.0.2.22\n");
        assertThat(texts(conf.servers(now + SECOND / 2))).containsExactly("192.0.2.1 53");
        Files.delete(file);
        assertThat(later(conf)).containsExactly("192.0.2.1 53");
        assertThat(texts(new ResolvConf(file).servers(0))).containsExactly("127.0.0.1 53");
    }
}
