package io.footbridge.proxy;

import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One of the two sockets of a connection. Edges only set flags here, and the flags only say what is worth trying: an
 * edge may be late and mean a socket that had this number before, so what is true the next system call says.
 */
final class Side implements EpollIoHandle {
    private static final Logger LOG = LoggerFactory.getLogger(Side.class);
    private static final int EPOLLIN = EpollIoOps.EPOLLIN.value();
    private static final int EPOLLOUT = EpollIoOps.EPOLLOUT.value();
    private static final int EPOLLERR = EpollIoOps.EPOLLERR.value();
    private static final int EPOLLHUP = 0x10;
    private static final int EPOLLRDHUP = EpollIoOps.EPOLLRDHUP.value();
    private static final int ENDED = EPOLLERR | EPOLLHUP | EPOLLRDHUP;
    private static final int BROKEN = EPOLLERR | EPOLLHUP;

    final int descriptor;
    /** There may be something to read, the end included. */
    boolean readable;
    /** There may be room to write. */
    boolean writable;
    /** Its peer has ended: a short read does not mean that there is nothing more to learn. */
    boolean ending;
    /** Its peer is gone without an orderly end. */
    boolean reset;

    private final TcpConnection connection;
    private final FileDescriptor handle;
    private IoRegistration registration;

    Side(TcpConnection connection, int descriptor) {
        this.connection = connection;
        this.descriptor = descriptor;
        this.handle = new FileDescriptor(descriptor);
    }

    /** Begins to be told; false where the system refuses. */
    boolean watch(Worker worker) {
        registration = worker.watch(this, Worker.EDGES);
        return registration != null;
    }

    /** Asks for another event if there is still something to do: the turn is over, others are waiting. */
    void lookAgain() {
        registration.submit(Worker.EDGES);
    }

    @Override
    public FileDescriptor fd() {
        return handle;
    }

    @Override
    public void handle(IoRegistration source, IoEvent event) {
        int edges = ((EpollIoEvent) event).ops().value();
        readable |= (edges & (EPOLLIN | ENDED)) != 0;
        writable |= (edges & (EPOLLOUT | BROKEN)) != 0;
        ending |= (edges & ENDED) != 0;
        connection.ready(this, (edges & EPOLLERR) != 0);
    }

    /** The loop ends. */
    @Override
    public void close() {
        connection.close();
    }

    /** Closes the socket; once. */
    void end() {
        try {
            // First: then the kernel has forgotten it, and cancelling needs no call.
            handle.close();
        } catch (IOException failed) {
            LOG.debug("close of {}", descriptor, failed);
        }
        if (registration != null) {
            registration.cancel();
        }
    }
}
