package io.footbridge.control;

/** Where {@code ./footbridge} enters the JVM. */
public final class Main {
    private Main() {
    }

    public static void main(String[] args) {
        if (args.length == 1 && args[0].equals("--self-test")) {
            System.exit(AotTraining.run());
        }
        System.err.println("footbridge: no command of this name; see footbridge --help");
        System.exit(2);
    }
}
