package io.footbridge.tap;

import java.io.IOException;

/**
 * A system call failed. The message is the one line that a person sees: the call and its object, what the system
 * answered, and the cure where there is one.
 */
public final class SystemCallException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int errno;

    /**
     * @param action what was tried, on which object: {@code open /dev/net/tun}
     * @param errno the error number, positive
     */
    public SystemCallException(String action, int errno) {
        this(action, errno, "");
    }

    /**
     * @param action what was tried, on which object: {@code open /dev/net/tun}
     * @param errno the error number, positive
     * @param cure what the person can do, or empty
     */
    public SystemCallException(String action, int errno, String cure) {
        super(action + ": " + Errno.text(errno) + (cure.isEmpty() ? "" : "; " + cure));
        this.errno = errno;
    }

    /** The error number, positive. */
    public int errno() {
        return errno;
    }

    /** Whether the system answered this. */
    public boolean is(Errno candidate) {
        return errno == candidate.number();
    }

    /** Passes a result through, or throws where it is a negated error number. */
    static int check(int result, String action) throws SystemCallException {
        if (result < 0) {
            throw new SystemCallException(action, -result);
        }
        return result;
    }
}
