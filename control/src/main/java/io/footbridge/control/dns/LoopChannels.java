package io.footbridge.control.dns;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;

/** Which channels go with an event loop: Netty's own transport, or the JDK's, which needs no library to be unpacked somewhere. */
public enum LoopChannels {
    /** Netty's epoll transport. */
    EPOLL(EpollDatagramChannel.class, EpollSocketChannel.class, EpollServerSocketChannel.class) {
        @Override
        IoHandlerFactory handler() {
            return EpollIoHandler.newFactory();
        }
    },
    /** The JDK's selectors. */
    NIO(NioDatagramChannel.class, NioSocketChannel.class, NioServerSocketChannel.class) {
        @Override
        IoHandlerFactory handler() {
            return NioIoHandler.newFactory();
        }
    };

    private final Class<? extends DatagramChannel> datagrams;
    private final Class<? extends SocketChannel> streams;
    private final Class<? extends ServerSocketChannel> listeners;

    LoopChannels(Class<? extends DatagramChannel> datagrams, Class<? extends SocketChannel> streams,
        Class<? extends ServerSocketChannel> listeners) {
        this.datagrams = datagrams;
        this.streams = streams;
        this.listeners = listeners;
    }

    abstract IoHandlerFactory handler();

    /** Those of a loop. */
    static LoopChannels of(EventLoop loop) {
        return loop instanceof IoEventLoop io && io.isIoType(NioIoHandler.class) ? NIO : EPOLL;
    }

    /** A loop of this kind, with a daemon thread of its own. */
    public EventLoopGroup newLoop(String name) {
        return new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory(name, true), handler());
    }

    Class<? extends DatagramChannel> datagrams() {
        return datagrams;
    }

    Class<? extends SocketChannel> streams() {
        return streams;
    }

    Class<? extends ServerSocketChannel> listeners() {
        return listeners;
    }
}
