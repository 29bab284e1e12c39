package io.footbridge.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.tap.TestNamespaces;
import io.footbridge.tap.TestNamespaces.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Podman and RootlessKit as an unprivileged user, with {@code bin/slirp4netns} in slirp4netns's place. Each test is a script in
 * a mount namespace of its own: there /dev/net/tun is open to users, cgroups are version 2, and the user has subordinate ids.
 */
@Timeout(240)
class RootlessClientsIT {
    private static final Duration LIMIT = Duration.ofSeconds(150);
    private static final int NOBODY = 65_534;
    private static final String BED = """
        set -e
        mount --make-rprivate /
        mount --bind tun /dev/net/tun
        mount --bind subid /etc/subuid
        mount --bind subid /etc/subgid
        umount --recursive /sys/fs/cgroup 2>/dev/null || umount --lazy /sys/fs/cgroup || true
        mount -t cgroup2 cgroup2 /sys/fs/cgroup
        # Podman's sockets have long names, and there is a limit to paths of sockets.
        mount --bind home/run /mnt
        cd home
        exec setpriv --reuid=%1$d --regid=%1$d --clear-groups env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \\
            HOME="$PWD" XDG_RUNTIME_DIR=/mnt USER=nobody SLIRP=%2$s sh ../script
        """;
    private static final String PODMAN = """
        podman() {
            command podman --cgroup-manager=cgroupfs --storage-driver=vfs --events-backend=file --runtime=crun \\
                --network-cmd-path="$SLIRP" "$@"
        }
        # The one that serves: on this host, which is the test's own.
        slirp() {
            for process in /proc/[0-9]*; do
                if [ -O "$process" ] && [ "$process/ns/net" -ef /proc/self/ns/net ] &&
                    tr '\\0' ' ' <"$process/cmdline" 2>/dev/null | grep -q "^[^ ]*/ld-.*slirp4netns-sandboxed"; then
                    echo "${process#/proc/}"
                fi
            done
        }
        # Podman leaves a process behind that holds its user namespace.
        trap 'podman rm -af -t 0 >/dev/null 2>&1; kill "$(cat "$XDG_RUNTIME_DIR/libpod/tmp/pause.pid")"' EXIT
        trap 'exit 1' TERM INT
        podman import -q ../rootfs.tar busybox >/dev/null
        """;

    @TempDir
    private Path temporary;
    private TestNamespaces namespaces;
    private String host;
    private String client;

