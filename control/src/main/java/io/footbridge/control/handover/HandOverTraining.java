package io.footbridge.control.handover;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * Front ends for the training of the AOT cache, one after the other: dockerd waits for each of its ports, so the first hundred that a
 * daemon serves after its start are to find compiled code, or nearly so.
 *
 * <p>Such a front end is what a daemon must take for one and no more. The signal that says that its port is served ends it.
 */
public final class HandOverTraining {
    /** More than a method must be called until it is compiled, if not for good. */
    private static final int FRONT_ENDS = 400;
    private static final int PATIENCE_SECONDS = 2;
    private static final String FRONT_END = "exec 5<\"$1/alive\" 3>/dev/null; echo \"serve $$ new -proto tcp -host-ip 127.0.0.1 "
        + "-host-port 0 -container-ip 127.0.0.1 -container-port 1\" >\"$1/requests\"; read -r _ <&5";

    private HandOverTraining() {
    }

    /**
     * Goes through it, as far as there is patience.
     *
     * @param directory the state directory of a daemon that runs in this process
     */
    public static void run(Path directory) throws IOException {
        ProcessBuilder frontEnd = new ProcessBuilder("/bin/sh", "-c", FRONT_END, "sh", directory.toString())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(ProcessBuilder.Redirect.DISCARD);
        for (int i = 0; i < FRONT_ENDS; i++) {
            if (!ends(frontEnd.start())) {
                return;
            }
        }
    }

    private static boolean ends(Process process) throws IOException {
        try {
            return process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", interrupted);
        } finally {
            process.destroyForcibly();
        }
    }
}
