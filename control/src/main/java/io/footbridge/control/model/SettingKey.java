package io.footbridge.control.model;

/** One thing that can be set by KEY=VALUE. Implemented by enums, one per kind of object. */
public interface SettingKey {
    /** The KEY, as people write it. */
    String label();

    /** The value where nobody set one. */
    String initial();

    /** Which values there are. */
    SettingValue value();

    /** Whether it can be changed once the object exists. */
    boolean changeable();
}
