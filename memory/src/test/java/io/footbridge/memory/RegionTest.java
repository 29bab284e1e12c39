package io.footbridge.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class RegionTest {
    private static final long MIB = 1 << 20;

    @Test
    void aSmallRegionIsRoundedUpToAPageAndZeroed() throws IOException {
        try (Region region = Region.map("a test", 100)) {
            assertThat(region.size()).isEqualTo(64 << 10);
            assertThat(region.address() % 4096).isZero();
            assertThat(region.segment().mismatch(MemorySegment.ofArray(new byte[64 << 10]))).isEqualTo(-1);
        }
    }

    @Test
    void aLargeRegionIsAlignedForHugePagesAndIsExactlyThatMapping() throws IOException {
        try (Region region = Region.map("a test", 3 * MIB + 1)) {
            assertThat(region.size()).isEqualTo(4 * MIB);
            assertThat(region.address() % (2 * MIB)).isZero();
            assertThat(smapsOf(region.address())).contains("Rss:                4096 kB");
        }
    }

    @Test
    void theWholeRegionCanBeWrittenFromAnyThread() throws IOException {
        try (Region region = Region.map("a test", 2 * MIB)) {
            MemorySegment segment = region.segment();
            CompletableFuture.runAsync(() -> Words.putLong(segment, 2 * MIB - 8, 7)).join();
            assertThat(Words.getLong(segment, 2 * MIB - 8)).isEqualTo(7);
        }
    }

    @Test
    void closingUnmapsOnceAndAccessAfterItIsRefused() throws IOException {
        Region region = Region.map("a test", 4 * MIB);
        long address = region.address();
        MemorySegment segment = region.segment();
        CompletableFuture.runAsync(region::close).join();
        region.close();
        assertThat(smapsOf(address)).isEmpty();
        assertThatIllegalStateException().isThrownBy(() -> Words.getLong(segment, 0));
    }

    @Test
    void memoryThatIsNotThereIsOneLineThatSaysWhatAndHowMuch() {
        assertThatThrownBy(() -> Region.map("the forwarding table", 1L << 46))
                .isInstanceOf(IOException.class)
                .hasMessage("map 68,719,476,736 KiB for the forwarding table: Cannot allocate memory; "
                        + "set a smaller size, or raise the process's memory limit");
        assertThatThrownBy(() -> Region.map("the forwarding table", Long.MAX_VALUE))
                .isInstanceOf(IOException.class).hasMessageContaining("Cannot allocate memory");
    }

    @Test
    void aSizeBelowOneIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> Region.map("a test", 0));
    }

    /** The part of /proc/self/smaps that begins at the address, or empty. */
    private static String smapsOf(long address) throws IOException {
        String smaps = Files.readString(Path.of("/proc/self/smaps"));
        int start = smaps.indexOf(Long.toHexString(address) + "-");
        return start < 0 ? "" : smaps.substring(start, smaps.indexOf("VmFlags", start));
    }
}
