package io.footbridge.bench.traffic;

/** What a connection's first byte asks of a {@link Responder}. */
enum Wish {
    /** Take everything until the end, then answer with how many bytes came (8 bytes) in how many nanoseconds (8 bytes). */
    TAKE('t'),
    /** Read for how many nanoseconds (8 bytes) to send, and send. */
    GIVE('g'),
    /** Send back whatever comes. */
    ECHO('e'),
    /** Answer with one byte and close. */
    ONCE('o'),
    /** For each byte that comes answer with how many datagrams (8 bytes) and bytes of them (8 bytes) came so far. */
    COUNT('c'),
    /** HTTP/1.1: the first letter of GET. */
    HTTP('G');

    private final byte letter;

    Wish(char letter) {
        this.letter = (byte) letter;
    }

    byte letter() {
        return letter;
    }

    /** Whose letter it is; null for nobody's. */
    static Wish of(byte letter) {
        for (Wish wish : values()) {
            if (wish.letter == letter) {
                return wish;
            }
        }
        return null;
    }
}
