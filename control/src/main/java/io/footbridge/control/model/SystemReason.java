package io.footbridge.control.model;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Why the system refused something with a file, in its own words: the JDK keeps some as a type, and the path in front of others. */
public final class SystemReason {
    private SystemReason() {
    }

    /** The words alone, without the path. */
    public static String of(IOException failed) {
        return Quoted.oneLine(switch (failed) {
            case AccessDeniedException _ -> "Permission denied";
            case NoSuchFileException _ -> "No such file or directory";
            case FileAlreadyExistsException _ -> "File exists";
            case FileSystemException other when other.getReason() != null -> other.getReason();
            default -> String.valueOf(failed.getMessage());
        });
    }
}
