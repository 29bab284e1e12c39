package io.footbridge.control;

import io.footbridge.control.cli.CommandLineRunner;
import io.footbridge.control.slirp.Slirp4netns;
import io.footbridge.control.slirp.SlirpTraining;
import io.footbridge.proxy.DockerProxy;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;

/** Where {@code ./footbridge} enters the JVM. */
public final class Main {
    private static final Set<String> DOCKER_PROXY = Set.of("docker-proxy", "slirp-proxy");

    private Main() {
    }

    public static void main(String[] args) {
        if (args.length == 1 && args[0].equals("--self-test")) {
            System.exit(AotTraining.run());
        }
        if (args.length > 0 && DOCKER_PROXY.contains(args[0])) {
            DockerProxy.main(Arrays.copyOfRange(args, 1, args.length));
        }
        if (args.length == 2 && args[0].equals("--self-test") && Slirp4netns.isCommand(args[1])) {
            System.exit(SlirpTraining.run());
        }
        if (args.length > 0 && Slirp4netns.isCommand(args[0])) {
            System.exit(Slirp4netns.run(args));
        }
        PrintWriter err = new PrintWriter(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        System.exit(CommandLineRunner.over(new FileOutputStream(FileDescriptor.out), err).run(args));
    }
}
