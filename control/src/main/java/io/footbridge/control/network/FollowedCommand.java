package io.footbridge.control.network;

import io.footbridge.control.edge.CommandProcess;
import io.footbridge.control.edge.Leftovers;
import io.footbridge.control.model.RefusedException;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A command whose end is its endpoint's. One thread waits for each; it holds no lock while it does. */
final class FollowedCommand {
    private static final Logger LOG = LoggerFactory.getLogger(FollowedCommand.class);

    private final CommandProcess process;
    private final Leftovers leftovers;
    private final Detachment detachment;

    /** What is to be done when the command has ended. */
    interface Detachment {
        void run() throws RefusedException;
    }

    private FollowedCommand(CommandProcess process, Leftovers leftovers, Detachment detachment) {
        this.process = process;
        this.leftovers = leftovers;
        this.detachment = detachment;
    }

    /** Begins to wait for a process. */
    static void begin(int pid, Detachment detachment) throws IOException {
        CommandProcess process = CommandProcess.open(pid).orElseThrow(() -> new IOException("process " + pid + " has ended"));
        FollowedCommand command;
        try {
            command = new FollowedCommand(process, new Leftovers(pid), detachment);
        } catch (IOException | IllegalArgumentException failed) {
            process.close();
            throw new IOException(failed.getMessage(), failed);
        }
        Thread.ofPlatform().name("command-" + pid).daemon().start(command::follow);
    }

    private void follow() {
        try (process; leftovers) {
            process.awaitEnd();
            leftovers.kill();
        } catch (IOException failed) {
            LOG.warn("what process {} left: {}", process.pid(), failed.getMessage());
        }
        try {
            detachment.run();
        } catch (RefusedException gone) {
            LOG.debug("process {} has ended, and its endpoint is gone", process.pid(), gone);
        }
    }
}
