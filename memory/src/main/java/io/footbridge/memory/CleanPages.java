package io.footbridge.memory;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * What of this process's files is in its memory and was only read: the AOT cache, the JVM's program, the JDK's classes. A
 * start goes through most of them, and the kernel maps sixteen pages for each that is touched; service needs few. What is
 * given back stays in the page cache as long as the system has room, and comes from there again when it is touched. One
 * thread at a time.
 */
public final class CleanPages {
    private static final Path DETAILS = Path.of("/proc/self/smaps");
    private static final Path MAPPINGS = Path.of("/proc/self/maps");
    private static final Path SIZES = Path.of("/proc/self/statm");
    /** Mappings of less are not worth a call. */
    private static final long WORTHWHILE_KILOBYTES = 64;
    private static final long PAGE = 4096;

    /** By their lines in {@link #MAPPINGS}: one that is another's by now, or may be written, has another line. */
    private final Map<String, Mapping> known;

    private CleanPages(Map<String, Mapping> known) {
        this.known = known;
    }

    /**
     * A mapping that may be given back.
     *
     * @param start its first byte
     * @param length bytes
     */
    record Mapping(long start, long length) {
    }

    /** Finds the files that this process has mapped without leave to write, and has never written. */
    public static CleanPages find() throws IOException {
        try (BufferedReader reader = Files.newBufferedReader(DETAILS, StandardCharsets.ISO_8859_1)) {
            return new CleanPages(clean(reader));
        }
    }

    /**
     * Gives back all pages of what was found and is still mapped like that. Other threads may be reading them.
     *
     * @return bytes of the mappings, resident or not
     */
    public long giveBack() throws IOException {
        long bytes = 0;
        for (String line : Files.readAllLines(MAPPINGS, StandardCharsets.ISO_8859_1)) {
            Mapping mapping = known.get(line);
            if (mapping != null && Libc.madvise(mapping.start(), mapping.length(), Libc.MADV_DONTNEED) == 0) {
                bytes += mapping.length();
            }
        }
        return bytes;
    }

    /** Bytes of files that are in this process's memory now, of those that cannot be given back too. */
    public static long resident() throws IOException {
        // size, resident, shared: the last is what stands in files (proc(5)).
        return PAGE * Long.parseLong(Files.readString(SIZES, StandardCharsets.ISO_8859_1).split(" ", 4)[2]);
    }

    /**
     * Those mappings of a text like /proc/PID/smaps (proc(5)) whose pages are all the file's own. A page that was written, if
     * only by the dynamic linker, is anonymous by then, or swapped out, and would be lost: a mapping with such a page is passed over.
     */
    static Map<String, Mapping> clean(BufferedReader smaps) throws IOException {
        Map<String, Mapping> found = new HashMap<>();
        String heading = "";
        boolean resident = false;
        boolean anonymous = true;
        for (String line = smaps.readLine(); line != null; line = smaps.readLine()) {
            if (line.startsWith("Rss:")) {
                resident = kilobytes(line) >= WORTHWHILE_KILOBYTES;
            } else if (line.startsWith("Anonymous:")) {
                anonymous = kilobytes(line) > 0;
            } else if (line.startsWith("Swap:")) {
                if (resident && !anonymous && kilobytes(line) == 0 && isReadOnlyFile(heading)) {
                    found.put(heading, mapping(heading));
                }
            } else if (isHeading(line)) {
                heading = line;
                resident = false;
                anonymous = true;
            }
        }
        return found;
    }

    private static boolean isHeading(String line) {
        return Character.digit(line.charAt(0), 16) >= 0 && line.indexOf('-') > 0;
    }

    /** {@code START-END PERMISSIONS OFFSET DEVICE INODE   FILE}. */
    private static boolean isReadOnlyFile(String heading) {
        String[] fields = heading.split(" +", 6);
        return fields.length == 6 && fields[1].charAt(1) == '-' && fields[5].startsWith("/");
    }

    private static Mapping mapping(String heading) {
        int dash = heading.indexOf('-');
        long start = Long.parseUnsignedLong(heading, 0, dash, 16);
        return new Mapping(start, Long.parseUnsignedLong(heading, dash + 1, heading.indexOf(' '), 16) - start);
    }

    private static long kilobytes(String line) {
        String number = line.substring(line.indexOf(':') + 1).strip();
        return Long.parseLong(number, 0, number.indexOf(' '), 10);
    }
}
