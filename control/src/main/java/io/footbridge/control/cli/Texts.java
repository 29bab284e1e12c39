package io.footbridge.control.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The launcher's texts, which are printed by the JVM too. */
public final class Texts {
    private Texts() {
    }

    /** What {@code --help} prints. */
    public static String help() {
        return read("/io/footbridge/control/help.txt");
    }

    /** What {@code --version} prints, without its line end. */
    public static String version() {
        return read("/io/footbridge/control/version.txt").strip();
    }

    /** One of slirp4netns's texts, {@code help} or {@code version}. */
    public static String slirp4netns(String name) {
        return read("/io/footbridge/control/slirp4netns." + name + ".txt");
    }

    private static String read(String name) {
        try (InputStream in = Texts.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is missing from the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
