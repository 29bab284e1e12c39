package io.footbridge.control.model;

/**
 * A request that is not carried out. The message is the one line that a person sees: what was asked, of which object,
 * and what to do where that is not plain.
 */
public final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Whose fault it is, so that a client can tell without reading the message. */
    public enum Kind {
        /** The request itself is wrong, whatever the state. */
        INVALID,
        /** It names an object that does not exist. */
        NOT_FOUND,
        /** It contradicts something that exists. */
        CONFLICT,
        /** This version cannot do it. */
        UNAVAILABLE,
        /** The system refused a part of it; everything done so far was undone. */
        FAILED
    }

    private final Kind kind;

    /** A refusal with its message for people: one line. */
    public RefusedException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    /** A refusal whose reason the system gave. */
    public RefusedException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** The request is wrong. */
    public static RefusedException invalid(String message) {
        return new RefusedException(Kind.INVALID, message);
    }

    /** Something named does not exist. */
    public static RefusedException notFound(String message) {
        return new RefusedException(Kind.NOT_FOUND, message);
    }

    /** Something is in the way. */
    public static RefusedException conflict(String message) {
        return new RefusedException(Kind.CONFLICT, message);
    }

    /** Named in the command line, not part of this version. */
    public static RefusedException unavailable(String what) {
        return new RefusedException(Kind.UNAVAILABLE, what + " is not available in this version");
    }

    /** The system refused. */
    public static RefusedException failed(Exception cause) {
        return new RefusedException(Kind.FAILED, cause.getMessage() == null ? cause.toString() : cause.getMessage(), cause);
    }

    /** Whose fault it is. */
    public Kind kind() {
        return kind;
    }
}
