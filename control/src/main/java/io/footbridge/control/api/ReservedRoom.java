package io.footbridge.control.api;

import io.footbridge.tap.SpareDescriptors;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.unix.UnixChannel;

/**
 * Descriptors for the control socket's own clients when what the daemon serves has taken all others: they are given up when none is
 * left to accept a client with, and taken again when a client has gone. The loop's thread only, of one server.
 */
@ChannelHandler.Sharable
final class ReservedRoom extends ChannelInboundHandlerAdapter {
    private static final int CLIENTS = 4;

    private SpareDescriptors spares;
    private boolean held;

    @Override
    public void channelActive(ChannelHandlerContext context) {
        spares = new SpareDescriptors(((UnixChannel) context.channel()).fd().intValue(), CLIENTS);
        held = spares.refill();
        context.fireChannelActive();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        held = false;
        spares.close();
        context.fireChannelInactive();
    }

    /** A client could not be accepted. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (!held) {
            // Who comes now waits a second, by Netty's own rule.
            context.fireExceptionCaught(cause);
            return;
        }
        held = false;
        spares.close();
        // Reading that begins anew looks at those who wait.
        context.channel().config().setAutoRead(false);
        context.channel().config().setAutoRead(true);
    }

    /** A client has come: when it goes there is room again. */
    void accepted(Channel server, Channel client) {
        client.closeFuture().addListener(_ -> {
            if (server.isActive()) {
                held = spares.refill();
            }
        });
    }
}
