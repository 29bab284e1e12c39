package io.footbridge.control.dns;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * DNS over TCP for one network (RFC 7766), on a port of the host's loopback that the kernel chooses. Connections are limited;
 * a new one takes the place of the one that has been silent for longest. A client that does not bring a whole question within
 * some seconds, or more at once than is answered, is cut off or has to wait.
 */
public final class TcpDnsServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TcpDnsServer.class);
    private static final int MAX_CONNECTIONS = 64;
    private static final int MAX_QUESTION = 4096;
    private static final int MAX_ANSWER = 0xFFFF;
    /** Questions of one connection under way; the rest waits in the client's own socket. */
    private static final int MAX_UNDER_WAY = 16;
    private static final int PATIENCE_SECONDS = 10;

    private final EventLoop loop;
    private final DnsServer server;
    private final Supplier<Zone> zone;
    /** The longest silent first; event loop only. */
    private final Set<Channel> connections = new LinkedHashSet<>();
    private final Channel listener;

    /**
     * Begins to listen; returns when it does. Not on the event loop.
     *
     * @param zone what the network knows now
     */
    public TcpDnsServer(EventLoop loop, DnsServer server, Supplier<Zone> zone) {
        this.loop = loop;
        this.server = server;
        this.zone = zone;
        var binding = new ServerBootstrap().group(loop).channel(LoopChannels.of(loop).listeners())
            .childOption(ChannelOption.TCP_NODELAY, true).childHandler(new ChannelInitializer<>() {
                @Override
                protected void initChannel(Channel connection) {
                    connection.pipeline().addLast(
                        new LengthFieldBasedFrameDecoder(Short.BYTES + MAX_QUESTION, 0, Short.BYTES, 0, Short.BYTES),
                        new Connection());
                }
            }).bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        listener = binding.awaitUninterruptibly().channel();
        if (!binding.isSuccess()) {
            LOG.warn("no DNS over TCP: listen on 127.0.0.1: {}", binding.cause().getMessage());
        }
    }

    /** Where it listens; empty where the host's loopback cannot be listened on. */
    public Optional<InetSocketAddress> address() {
        return Optional.ofNullable((InetSocketAddress) listener.localAddress());
    }

    /** Takes no more questions. */
    @Override
    public void close() {
        loop.execute(() -> {
            listener.close();
            Set.copyOf(connections).forEach(Channel::close);
        });
    }

    private final class Connection extends SimpleChannelInboundHandler<ByteBuf> {
        private Future<?> patience;
        private int underWay;

        @Override
        public void channelActive(ChannelHandlerContext context) {
            if (connections.size() >= MAX_CONNECTIONS) {
                connections.iterator().next().close();
            }
            heard(context.channel());
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            patience.cancel(false);
            connections.remove(context.channel());
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, ByteBuf question) {
            Channel connection = context.channel();
            heard(connection);
            underWay++;
            readOn(connection);
            server.answer(zone.get(), ByteBufUtil.getBytes(question), DnsServer.Transport.TCP, MAX_ANSWER, true,
                answer -> loop.execute(() -> {
                    underWay--;
                    answer.ifPresentOrElse(bytes -> connection.writeAndFlush(
                        Unpooled.buffer(Short.BYTES + bytes.length).writeShort(bytes.length).writeBytes(bytes)), connection::close);
                    readOn(connection);
                }));
        }

        /** Reads only from who takes its answers. */
        private void readOn(Channel connection) {
            connection.config().setAutoRead(underWay < MAX_UNDER_WAY && connection.isWritable());
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            readOn(context.channel());
        }

        /** It is the last now to be silent, and has its time again. */
        private void heard(Channel connection) {
            connections.remove(connection);
            connections.add(connection);
            if (patience != null) {
                patience.cancel(false);
            }
            patience = loop.schedule(() -> {
                connection.close();
            }, PATIENCE_SECONDS, TimeUnit.SECONDS);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            LOG.debug("a DNS client over TCP: {}", cause.toString());
            context.close();
        }
    }
}
