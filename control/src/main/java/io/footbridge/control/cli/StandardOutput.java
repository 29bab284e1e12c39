package io.footbridge.control.cli;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** An output that knows why it failed, which a PrintWriter keeps to itself. One thread. */
final class StandardOutput extends FilterOutputStream {
    /** The kernel's word for EPIPE. */
    private static final String NO_READER = "Broken pipe";

    private boolean abandoned;

    StandardOutput(OutputStream out) {
        super(out);
    }

    /** Whether whoever read it wants no more, as {@code head} does: no reason to complain. */
    boolean isAbandoned() {
        return abandoned;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        try {
            out.write(bytes, offset, length);
        } catch (IOException failed) {
            abandoned = NO_READER.equals(failed.getMessage());
            throw failed;
        }
    }
}
