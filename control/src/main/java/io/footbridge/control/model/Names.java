package io.footbridge.control.model;

import io.footbridge.tap.InterfaceName;
import java.util.regex.Pattern;

/** What networks, endpoints and interfaces may be called. */
public final class Names {
    // docker's rule; an endpoint's name is also a DNS label, hence the length
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]*");
    private static final int MAX_LENGTH = 63;

    private Names() {
    }

    /**
     * Passes a network's or endpoint's name through.
     *
     * @throws IllegalArgumentException if it is not one, with a message for people
     */
    public static String checked(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("name " + Quoted.of(name)
                + " is invalid: a letter or digit, then letters, digits, '_', '.' or '-'");
        }
        if (name.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("name " + Quoted.of(name) + " is too long: at most " + MAX_LENGTH + " characters");
        }
        return name;
    }

    /**
     * Passes the name of an interface of a container or of the host through. Beside what the kernel refuses, loopback is
     * refused and the two names that stand for something else under /proc/sys/net.
     *
     * @throws IllegalArgumentException if it is not one, with a message for people
     */
    public static String checkedInterface(String name) {
        if (name.equals("lo") || name.equals("all") || name.equals("default")) {
            throw new IllegalArgumentException("interface name " + Quoted.of(name) + " stands for something else; take another");
        }
        return InterfaceName.check(name);
    }
}
