package io.footbridge.control.daemon;

import io.footbridge.control.run.Lifeline;
import io.footbridge.control.run.RunFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;

/**
 * Holds the {@link Lifeline} of each run that has joined a network of this daemon until its COMMAND has ended, so that the
 * run hears of this process's end, however that comes. One thread.
 */
final class Lifelines {
    private final Path directory;
    private final Map<Path, FileChannel> held = new HashMap<>();

    /** Of the runs whose files are in this directory. */
    Lifelines(Path directory) {
        this.directory = directory;
    }

    /** Takes those that are new, and lets go of those whose COMMAND has ended. */
    void look() throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, Lifeline.FILES)) {
            for (Path file : files) {
                take(file);
            }
        } catch (NoSuchFileException gone) {
            // The directory, and with it whoever might come.
        }
        for (Path process : held.keySet().stream().filter(Files::notExists).toList()) {
            held.remove(process).close();
        }
    }

    private void take(Path file) throws IOException {
        Path process = RunFile.process(file);
        if (Files.notExists(process) || !Files.readAttributes(file, "isOther").containsValue(true)) {
            return;
        }
        // For reading as well: then the opening waits for nobody, where the reader is gone.
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        FileChannel before = held.put(process, channel);
        if (before != null) {
            before.close();
        }
        Files.delete(file);
    }
}
