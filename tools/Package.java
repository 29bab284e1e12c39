import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
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
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/**
 * Puts together what {@code ./footbridge} starts: {@code build/footbridge-HASH} with the jars, the launcher's files and
 * AOT caches, and the link {@code build/current} to it. Maven runs it in phase package of {@code control}.
 *
 * <p>A folder is never changed once {@code current} has pointed to it, because JVMs run from it: JDK 25.0.3 does not
 * compare an AOT cache with its jars and would run the old classes of a cache beside new jars. So the name holds a hash of
 * all that the cache depends on, and each folder has a cache of its own, made there with the options it is used with.
 * {@code footbridge.aot} comes last and by rename: a folder that has it is complete.
 *
 * <p>Arguments: the folder {@code build}, the launcher's files, the jar of {@code control}, a file with the class path of
 * its dependencies.
 */
public final class Package {
    private static final String MAIN_CLASS = "io.footbridge.control.Main";
    /** The jar of {@code control}, under a name that the launcher can know. */
    private static final String MAIN_JAR = "footbridge.jar";
    private static final String PREFIX = "footbridge-";
    private static final String CACHE = "footbridge.aot";
    /** Of the JVMs that stand for slirp4netns: whatever is in a cache is loaded at start, needed or not. */
    private static final String SLIRP_CACHE = "slirp4netns.aot";
    private static final int PAGE = 4096;
    /** Folders that stay although nothing runs from them: a launcher may have read the link and not yet started. */
    private static final int KEPT = 3;

    private final Path build;
    private final Path launcher;
    private final Path mainJar;
    private final List<Path> jars = new ArrayList<>();

    private Package(Path build, Path launcher, Path mainJar, Path classPath) throws IOException {
        this.build = Files.createDirectories(build).toRealPath();
        this.launcher = launcher;
        this.mainJar = mainJar;
        jars.add(mainJar);
        for (String entry : Files.readString(classPath).strip().split(":")) {
            jars.add(Path.of(entry));
        }
        jars.sort(Comparator.comparing(jar -> jar.getFileName().toString()));
    }

