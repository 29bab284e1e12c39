package io.footbridge.bench.result;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Files that a run leaves. Each is written beside its place and renamed: nobody ever finds half of one, and where the disk is
 * full nothing is left.
 */
public final class ResultFile {
    private static final JsonMapper JSON = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

    private ResultFile() {
    }

    /** A run as JSON. */
    public static String json(Run run) {
        return JSON.writeValueAsString(run) + "\n";
    }

    /** Reads a run back. */
    public static Run read(Path file) throws IOException {
        try {
            Run run = JSON.readValue(Files.readString(file), Run.class);
            if (run == null || !Run.FORMAT.equals(run.format()) || run.rows() == null || run.workloads() == null || run.modes() == null) {
                throw new IOException("read " + file + ": it is not a result of bench --json (no format " + Run.FORMAT + ")");
            }
            return run;
        } catch (JacksonException malformed) {
            throw new IOException("read " + file + ": it is not a result of bench --json", malformed);
        } catch (NoSuchFileException absent) {
            throw new IOException("read " + file + ": there is no such file", absent);
        } catch (AccessDeniedException refused) {
            throw new IOException("read " + file + ": permission denied", refused);
        }
    }

    /** Finds out, before a long run, whether a file could be written. */
    public static void checkWritable(Path file) throws IOException {
        Path beside = beside(file);
        try {
            Files.write(beside, new byte[0]);
        } catch (IOException refused) {
            throw failure(file, refused);
        } finally {
            Files.deleteIfExists(beside);
        }
        if (Files.isDirectory(file)) {
            throw new IOException("write " + file + ": it is a folder");
        }
    }

    /** Writes a text. */
    public static void write(Path file, String text) throws IOException {
        Path beside = beside(file);
        try {
            Files.writeString(beside, text, StandardCharsets.UTF_8);
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException refused) {
            throw failure(file, refused);
        } finally {
            Files.deleteIfExists(beside);
        }
    }

    private static Path beside(Path file) {
        return file.resolveSibling("." + file.getFileName() + "." + ProcessHandle.current().pid());
    }

    private static IOException failure(Path file, IOException refused) {
        String reason = switch (refused) {
            case NoSuchFileException _ -> "there is no such folder";
            case AccessDeniedException _ -> "permission denied";
            case FileSystemException system when system.getReason() != null -> system.getReason();
            default -> refused.getMessage();
        };
        return new IOException("write " + file + ": " + reason, refused);
    }
}
