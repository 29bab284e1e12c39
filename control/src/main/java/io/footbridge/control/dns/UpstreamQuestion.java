package io.footbridge.control.dns;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufHolder;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One question under way to the host's servers: one server after the other, by UDP, and over TCP where the answer did not fit.
 * Ends once. Event loop only.
 */
final class UpstreamQuestion {
    private static final int MAX_DATAGRAM = 1 << 16;
    private static final int MAX_MESSAGE = 0xFFFF;

    private final UpstreamResolver resolver;
    private final DnsQuery query;
    private final List<InetSocketAddress> servers;
    private final Consumer<Optional<byte[]>> answer;
    private int next;
    private int identifier;
    /** The attempt under way; null between attempts. */
    private Channel channel;
    private Future<?> timer;
    /** What is given where no server gives more: a code that says no, or what did not fit. */
    private byte[] lastResort;
    private boolean ended;

    UpstreamQuestion(UpstreamResolver resolver, DnsQuery query, List<InetSocketAddress> servers,
        Consumer<Optional<byte[]>> answer) {
        this.resolver = resolver;
        this.query = query;
        this.servers = servers;
        this.answer = answer;
    }

    void begin() {
        if (next == servers.size()) {
            end(Optional.ofNullable(lastResort));
            return;
        }
        InetSocketAddress server = servers.get(next++);
        Bootstrap bootstrap = new Bootstrap().group(resolver.loop()).channel(LoopChannels.of(resolver.loop()).datagrams())
            .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(MAX_DATAGRAM)).handler(new Receiver(server, false));
        attempt(server, bootstrap.connect(server), Unpooled.wrappedBuffer(question()));
    }

    private void beginTcp(InetSocketAddress server) {
        Bootstrap bootstrap = new Bootstrap().group(resolver.loop()).channel(LoopChannels.of(resolver.loop()).streams())
            .option(ChannelOption.TCP_NODELAY, true).handler(new ChannelInitializer<>() {
                @Override
                protected void initChannel(Channel connection) {
                    connection.pipeline().addLast(new LengthFieldBasedFrameDecoder(Short.BYTES + MAX_MESSAGE, 0, Short.BYTES, 0,
                        Short.BYTES), new Receiver(server, true));
                }
            });
        byte[] question = question();
        attempt(server, bootstrap.connect(server),
            Unpooled.buffer(Short.BYTES + question.length).writeShort(question.length).writeBytes(question));
    }

    private byte[] question() {
        byte[] question = query.message().clone();
        identifier = resolver.newIdentifier();
        question[0] = (byte) (identifier >>> Byte.SIZE);
        question[1] = (byte) identifier;
        return question;
    }

    /** Sends once connected; whatever goes wrong, and silence, ends the attempt. */
    private void attempt(InetSocketAddress server, ChannelFuture connecting, ByteBuf question) {
        Channel attempted = connecting.channel();
        channel = attempted;
        timer = resolver.loop().schedule(() -> failed(attempted, server), resolver.patience().toMillis(), TimeUnit.MILLISECONDS);
        connecting.addListener(connected -> {
            if (!connected.isSuccess() || channel != attempted) {
                question.release();
                failed(attempted, server);
            } else {
                attempted.writeAndFlush(question).addListener(sent -> {
                    if (!sent.isSuccess()) {
                        failed(attempted, server);
                    }
                });
            }
        });
    }

    private void failed(Channel attempted, InetSocketAddress server) {
        if (channel == attempted && !ended) {
            resolver.failed(server);
            close();
            begin();
        }
    }

    private void received(Channel from, InetSocketAddress server, byte[] message, boolean whole) {
        if (channel != from || ended || message.length < DnsQuery.HEADER_LENGTH
            || ((message[0] & 0xFF) << Byte.SIZE | message[1] & 0xFF) != identifier || !isAnswer(message)) {
            // Not an answer to this: that may still come.
            return;
        }
        resolver.answered(server);
        close();
        message[0] = query.message()[0];
        message[1] = query.message()[1];
        int flags = DnsQuery.flags(message);
        int code = flags & DnsQuery.CODE;
        if (code == DnsResponseCode.SERVFAIL.intValue() || code == DnsResponseCode.REFUSED.intValue()
            || code == DnsResponseCode.NOTIMP.intValue()) {
            lastResort = lastResort == null ? message : lastResort;
            begin();
        } else if (!whole && (flags & DnsQuery.TRUNCATED) != 0) {
            // Should TCP fail, the asker learns at least that there is more.
            lastResort = message;
            next = servers.size();
            beginTcp(server);
        } else {
            end(Optional.of(message));
        }
    }

    /** A server that cannot read a question at all may answer without it. */
    private boolean isAnswer(byte[] message) {
        int code = DnsQuery.flags(message) & DnsQuery.CODE;
        boolean bare = message.length == DnsQuery.HEADER_LENGTH && (DnsQuery.flags(message) & DnsQuery.RESPONSE) != 0
            && code != DnsResponseCode.NOERROR.intValue() && code != DnsResponseCode.NXDOMAIN.intValue();
        return bare || query.isAnsweredBy(message);
    }

    private void close() {
        timer.cancel(false);
        Channel attempted = channel;
        channel = null;
        attempted.close();
    }

    private void end(Optional<byte[]> found) {
        if (!ended) {
            ended = true;
            answer.accept(found);
        }
    }

    /** What one attempt receives. */
    private final class Receiver extends SimpleChannelInboundHandler<Object> {
        private final InetSocketAddress server;
        private final boolean whole;

        Receiver(InetSocketAddress server, boolean whole) {
            this.server = server;
            this.whole = whole;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, Object message) {
            ByteBuf content = message instanceof ByteBufHolder holder ? holder.content() : (ByteBuf) message;
            received(context.channel(), server, ByteBufUtil.getBytes(content), whole);
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            failed(context.channel(), server);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            // Port unreachable, most often.
            failed(context.channel(), server);
        }
    }
}
