import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * Adds {@code footbridge bench} to what {@code Package} has put together: beside the folder that {@code build/current} names
 * another one with the same files, as hard links, and the jars that only bench needs in its folder {@code bench}; then
 * {@code current} names that. So the program's own class path and AOT cache stay as they were made, and nothing that a JVM may be
 * running from is changed. Maven runs it in phase package of {@code bench}.
 *
 * <p>Arguments: the folder {@code build}, bench's jar, a file with the class path of its dependencies.
 */
public final class PackageBench {
    private static final String FOLDER = "bench";
    private static final String CURRENT = "current";

    private PackageBench() {
    }

    public static void main(String[] args) throws Exception {
        if (args.length != 3) {
            System.err.println("usage: PackageBench BUILD BENCH-JAR CLASS-PATH-FILE");
            System.exit(2);
        }
        Path build = Path.of(args[0]).toRealPath();
        try (FileChannel channel = FileChannel.open(build.resolve(".package.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.lock();
            add(build, Path.of(args[1]), Path.of(args[2]));
        }
    }

    private static void add(Path build, Path jar, Path classPath) throws IOException {
        Path program = build.resolve(CURRENT).toRealPath();
        String name = program.getFileName().toString();
        if (Files.exists(program.resolve(FOLDER))) {
            // It has an earlier bench, which its name ends in.
            name = name.substring(0, name.lastIndexOf('-'));
        }
        List<Path> jars = new ArrayList<>(List.of(jar));
        for (String entry : Files.readString(classPath).strip().split(":")) {
            Path dependency = Path.of(entry);
            String file = dependency.getFileName().toString();
            if (!file.startsWith("footbridge-control-") && !Files.exists(program.resolve("lib").resolve(file))) {
                jars.add(dependency);
            }
        }
        Path folder = build.resolve(name + "-" + hash(jars));
        if (!Files.exists(folder)) {
            Path unfinished = build.resolve(".bench-" + ProcessHandle.current().pid());
            link(program, unfinished);
            Path bench = Files.createDirectory(unfinished.resolve(FOLDER));
            for (Path each : jars) {
                Files.copy(each, bench.resolve(each.getFileName()));
            }
            Files.move(unfinished, folder, StandardCopyOption.ATOMIC_MOVE);
            System.out.printf("%s: %d jars of bench%n", folder, jars.size());
        }
        Files.setLastModifiedTime(folder, FileTime.from(Instant.now()));
        Path link = build.resolve(".current-" + ProcessHandle.current().pid());
        Files.deleteIfExists(link);
        Files.createSymbolicLink(link, folder.getFileName());
        Files.move(link, build.resolve(CURRENT), StandardCopyOption.ATOMIC_MOVE);
    }

    private static String hash(List<Path> jars) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (Path jar : jars.stream().sorted(Comparator.comparing(jar -> jar.getFileName().toString())).toList()) {
                digest.update(jar.getFileName().toString().getBytes(StandardCharsets.UTF_8));
                digest.update(Files.readAllBytes(jar));
            }
            return HexFormat.of().formatHex(digest.digest(), 0, 4);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The same files once more, but for bench's, without their content being copied. */
    private static void link(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(file -> !file.startsWith(from.resolve(FOLDER))).toList()) {
                Path twin = to.resolve(from.relativize(file));
                if (Files.isDirectory(file)) {
                    Files.createDirectories(twin);
                } else {
                    Files.createLink(twin, file);
                }
            }
        }
    }
}
