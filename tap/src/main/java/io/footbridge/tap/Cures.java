package io.footbridge.tap;

/** What a person can do about an error number whose cure does not depend on the call. */
public final class Cures {
    private static final String PRIVILEGE = "run as root, or use `footbridge run`, which needs no root";

    private Cures() {
    }

    /** The cure, or empty where none is known. */
    public static String of(int errno) {
        if (errno == Errno.EPERM.number() || errno == Errno.EACCES.number()) {
            return PRIVILEGE;
        }
        if (errno == Errno.EMFILE.number()) {
            return "raise the limit of open files (ulimit -n)";
        }
        return "";
    }
}
