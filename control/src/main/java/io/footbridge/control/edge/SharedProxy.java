package io.footbridge.control.edge;

import io.footbridge.proxy.Proxy;
import io.footbridge.proxy.ProxySettings;
import java.util.function.Supplier;

/** The one relay of a daemon, whoever uses it; made when it is first asked for. Any thread. */
public final class SharedProxy implements Supplier<Proxy>, AutoCloseable {
    private Proxy proxy;
    private boolean closed;

    /**
     * The relay.
     *
     * @throws IllegalStateException where the machine has no epoll that Netty can use, or this is closed
     */
    @Override
    public synchronized Proxy get() {
        if (closed) {
            throw new IllegalStateException("the daemon ends");
        }
        if (proxy == null) {
            proxy = Proxy.start(ProxySettings.defaults());
        }
        return proxy;
    }

    /** Ends all that it relays. */
    @Override
    public synchronized void close() {
        closed = true;
        if (proxy != null) {
            proxy.close();
        }
    }
}