    public static void main(String[] args) throws Exception {
        if (args.length != 4) {
            System.err.println("usage: Package BUILD LAUNCHER-FILES MAIN-JAR CLASS-PATH-FILE");
            System.exit(2);
        }
        if (Runtime.version().feature() != 25) {
            throw new IllegalStateException("Java 25 makes the AOT cache, not " + Runtime.version());
        }
        var product = new Package(Path.of(args[0]), Path.of(args[1]), Path.of(args[2]), Path.of(args[3]));
        Path lock = product.build.resolve(".package.lock");
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.lock();
            product.make();
        }
    }

    private void make() throws IOException, InterruptedException {
        Path folder = build.resolve(PREFIX + hash());
        if (!Files.exists(folder.resolve(CACHE))) {
            long start = System.nanoTime();
            delete(folder);
            fill(folder);
            train(folder, "slirp4netns.options", SLIRP_CACHE, "--self-test", "slirp4netns");
            train(folder, "jvm.options", CACHE, "--self-test");
            System.out.printf("%s: %d jars, AOT cache of %d MB, %d ms%n", folder, jars.size(),
                Files.size(folder.resolve(CACHE)) >> 20, (System.nanoTime() - start) / 1_000_000);
        }
        Files.setLastModifiedTime(folder, FileTime.from(Instant.now()));
        pointTo(folder);
        prune(folder);
    }

    /** Over all that decides what a start does and whether the cache fits: the jars, the launcher's files, the JVM. */
    private String hash() throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(System.getProperty("java.vm.version").getBytes(StandardCharsets.UTF_8));
            digest.update(System.getProperty("java.home").getBytes(StandardCharsets.UTF_8));
            for (Path file : Stream.concat(jars.stream(), launcherFiles().stream()).toList()) {
                digest.update(file.getFileName().toString().getBytes(StandardCharsets.UTF_8));
                digest.update(Files.readAllBytes(file));
            }
            return HexFormat.of().formatHex(digest.digest(), 0, 6);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private List<Path> launcherFiles() throws IOException {
        try (Stream<Path> files = Files.list(launcher)) {
            return files.sorted().toList();
        }
    }

    private void fill(Path folder) throws IOException {
        Path lib = Files.createDirectories(folder.resolve("lib"));
        for (Path jar : jars) {
            Files.copy(jar, lib.resolve(jar.equals(mainJar) ? Path.of(MAIN_JAR) : jar.getFileName()));
        }
        for (Path file : launcherFiles()) {
            Files.copy(file, folder.resolve(file.getFileName()));
        }
        Files.writeString(folder.resolve("java-home"), System.getProperty("java.home") + "\n");
        checkClassPath(lib);
    }

    /** The jar of {@code control} names the others in its manifest, in a fixed order, as the AOT cache needs it. */
    private void checkClassPath(Path lib) throws IOException {
        try (JarFile jar = new JarFile(mainJar.toFile())) {
            String classPath = jar.getManifest().getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
            List<String> named = List.of(classPath.split(" "));
            for (String name : named) {
                if (!Files.exists(lib.resolve(name))) {
                    throw new IOException(mainJar + " names " + name + " on its class path, which is not among its dependencies");
                }
            }
            if (named.size() != jars.size() - 1) {
                throw new IOException(mainJar + " names " + named.size() + " jars on its class path, not " + (jars.size() - 1));
            }
        }
    }

    private void train(Path folder, String options, String cache, String... arguments) throws IOException, InterruptedException {
        Path unfinished = folder.resolve(cache + ".new");
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "@" + folder.resolve(options), "-XX:AOTCacheOutput=" + unfinished,
            "-cp", folder.resolve("lib").resolve(MAIN_JAR).toString(), MAIN_CLASS));
        command.addAll(List.of(arguments));
        Path log = folder.resolve(cache + ".log");
        int status = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start().waitFor();
        if (status != 0 || !Files.exists(unfinished)) {
            System.err.println(Files.readString(log));
            throw new IOException("the AOT training run ended with " + status + ": " + String.join(" ", command));
        }
        Path written = folder.resolve(cache + ".written");
        copyByPages(unfinished, written);
        Files.delete(unfinished);
        Files.move(written, folder.resolve(cache), StandardCopyOption.ATOMIC_MOVE);
    }

    /**
     * What a program writes at once Linux keeps in memory in one piece, of up to 2 MiB, and a process that touches a byte of a
     * file that it has mapped gets the whole piece. Of a cache most JVMs need few pages.
     */
    private static void copyByPages(Path from, Path to) throws IOException {
        try (FileChannel source = FileChannel.open(from); FileChannel target = FileChannel.open(to, StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer page = ByteBuffer.allocateDirect(PAGE);
            while (source.read(page) >= 0) {
                if (!page.hasRemaining() || source.position() == source.size()) {
                    page.flip();
                    while (page.hasRemaining()) {
                        target.write(page);
                    }
                    page.clear();
                }
            }
        }
    }

    private void pointTo(Path folder) throws IOException {
        Path link = build.resolve(".current-" + ProcessHandle.current().pid());
        Files.deleteIfExists(link);
        Files.createSymbolicLink(link, folder.getFileName());
        Files.move(link, build.resolve("current"), StandardCopyOption.ATOMIC_MOVE);
    }

    private void prune(Path current) throws IOException {
        List<Path> folders;
        try (Stream<Path> files = Files.list(build)) {
            folders = files.filter(file -> file.getFileName().toString().startsWith(PREFIX))
                .filter(file -> Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS))
                .sorted(Comparator.comparing(Package::modified).reversed())
                .skip(KEPT)
                .toList();
        }
        for (Path folder : folders) {
            if (!folder.equals(current) && !inUse(folder)) {
                delete(folder);
            }
        }
    }

    /** Whether a process was started from the folder or has one of its files mapped, as far as /proc lets us see. */
    private static boolean inUse(Path folder) throws IOException {
        String bytes = new String((folder + "/").getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            return processes.filter(process -> process.getFileName().toString().matches("[0-9]+"))
                .anyMatch(process -> holds(process.resolve("cmdline"), bytes) || holds(process.resolve("maps"), bytes));
        }
    }

    private static boolean holds(Path file, String bytes) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(bytes);
        } catch (IOException e) {
            return false; // ended, or another user's
        }
    }

    private static FileTime modified(Path folder) {
        try {
            return Files.getLastModifiedTime(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
