package io.footbridge.control.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PublishSpecTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "80|80/tcp", "80/udp|80/udp", "80/TCP|80/tcp", "80/|80/tcp", ":80|80/tcp", "8080:80|8080:80/tcp", "0:80|80/tcp",
        "198.51.100.10:8080:80|198.51.100.10:8080:80/tcp", "198.51.100.10::80|198.51.100.10::80/tcp", "::80|80/tcp",
        "0.0.0.0:8080:80/udp|0.0.0.0:8080:80/udp", "[2001:db8::1]:8080:80|[2001:db8::1]:8080:80/tcp",
        "2001:db8::1:8080:80|[2001:db8::1]:8080:80/tcp", "[::]:8080:80|[::]:8080:80/tcp", "[::]::80|[::]::80/tcp",
        "[::ffff:198.51.100.10]:1:2|198.51.100.10:1:2/tcp",
        "8000-8003:80-83|8000-8003:80-83/tcp", "8000-8003:80|8000-8003:80/tcp", "80-83|80-83/tcp", "8000-8000:80-80|8000:80/tcp",
        "65535:65535|65535:65535/tcp"})
    void what_docker_takes_is_taken(String text, String canonical) {
        assertThat(PublishSpec.parse(text)).hasToString(canonical);
        assertThat(PublishSpec.parse(canonical)).isEqualTo(PublishSpec.parse(text));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
        "8000-8003:80-82|invalid ranges specified for container and host Ports: 80-82 and 8000-8003",
        "8000:80-82|invalid ranges specified for container and host Ports: 80-82 and 8000",
        "0:80-82|invalid ranges specified for container and host Ports: 80-82 and 0",
        "8080:x|invalid containerPort: x", "65536|invalid containerPort: 65536", "0|invalid containerPort: 0",
        "83-80|invalid containerPort: 83-80", "80-|invalid containerPort: 80-", "-80|invalid containerPort: -80",
        "+80|invalid containerPort: +80", "80-90-100|invalid containerPort: 80-90-100",
        "x:80|invalid hostPort: x", "70000:80|invalid hostPort: 70000", "0-3:80-83|invalid hostPort: 0-3", "0-3:80|invalid hostPort: 0-3",
        "1.2.3:8080:80|invalid IP address: 1.2.3", "localhost:8080:80|invalid IP address: localhost",
        "[1.2.3.4]:8080:80|invalid IP address: [1.2.3.4]", "[::]:80|invalid IP address: [:", "[fe80::1%eth0]:1:2|invalid IP address: ",
        "8080:|no port specified: 8080:<empty>", "\"\"|no port specified: <empty>", "/udp|no port specified: /udp<empty>",
        "80/sctp|sctp ports cannot be published", "80/icmp|unknown protocol: icmp"})
    void what_docker_refuses_is_refused_in_its_words(String text, String message) {
        assertThatThrownBy(() -> PublishSpec.parse(text)).isInstanceOf(IllegalArgumentException.class)
            .hasMessageStartingWith(message);
    }

    @Test
    void without_address_both_families_are_meant_and_with_one_its_own() {
        assertThat(PublishSpec.parse("80").isFor(true)).isTrue();
        assertThat(PublishSpec.parse("80").isFor(false)).isTrue();
        assertThat(PublishSpec.parse("0.0.0.0:1:80").isFor(false)).isFalse();
        assertThat(PublishSpec.parse("[::]:1:80").isFor(true)).isFalse();
    }

    @Property(tries = 2000)
    void any_text_is_taken_or_refused_in_one_line(
        @ForAll @StringLength(max = 12) @CharRange(from = '-', to = ':') @CharRange(from = '[', to = ']') String text) {
        try {
            PublishSpec spec = PublishSpec.parse(text);
            assertThat(PublishSpec.parse(spec.toString())).isEqualTo(spec);
        } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage()).hasLineCount(1);
        }
    }
}
