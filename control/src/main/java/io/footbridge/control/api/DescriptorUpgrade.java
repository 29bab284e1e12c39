package io.footbridge.control.api;

import io.footbridge.control.config.Json;
import io.footbridge.control.model.Quoted;
import io.footbridge.control.model.RefusedException;
import io.footbridge.control.network.ControlService;
import io.footbridge.tap.CallState;
import io.footbridge.tap.Errno;
import io.footbridge.tap.FileCalls;
import io.footbridge.tap.SystemCallException;
import io.footbridge.tap.TapEndpoint;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.unix.DomainSocketReadMode;
import io.netty.channel.unix.FileDescriptor;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client brings the TAP itself: it has opened it where we may not go.
 *
 * <p>After {@code 101 Switching Protocols} the client sends one byte with one descriptor beside it (SCM_RIGHTS) and gets
 * one line of JSON: the endpoint, whose MAC and addresses it then sets, or {@code {"message": ...}}. The connection ends
 * after that.
 */
final class DescriptorUpgrade extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(DescriptorUpgrade.class);
    /** What the request's Upgrade header says. */
    static final String PROTOCOL = "footbridge-descriptor";

    private final ControlService service;
    private final Router.DescriptorRequest request;
    private final RequestThreads threads;
    private boolean received;

    DescriptorUpgrade(ControlService service, Router.DescriptorRequest request, RequestThreads threads) {
        this.service = service;
        this.request = request;
        this.threads = threads;
    }

    /** On the event loop: answers, and takes the connection over. */
    void begin(ChannelHandlerContext context) {
        EpollDomainSocketChannel channel = (EpollDomainSocketChannel) context.channel();
        channel.config().setReadMode(DomainSocketReadMode.FILE_DESCRIPTORS);
        DefaultFullHttpResponse response =
            new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS, Unpooled.EMPTY_BUFFER);
        response.headers().set(HttpHeaderNames.UPGRADE, PROTOCOL).set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
        context.writeAndFlush(response);
        List<ChannelHandler> http = new ArrayList<>();
        channel.pipeline().forEach(entry -> http.add(entry.getValue()));
        channel.pipeline().addLast(this);
        http.stream().filter(handler -> !(handler instanceof IdleStateHandler))
            .forEach(channel.pipeline()::remove);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws IOException {
        if (!(message instanceof FileDescriptor descriptor)) {
            ReferenceCountUtil.release(message);
            return;
        }
        if (received) {
            descriptor.close();
            return;
        }
        received = true;
        try {
            threads.execute(() -> attach(context, descriptor.intValue()));
        } catch (RejectedExecutionException full) {
            descriptor.close();
            context.close();
        }
    }

    private void attach(ChannelHandlerContext context, int descriptor) {
        Object answer;
        try {
            answer = Documents.endpoint(service.attachOpened(request.network(), request.spec(), open(descriptor)));
        } catch (RefusedException | IOException refused) {
            answer = Documents.error(Quoted.oneLine(refused.getMessage()));
        } catch (RuntimeException unforeseen) {
            LOG.error("attach a descriptor to {}", request.network(), unforeseen);
            answer = Documents.error(Quoted.oneLine("internal error: " + unforeseen + "; the daemon's log has more"));
        }
        context.writeAndFlush(Unpooled.copiedBuffer(Json.write(answer) + "\n", StandardCharsets.UTF_8))
            .addListener(ChannelFutureListener.CLOSE);
    }

    private static TapEndpoint open(int descriptor) throws IOException, RefusedException {
        try {
            return TapEndpoint.ofDescriptor(descriptor);
        } catch (SystemCallException failed) {
            if (failed.is(Errno.ENOTTY)) {
                throw RefusedException.invalid(failed.getMessage()
                    + "; it is no TAP: open /dev/net/tun and set it up with IFF_TAP|IFF_NO_PI|IFF_VNET_HDR");
            }
            throw failed;
        } catch (RuntimeException unforeseen) {
            FileCalls.close(CallState.ofThread(), descriptor);
            throw unforeseen;
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof IdleStateEvent) {
            context.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }
}
