package io.footbridge.control;

import io.footbridge.control.cli.CommandLineRunner;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/** Where {@code ./footbridge} enters the JVM. */
public final class Main {
    private Main() {
    }

    public static void main(String[] args) {
        if (args.length == 1 && args[0].equals("--self-test")) {
            System.exit(AotTraining.run());
        }
        PrintWriter err = new PrintWriter(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        System.exit(CommandLineRunner.over(new FileOutputStream(FileDescriptor.out), err).run(args));
    }
}
