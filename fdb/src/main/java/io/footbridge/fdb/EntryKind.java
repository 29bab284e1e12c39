package io.footbridge.fdb;

/** How an entry came and when it goes, in the terms of {@code bridge fdb}. */
public enum EntryKind {
    /** Learned: ages, and moves when its address is seen on another port. */
    DYNAMIC(1),
    /** Made by hand: never ages, but moves when its address is seen on another port, unless it is sticky. */
    STATIC(2),
    /** The bridge's own address, or one bound to its port: neither ages nor moves. */
    PERMANENT(3);

    private static final EntryKind[] OF_CODE = {null, DYNAMIC, STATIC, PERMANENT};

    private final int code;

    EntryKind(int code) {
        this.code = code;
    }

    /** What stands in the record. */
    int code() {
        return code;
    }

    static EntryKind ofCode(int code) {
        return OF_CODE[code];
    }
}
