package io.footbridge.proxy;

import io.footbridge.tap.AddressText;
import io.footbridge.tap.Errno;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Locale;

/** A port could not be taken. The message is what Go's net package says, which is what users of docker-proxy know. */
public final class ListenException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int errno;

    ListenException(String message, int errno) {
        super(message);
        this.errno = errno;
    }

    static ListenException of(String protocol, InetSocketAddress address, RelaySockets.Bound failed) {
        String call = failed.step().name().toLowerCase(Locale.ROOT);
        boolean six = address.getAddress().getAddress().length > 4;
        return new ListenException("listen " + protocol + (six ? "6 " : "4 ") + text(address.getAddress(), address.getPort())
                + ": " + call + ": " + words(-failed.descriptor()), -failed.descriptor());
    }

    /** An address and its port as Go writes them: {@code 127.0.0.1:80}, {@code [::1]:80}. */
    static String text(InetAddress address, long port) {
        String host = AddressText.of(address);
        return host.indexOf(':') < 0 ? host + ":" + port : "[" + host + "]:" + port;
    }

    /** The system's words for an error number as Go writes them: {@code address already in use}. */
    static String words(int errno) {
        String text = Errno.text(errno);
        return text.substring(0, 1).toLowerCase(Locale.ROOT) + text.substring(1);
    }

    /** The error number, positive. */
    public int errno() {
        return errno;
    }
}