    @BeforeEach
    void makeBed() throws IOException {
        TestNamespaces.assumeCapable();
        for (String program : List.of("podman", "crun", "rootlesskit", "newuidmap")) {
            Assumptions.assumeTrue(Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program))), "no " + program);
        }
        namespaces = new TestNamespaces();
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwxr-xr-x"));
        succeeds("mknod", "-m", "0666", temporary.resolve("tun").toString(), "c", "10", "200");
        Files.writeString(temporary.resolve("subid"), "nobody:600000:65536\n");
        Path run = Files.createDirectories(temporary.resolve("home/run"));
        Files.setPosixFilePermissions(run, PosixFilePermissions.fromString("rwx------"));
        succeeds("chown", "-R", NOBODY + ":" + NOBODY, temporary.resolve("home").toString());
        makeImage();
        host = namespaces.create();
        client = namespaces.create();
        namespaces.run(host, "ip", "link", "add", "out0", "type", "veth", "peer", "name", "eth0", "netns", client);
        namespaces.run(host, "ip", "addr", "add", "192.0.2.1/24", "dev", "out0");
        namespaces.run(host, "ip", "link", "set", "out0", "up");
        namespaces.run(client, "ip", "addr", "add", "192.0.2.2/24", "dev", "eth0");
        namespaces.run(client, "ip", "link", "set", "eth0", "up");
    }

    @AfterEach
    void removeBed() {
        if (namespaces != null) {
            namespaces.close();
        }
    }

    /** A file system with BusyBox, and the libraries that it needs where it is not linked statically. */
    private void makeImage() throws IOException {
        Path rootfs = temporary.resolve("rootfs");
        Path bin = Files.createDirectories(rootfs.resolve("bin"));
        Files.copy(Path.of("/bin/busybox"), bin.resolve("busybox"));
        Files.setPosixFilePermissions(bin.resolve("busybox"), PosixFilePermissions.fromString("rwxr-xr-x"));
        for (String word : namespaces.host("ldd", "/bin/busybox").output().split("\\s+")) {
            if (word.startsWith("/")) {
                Path library = Path.of(rootfs + word);
                Files.createDirectories(library.getParent());
                Files.copy(Path.of(word), library);
            }
        }
        for (String applet : List.of("sh", "httpd", "wget", "ip")) {
            Files.createSymbolicLink(bin.resolve(applet), Path.of("busybox"));
        }
        for (String folder : List.of("etc", "proc", "dev", "sys", "tmp", "www")) {
            Files.createDirectory(rootfs.resolve(folder));
        }
        Files.writeString(rootfs.resolve("www/index.html"), "from the container\n");
        succeeds("tar", "-C", rootfs.toString(), "-cf", temporary.resolve("rootfs.tar").toString(), ".");
    }

    private void succeeds(String... command) {
        Result result = namespaces.host(command);
        assertThat(result.exitCode()).as(result.errors()).isZero();
    }

    /** Runs a script as the user, on a host of the test's own; what it prints. */
    private String run(String script) throws IOException {
        Files.writeString(temporary.resolve("script"), script);
        Files.writeString(temporary.resolve("bed"), BED.formatted(NOBODY, Slirp4netnsRun.PROGRAM));
        Result result = namespaces.exec(LIMIT, host, "unshare", "--mount", "sh", "-c", "cd " + temporary + " && . ./bed");
        assertThat(result.exitCode()).as(result.output() + result.errors()).isZero();
        return result.output();
    }

    @ParameterizedTest
    @CsvSource({"slirp4netns, 10.0.2.100", "slirp4netns:port_handler=slirp4netns, 192.0.2.2"})
    void podmanPublishesAPort(String network, String seen) throws IOException {
        namespaces.start(client, "sh", "-c", "until curl -sS --max-time 5 http://192.0.2.1:18080/ >" + temporary.resolve("fetched")
            + " 2>/dev/null; do :; done");
        String output = run(PODMAN + """
            set -e
            podman run -d --name web -p 18080:80 --network %s busybox httpd -f -vv -p 80 -h /www >/dev/null
            until curl -sS --max-time 5 http://127.0.0.1:18080/; do :; done
            until grep -q container ../fetched; do :; done
            podman exec web ip -4 addr show tap0
            for set in CapEff NoNewPrivs Seccomp; do
                echo "$set $(grep -h "^$set:" /proc/$(slirp)/task/*/status | sort -u | cut -f 2 | tr '\\n' ' ')"
            done
            echo "root $(ls /proc/$(slirp)/root 2>&1 | tr '\\n' ' ')"
            podman logs web 2>&1
            podman rm -f -t 0 web >/dev/null
            while [ -n "$(slirp)" ]; do :; done
            echo gone
            """.formatted(network));
        assertThat(output).contains("from the container", "inet 10.0.2.100/24", "CapEff 0000000000000400 \n", "NoNewPrivs 1 \n",
            "Seccomp 2 \n", seen, "gone");
        assertThat(temporary.resolve("fetched")).hasContent("from the container\n");
    }

    @Test
    void podmansContainerReachesTheWorld() throws IOException {
        Path page = Files.createDirectory(temporary.resolve("world"));
        Files.writeString(page.resolve("index.html"), "from the world\n");
        namespaces.start(client, "python3", "-u", "-m", "http.server", "--bind", "192.0.2.2", "--directory", page.toString(), "8000")
            .awaitText("Serving HTTP");
        assertThat(run(PODMAN + "podman run --rm --network slirp4netns busybox wget -q -O - http://192.0.2.2:8000/\n"))
            .isEqualTo("from the world\n");
    }

    @ParameterizedTest
    @CsvSource({"builtin, true", "slirp4netns, true", "slirp4netns, false"})
    void rootlessKitPublishesAPort(String driver, String sandbox) throws IOException {
        String output = run("""
            set -e
            rootlesskit --state-dir="$PWD/rk" --net=slirp4netns --slirp4netns-binary="$SLIRP" --mtu=65520 --disable-host-loopback \\
                --slirp4netns-sandbox=%s --slirp4netns-seccomp=true --ipv6 --port-driver=%s -p 127.0.0.1:18081:80/tcp --copy-up=/etc \\
                sh -c 'ip addr show tap0; cat /etc/resolv.conf; ping -c 1 -W 5 10.0.2.2
                    exec busybox httpd -f -p 80 -h ../rootfs/www' &
            until curl -sS --max-time 5 http://127.0.0.1:18081/ 2>/dev/null; do kill -0 $!; done
            kill $!
            wait $! || true
            """.formatted(sandbox, driver));
        assertThat(output).contains("from the container", "inet 10.0.2.100/24", "mtu 65520", "nameserver 10.0.2.3", " 0% packet loss");
    }
}
