package io.footbridge.control.slirp;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.control.slirp.GetoptLong.Item;
import io.footbridge.control.slirp.GetoptLong.Option;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class GetoptLongTest {
    private static final Option CONFIGURE = new Option("configure", 'c', false);
    private static final Option EXIT_FD = new Option("exit-fd", 'e', true);
    private static final Option SANDBOX = new Option("enable-sandbox", '\0', false);
    private static final Option SECCOMP = new Option("enable-seccomp", '\0', false);
    private static final Option ADDRESS = new Option("outbound-addr", '\0', true);
    private static final Option ADDRESS6 = new Option("outbound-addr6", '\0', true);
    private static final List<Option> OPTIONS = List.of(CONFIGURE, EXIT_FD, SANDBOX, SECCOMP, ADDRESS, ADDRESS6);

    private record Read(List<Item> items, List<String> operands) {
    }

    private static Read read(String... arguments) {
        GetoptLong getopt = new GetoptLong("program", OPTIONS, arguments);
        List<Item> items = new ArrayList<>();
        for (Optional<Item> item = getopt.next(); item.isPresent(); item = getopt.next()) {
            items.add(item.get());
        }
        return new Read(items, getopt.operands());
    }

    private static Item given(Option option, String argument) {
        return new Item.Given(option, argument);
    }

    private static String error(String... arguments) {
        return read(arguments).items().getFirst() instanceof Item.Wrong(String message) ? message : "none";
    }

    @Test
    void optionsMayFollowOperands() {
        assertThat(read("42", "-c", "tap0", "--exit-fd", "3"))
            .isEqualTo(new Read(List.of(given(CONFIGURE, ""), given(EXIT_FD, "3")), List.of("42", "tap0")));
    }

    @Test
    void twoDashesEndTheOptions() {
        assertThat(read("-c", "--", "-e", "--", "-")).isEqualTo(new Read(List.of(given(CONFIGURE, "")), List.of("-e", "--", "-")));
    }

    @Test
    void oneDashIsAnOperand() {
        assertThat(read("-").operands()).containsExactly("-");
    }

    @Test
    void argumentMayStandInTheWordOrInTheNextWhateverItIs() {
        assertThat(read("-ce3", "-e", "-1", "--exit-fd=", "--exit-fd", "--configure").items())
            .containsExactly(given(CONFIGURE, ""), given(EXIT_FD, "3"), given(EXIT_FD, "-1"), given(EXIT_FD, ""),
                given(EXIT_FD, "--configure"));
    }

    @Test
    void longOptionMayBeCutShortAsLongAsItIsTold() {
        assertThat(read("--co", "--ex=5", "--enable-sa").items())
            .containsExactly(given(CONFIGURE, ""), given(EXIT_FD, "5"), given(SANDBOX, ""));
        assertThat(error("--enable-s"))
            .isEqualTo("program: option '--enable-s' is ambiguous; possibilities: '--enable-sandbox' '--enable-seccomp'");
    }

    @Test
    void wholeNameIsNotAmbiguous() {
        assertThat(read("--outbound-addr", "a").items()).containsExactly(given(ADDRESS, "a"));
        assertThat(error("--outb=a"))
            .isEqualTo("program: option '--outb=a' is ambiguous; possibilities: '--outbound-addr' '--outbound-addr6'");
    }

    @Test
    void errorsHaveTheWordsOfTheCLibrary() {
        assertThat(error("--what=x")).isEqualTo("program: unrecognized option '--what=x'");
        assertThat(error("-x")).isEqualTo("program: invalid option -- 'x'");
        assertThat(error("-e")).isEqualTo("program: option requires an argument -- 'e'");
        assertThat(error("--exit")).isEqualTo("program: option '--exit-fd' requires an argument");
        assertThat(error("--conf=yes")).isEqualTo("program: option '--configure' doesn't allow an argument");
    }

    @Property
    void everyWordIsReadOnce(@ForAll("words") List<String> words) {
        Read read = read(words.toArray(String[]::new));
        long taken = read.items().stream()
            .filter(item -> item instanceof Item.Given(Option option, String _) && option.takesArgument()).count();
        assertThat(read.operands().size()).isLessThanOrEqualTo(words.size());
        assertThat(read.items().size() + read.operands().size()).isGreaterThanOrEqualTo(
            words.size() - (int) taken - (words.contains("--") ? 1 : 0));
    }

    @Provide
    Arbitrary<List<String>> words() {
        return Arbitraries.of("-c", "-e", "-e3", "-ce", "--", "-", "", "--configure", "--exit-fd", "--exit-fd=3", "--enable-s", "--x",
            "-x", "tap0", "--=", "-cc", "--e", "-\0").list().ofMaxSize(8);
    }
}
