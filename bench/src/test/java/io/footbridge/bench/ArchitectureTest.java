package io.footbridge.bench;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The map of docs/architecture.md, held against what the modules' classes really use. */
class ArchitectureTest {
    /** Each module and those of ours that it may use: what it is built on, and what that is built on in turn. */
    private static final Map<String, Set<String>> MAP = Map.of(
        "memory", Set.of(),
        "wire", Set.of("memory"),
        "tap", Set.of("memory"),
        "fdb", Set.of("memory"),
        "nat", Set.of("memory", "wire"),
        "dataplane", Set.of("memory", "wire", "tap", "fdb", "nat"),
        "proxy", Set.of("memory", "tap"),
        "control", Set.of("memory", "wire", "tap", "fdb", "nat", "dataplane", "proxy"),
        "bench", Set.of("memory", "wire", "tap", "fdb", "nat", "dataplane", "proxy", "control"));

    /** Each library and the modules that may use it. */
    private static final Map<String, Set<String>> LIBRARIES = Map.of(
        "org.agrona..", MAP.keySet(),
        "org.jctools..", MAP.keySet(),
        "org.HdrHistogram..", MAP.keySet(),
        "org.slf4j..", Set.of("tap", "nat", "dataplane", "proxy", "control", "bench"),
        "io.netty..", Set.of("proxy", "control"),
        "picocli..", Set.of("control", "bench"),
        "tools.jackson..", Set.of("control", "bench"),
        "com.fasterxml.jackson.annotation..", Set.of("control", "bench"),
        "org.tinylog..", Set.of("control", "bench"),
        "org.openjdk..", Set.of("bench"));

    private static final List<String> PLATFORM = List.of("java..", "javax..", "jdk.jfr..", "jdk.net..", "com.sun.management..");

    private static final JavaClasses OURS = new ClassFileImporter()
        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
        .withImportOption(location -> !location.contains("-tests.jar"))
        .importPackages("io.footbridge");

    static Stream<String> modules() {
        return MAP.keySet().stream().sorted();
    }

    private static String packageOf(String module) {
        return "io.footbridge." + module + "..";
    }

    private static String[] packages(Stream<String> packages) {
        return packages.toArray(String[]::new);
    }

    @Test
    void theTestSeesTheModulesAndTheMapNamesAll() {
        Set<String> seen = Set.copyOf(OURS.stream().map(type -> type.getPackageName().split("\\.")[2]).toList());
        assertThat(seen).contains("wire", "tap", "control");
        assertThat(MAP.keySet()).containsAll(seen);
    }

    @ParameterizedTest
    @MethodSource("modules")
    void moduleUsesOnlyWhatStandsBelowItOnTheMap(String module) {
        noClasses().that().resideInAPackage(packageOf(module))
            .should().dependOnClassesThat().resideInAnyPackage(packages(MAP.keySet().stream()
                .filter(other -> !other.equals(module) && !MAP.get(module).contains(other)).map(ArchitectureTest::packageOf)))
            .orShould().dependOnClassesThat(not(resideInAnyPackage(packages(MAP.keySet().stream().map(ArchitectureTest::packageOf))))
                .and(resideInAPackage("io.footbridge..")))
            .allowEmptyShould(true).check(OURS);
    }

    @ParameterizedTest
    @MethodSource("modules")
    void moduleUsesOnlyTheLibrariesItMay(String module) {
        var allowed = Stream.concat(PLATFORM.stream(),
            LIBRARIES.entrySet().stream().filter(library -> library.getValue().contains(module)).map(Map.Entry::getKey));
        classes().that().resideInAPackage(packageOf(module))
            .should().onlyDependOnClassesThat().resideInAnyPackage(packages(Stream.concat(Stream.of("", "io.footbridge.."), allowed)))
            .allowEmptyShould(true).check(OURS);
    }

    @Test
    void framePathUsesNoCollectionsAndNoStreams() {
        // A router advertisement is written once, when a gateway is made; the frame path copies its bytes.
        noClasses().that().resideInAnyPackage(packageOf("wire"), packageOf("fdb"))
            .and().doNotHaveSimpleName("RouterAdvertisement")
            .should().dependOnClassesThat(resideInAPackage("java.util.stream..")
                .or(resideInAPackage("java.util..").and(assignableTo(Collection.class)
                    .or(assignableTo(Map.class)).or(assignableTo(Iterator.class)))))
            .allowEmptyShould(true).check(OURS);
    }
}
