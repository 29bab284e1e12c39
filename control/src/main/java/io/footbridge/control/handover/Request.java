package io.footbridge.control.handover;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** What a front end asks for. */
sealed interface Request {
    /** A process's number. */
    Pattern PROCESS = Pattern.compile("[1-9][0-9]{0,8}");

    /** The number of the process that asks. */
    int pid();

    /**
     * A port to serve.
     *
     * @param pid who asks
     * @param again whether a daemon before this one served it, so that nobody waits for a status
     * @param words docker-proxy's arguments
     */
    record Serve(int pid, boolean again, List<String> words) implements Request {
        /** Keeps a copy of the list. */
        public Serve {
            words = List.copyOf(words);
        }
    }

    /**
     * A port to close, because who asked for it is told to end.
     *
     * @param pid who asks
     */
    record End(int pid) implements Request {
    }

    /** Reads a line without its end; empty where it is none of ours. */
    static Optional<Request> parse(String line) {
        List<String> words = List.of(line.split(" "));
        if (words.size() < 2 || !PROCESS.matcher(words.get(1)).matches()) {
            return Optional.empty();
        }
        int pid = Integer.parseInt(words.get(1));
        if (words.getFirst().equals("end") && words.size() == 2) {
            return Optional.of(new End(pid));
        }
        boolean serve = words.getFirst().equals("serve") && words.size() > 2;
        if (!serve || !words.get(2).equals("new") && !words.get(2).equals("again")) {
            return Optional.empty();
        }
        return Optional.of(new Serve(pid, words.get(2).equals("again"), words.subList(3, words.size())));
    }
}
