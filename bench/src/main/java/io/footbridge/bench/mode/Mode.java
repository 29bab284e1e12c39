package io.footbridge.bench.mode;

import io.footbridge.bench.site.Machine;
import io.footbridge.bench.site.Site;
import java.io.IOException;
import java.util.Optional;

/** A way from a client to a server. Without state: what it builds belongs to a site. */
public abstract class Mode {
    /** Whose it is. */
    public enum Group {
        /** No bridge at all: what the others are compared with. */
        HOST,
        /** The kernel's. */
        KERNEL,
        /** Ours. */
        FOOTBRIDGE,
        /** Other programs in user space. */
        RIVAL
    }

    /** The responder's port, wherever nothing else can have it. */
    static final int PORT = 5001;

    private final String id;
    private final String title;
    private final Group group;
    private final String remark;

    /**
     * @param id as {@code --modes} names it
     * @param title as tables name it
     * @param remark what a reader has to know of it, as a sentence
     */
    Mode(String id, String title, Group group, String remark) {
        this.id = id;
        this.title = title;
        this.group = group;
        this.remark = remark;
    }

    /** As {@code --modes} names it. */
    public final String id() {
        return id;
    }

    /** As tables name it. */
    public final String title() {
        return title;
    }

    /** Whose it is. */
    public final Group group() {
        return group;
    }

    /** What a reader has to know of it, as a sentence. */
    public final String remark() {
        return remark;
    }

    /** Why it cannot be built here; empty where it can. */
    public abstract Optional<String> absence(Machine machine);

    /** Builds it. Main thread only. */
    abstract Topology build(Site site, Machine machine) throws IOException;
}
