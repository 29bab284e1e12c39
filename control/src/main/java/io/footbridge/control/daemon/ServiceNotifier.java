package io.footbridge.control.daemon;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells whoever supervises this process how it is (sd_notify(3)); silent where nobody asked. */
final class ServiceNotifier {
    private static final Logger LOG = LoggerFactory.getLogger(ServiceNotifier.class);

    private final String address;

    /**
     * To this socket.
     *
     * @param address a path, or {@code @} and an abstract name, or null or empty for nobody: {@code NOTIFY_SOCKET}
     */
    ServiceNotifier(String address) {
        this.address = address == null ? "" : address;
    }

    void ready() {
        send("READY=1");
    }

    void stopping() {
        send("STOPPING=1");
    }

    private void send(String state) {
        if (!address.startsWith("/") && !address.startsWith("@")) {
            return;
        }
        String name = address.startsWith("@") ? "\0" + address.substring(1) : address;
        byte[] text = state.getBytes(StandardCharsets.US_ASCII);
        try {
            Epoll.ensureAvailability();
            Socket socket = Socket.newSocketDomainDgram();
            try {
                // Connected first: a send to an abstract name would add zeros to it.
                socket.connect(new DomainSocketAddress(name));
                socket.send(ByteBuffer.allocateDirect(text.length).put(0, text), 0, text.length);
            } finally {
                socket.close();
            }
        } catch (IOException failed) {
            LOG.warn("notify {}: {}", address, failed.getMessage());
        }
    }
}
