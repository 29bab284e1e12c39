package io.footbridge.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CleanPagesTest {
    private static final int SIZE = 4 << 20;

    @TempDir
    private Path folder;

    @Test
    void whatOfAFileWasOnlyReadLeavesMemoryAndIsReadAgainWhenItIsTouched() throws IOException {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment mapped = mapped(arena, MapMode.READ_ONLY);
            int sum = sum(mapped);
            assertThat(resident(mapped)).isEqualTo(SIZE >> 10);
            assertThat(CleanPages.resident()).isGreaterThanOrEqualTo(SIZE);
            CleanPages found = CleanPages.find();
            for (int again = 0; again < 2; again++) {
                assertThat(found.giveBack()).isGreaterThanOrEqualTo(SIZE);
                assertThat(resident(mapped)).isZero();
                assertThat(sum(mapped)).isEqualTo(sum);
            }
        }
    }

    @Test
    void whatWasWrittenStaysAsItIs() throws IOException {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment mapped = mapped(arena, MapMode.PRIVATE);
            mapped.fill((byte) 7);
            CleanPages.find().giveBack();
            assertThat(resident(mapped)).isEqualTo(SIZE >> 10);
            assertThat(sum(mapped)).isEqualTo(7 * SIZE);
        }
    }

    @Test
    void whatIsMappedAnewAtTheSameAddressIsNotTouched() throws IOException {
        CleanPages found;
        MemorySegment before;
        try (Arena arena = Arena.ofShared()) {
            before = mapped(arena, MapMode.READ_ONLY);
            sum(before);
            found = CleanPages.find();
        }
        try (Arena arena = Arena.ofShared()) {
            MemorySegment mapped = mapped(arena, MapMode.PRIVATE);
            assumeThat(mapped.address()).isEqualTo(before.address());
            mapped.fill((byte) 7);
            found.giveBack();
            assertThat(sum(mapped)).isEqualTo(7 * SIZE);
        }
    }

    @Test
    void onlyResidentFilesThatNobodyMayWriteOrHasWrittenAreChosen() throws IOException {
        String readOnly = "7f0000000000-7f0000100000 r--p 00000000 fe:00 12      /read only";
        String program = "7f0000100000-7f0000200000 r-xp 00100000 fe:00 12      /program";
        String shared = "7f0000200000-7f0000300000 r--s 00100000 fe:00 12      /shared";
        String text = mapping(readOnly, 512, 0, 0)
            + mapping(program, 512, 0, 0)
            + mapping(shared, 512, 0, 0)
            + mapping("7f0000300000-7f0000400000 rw-p 00100000 fe:00 12      /writable", 512, 0, 0)
            + mapping("7f0000400000-7f0000500000 r--p 00200000 fe:00 12      /relocated", 512, 4, 0)
            + mapping("7f0000410000-7f0000500000 r--p 00200000 fe:00 12      /relocated and swapped out", 512, 0, 4)
            + mapping("7f0000500000-7f0000600000 r--p 00200000 fe:00 12      /hardly there", 8, 0, 0)
            + mapping("7f0000600000-7f0000700000 r--p 00000000 00:00 0 ", 512, 0, 0)
            + mapping("7f0000700000-7f0000702000 r-xp 00000000 00:00 0       [vdso]", 512, 0, 0);
        assertThat(CleanPages.clean(new BufferedReader(new StringReader(text)))).isEqualTo(Map.of(
            readOnly, new CleanPages.Mapping(0x7f0000000000L, 1 << 20),
            program, new CleanPages.Mapping(0x7f0000100000L, 1 << 20),
            shared, new CleanPages.Mapping(0x7f0000200000L, 1 << 20)));
    }

    private static String mapping(String heading, int rss, int anonymous, int swapped) {
        return heading + """

            Size: 1024 kB
            Rss: %15d kB
            Private_Clean: 0 kB
            Anonymous: %10d kB
            AnonHugePages: 0 kB
            Swap: %10d kB
            SwapPss: 0 kB
            VmFlags: rd mr mw
            """.formatted(rss, anonymous, swapped);
    }

    private MemorySegment mapped(Arena arena, MapMode mode) throws IOException {
        Path file = folder.resolve("file");
        byte[] bytes = new byte[SIZE];
        for (int i = 0; i < SIZE; i++) {
            bytes[i] = (byte) (i * 31 >> 4);
        }
        Files.write(file, bytes);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return channel.map(mode, 0, SIZE, arena);
        }
    }

    private static int sum(MemorySegment segment) {
        int sum = 0;
        for (long i = 0; i < segment.byteSize(); i++) {
            sum += segment.get(ValueLayout.JAVA_BYTE, i);
        }
        return sum;
    }

    /** Kilobytes of it that are in memory. */
    private static int resident(MemorySegment mapped) throws IOException {
        String smaps = Files.readString(Path.of("/proc/self/smaps"));
        int start = smaps.indexOf(Long.toHexString(mapped.address()) + "-");
        String rss = smaps.substring(smaps.indexOf("Rss:", start) + 4);
        return Integer.parseInt(rss.substring(0, rss.indexOf("kB")).strip());
    }
}
