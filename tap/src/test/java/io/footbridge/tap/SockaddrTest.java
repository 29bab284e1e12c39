package io.footbridge.tap;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class SockaddrTest {
    private static String hex(MemorySegment name) {
        return HexFormat.of().formatHex(name.toArray(JAVA_BYTE));
    }

    @Test
    void theBytesAreThoseOfTheKernelsHeaders() throws Exception {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment four = Sockaddr.of(arena, InetAddress.getByName("192.0.2.1"), 443);
            assertThat(hex(four)).isEqualTo("0200" + "01bb" + "c0000201" + "0000000000000000");
            assertThat(Sockaddr.toJava(four)).isEqualTo(new InetSocketAddress("192.0.2.1", 443));
            MemorySegment six = Sockaddr.of(arena, InetAddress.getByName("2001:db8::1"), 65535);
            assertThat(hex(six)).isEqualTo("0a00" + "ffff" + "00000000" + "20010db8000000000000000000000001" + "00000000");
            assertThat(Sockaddr.toJava(six)).isEqualTo(new InetSocketAddress("2001:db8::1", 65535));
        }
    }

    @Test
    void anIpv4AddressMappedIntoIpv6IsReadAsWhatItIs() throws Exception {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = Sockaddr.of(arena, InetAddress.getByName("::1"), 80);
            byte[] mapped = HexFormat.of().parseHex("00000000000000000000ffffc0000201");
            MemorySegment.copy(mapped, 0, name, JAVA_BYTE, Sockaddr.ADDRESS_INET6, mapped.length);
            assertThat(Sockaddr.toJava(name)).isEqualTo(new InetSocketAddress("192.0.2.1", 80));
        }
    }

    @Test
    void pathHasItsFamilyAndATerminatingZero() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = Sockaddr.ofPath(arena, "/run/a-b");
            assertThat(Sockaddr.family(name)).isEqualTo(SocketCalls.AF_UNIX);
            assertThat(name.getString(2)).isEqualTo("/run/a-b");
            assertThat(name.byteSize()).isEqualTo(2 + 8 + 1);
            assertThatThrownBy(() -> Sockaddr.ofPath(arena, "x".repeat(108))).hasMessageContaining("too long: at most 107 bytes");
        }
    }
}
