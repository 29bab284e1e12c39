package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** docs/nat-compliance.md names tests that there are, and all of those that are about a requirement. */
class NatComplianceDocumentTest {
    private static final Path ROOT = Path.of("..");
    private static final Path DOCUMENT = ROOT.resolve("docs/nat-compliance.md");
    private static final Pattern CLASS = Pattern.compile("^Tests: \\[`(\\w+)`\\]\\((\\S+)\\)");
    private static final Pattern NAME = Pattern.compile("`(?:(\\w+Test)\\.)?([a-z]\\w{5,})`");
    private static final Pattern METHOD = Pattern.compile("(?m)^    void (\\w+)\\(");
    private static final Pattern TEST = Pattern.compile("(?m)^    @Test\\s+void (\\w+)\\(");

    /** Class.method of every test that the tables name. */
    private static Set<String> named() throws IOException {
        Set<String> names = new TreeSet<>();
        String current = "";
        for (String line : Files.readAllLines(DOCUMENT)) {
            Matcher heading = CLASS.matcher(line);
            if (heading.find()) {
                current = heading.group(1);
                assertThat(DOCUMENT.resolveSibling(heading.group(2))).exists();
            }
            if (line.startsWith("|")) {
                Matcher name = NAME.matcher(line.substring(line.lastIndexOf('|', line.length() - 2)));
                while (name.find()) {
                    names.add((name.group(1) == null ? current : name.group(1)) + "." + name.group(2));
                }
            }
        }
        return names;
    }

    private static List<String> methods(String type, Pattern which) throws IOException {
        List<Path> modules;
        try (Stream<Path> folders = Files.list(ROOT)) {
            modules = folders.map(folder -> folder.resolve("src/test/java")).filter(Files::isDirectory).toList();
        }
        for (Path module : modules) {
            try (Stream<Path> files = Files.walk(module)) {
                for (Path file : files.filter(path -> path.endsWith(type + ".java")).toList()) {
                    return which.matcher(Files.readString(file)).results().map(found -> found.group(1)).toList();
                }
            }
        }
        throw new AssertionError("no class " + type);
    }

    @Test
    void everyTestThatItNamesIsThere() throws IOException {
        Set<String> names = named();
        assertThat(names).hasSizeGreaterThan(90);
        for (String name : names) {
            String[] parts = name.split("\\.");
            assertThat(methods(parts[0], METHOD)).as("tests of %s", parts[0]).contains(parts[1]);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Rfc4787Test", "Rfc5382Test", "Rfc5508Test", "Rfc6888Test", "Rfc7857Test", "VppNat44EdTest"})
    void everyTestOfARequirementIsNamed(String type) throws IOException {
        Set<String> names = named();
        assertThat(methods(type, TEST)).isNotEmpty().allMatch(method -> names.contains(type + "." + method));
    }
}
