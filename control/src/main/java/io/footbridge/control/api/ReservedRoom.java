package io.footbridge.control.api;

import io.footbridge.tap.SpareDescriptors;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.unix.UnixChannel;

/**
 * Descriptors for the control socket's own clients when what the daemon serves has taken all others. One is given up for each client
 * that cannot be accepted without, and taken back as soon as any is free. Whoever else waits for a descriptor may be quicker than the
 * client that one was given up for: so it is one at a time, and there are some more. The loop's thread only, of one server.
 */
@ChannelHandler.Sharable
final class ReservedRoom extends ChannelInboundHandlerAdapter {
    private static final int CLIENTS = 8;

    private SpareDescriptors spares;

    @Override
    public void channelActive(ChannelHandlerContext context) {
        spares = new SpareDescriptors(((UnixChannel) context.channel()).fd().intValue(), CLIENTS);
        spares.refill();
        context.fireChannelActive();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        spares.close();
        context.fireChannelInactive();
    }

    /** A client could not be accepted. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (!spares.giveOne()) {
            // Who comes now waits a second, by Netty's own rule.
            context.fireExceptionCaught(cause);
            return;
        }
        // Reading that begins anew looks at those who wait.
        context.channel().config().setAutoRead(false);
        context.channel().config().setAutoRead(true);
    }

    /** A client has come: where one was given up and not used, and when this one goes, there is room again. */
    void accepted(Channel server, Channel client) {
        spares.refill();
        client.closeFuture().addListener(_ -> {
            if (server.isActive()) {
                spares.refill();
            }
        });
    }
}
