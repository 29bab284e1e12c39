package io.footbridge.control.api;

import io.footbridge.control.config.Json;
import io.footbridge.control.model.Quoted;
import io.footbridge.control.model.RefusedException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.timeout.IdleStateEvent;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection. A request is carried out by the server's own threads, one at a time per connection; a client
 * that is silent in between, or does not take what it asked for, is cut off.
 */
final class ConnectionHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionHandler.class);

    private final Router router;
    private final RequestThreads threads;
    private boolean busy;
    private BodyStream stream;

    ConnectionHandler(Router router, RequestThreads threads) {
        this.router = router;
        this.threads = threads;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
        if (busy) {
            // Pipelining: nobody needs it, and it would let one client queue without end.
            context.close();
            return;
        }
        if (!request.decoderResult().isSuccess()) {
            refuse(context, false, HttpResponseStatus.BAD_REQUEST, "not HTTP");
            return;
        }
        busy = true;
        boolean keepAlive = HttpUtil.isKeepAlive(request);
        boolean upgrade = request.headers().containsValue(HttpHeaderNames.UPGRADE, DescriptorUpgrade.PROTOCOL, true);
        String body = request.content().toString(StandardCharsets.UTF_8);
        try {
            ApiRequest parsed = ApiRequest.of(request.method(), request.uri(), body);
            threads.execute(() -> carryOut(context, parsed, keepAlive, upgrade));
        } catch (RefusedException refused) {
            refuse(context, keepAlive, status(refused), refused.getMessage());
        } catch (RejectedExecutionException full) {
            refuse(context, keepAlive, HttpResponseStatus.SERVICE_UNAVAILABLE, "too many requests at once; try again");
        }
    }

    /** On a thread of ours, not of the event loop. */
    private void carryOut(ChannelHandlerContext context, ApiRequest request, boolean keepAlive, boolean upgrade) {
        try {
            if (upgrade) {
                Router.DescriptorRequest descriptor = router.descriptorRequest(request);
                context.executor().execute(() -> new DescriptorUpgrade(router.service(), descriptor, threads).begin(context));
                return;
            }
            ApiAnswer answer = router.answer(request);
            context.executor().execute(() -> send(context, answer, keepAlive));
        } catch (RefusedException refused) {
            context.executor().execute(() -> refuse(context, keepAlive, status(refused), refused.getMessage()));
        } catch (RuntimeException unforeseen) {
            LOG.error("{} {}", request.method(), request.path(), unforeseen);
            context.executor().execute(() -> refuse(context, keepAlive, HttpResponseStatus.INTERNAL_SERVER_ERROR,
                "internal error: " + unforeseen + "; the daemon's log has more"));
        }
    }

    private void send(ChannelHandlerContext context, ApiAnswer answer, boolean keepAlive) {
        switch (answer) {
            case ApiAnswer.Document(HttpResponseStatus status, Object content) ->
                respond(context, keepAlive, status, Json.write(content));
            case ApiAnswer.Done() -> respond(context, keepAlive, HttpResponseStatus.NO_CONTENT, "");
            case ApiAnswer.Stream(StreamedBody body) -> {
                stream = new BodyStream(context.channel(), body);
                if (!context.channel().isActive()) {
                    stream.clientIsGone();
                }
                try {
                    threads.stream(stream);
                } catch (RejectedExecutionException full) {
                    body.close();
                    refuse(context, keepAlive, HttpResponseStatus.SERVICE_UNAVAILABLE, "too many captures and listings at once");
                }
            }
        }
    }

    private void refuse(ChannelHandlerContext context, boolean keepAlive, HttpResponseStatus status, String message) {
        respond(context, keepAlive, status, Json.write(Documents.error(Quoted.oneLine(message))));
    }

    private void respond(ChannelHandlerContext context, boolean keepAlive, HttpResponseStatus status, String json) {
        ByteBuf content = Unpooled.copiedBuffer(json, StandardCharsets.UTF_8);
        FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, content);
        if (!status.equals(HttpResponseStatus.NO_CONTENT)) {
            response.headers().set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON);
            HttpUtil.setContentLength(response, content.readableBytes());
        }
        HttpUtil.setKeepAlive(response, keepAlive);
        busy = false;
        context.writeAndFlush(response).addListener(keepAlive ? ChannelFutureListener.CLOSE_ON_FAILURE : ChannelFutureListener.CLOSE);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (stream != null) {
            stream.writabilityChanged();
        }
        context.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (stream != null) {
            stream.clientIsGone();
        }
        context.fireChannelInactive();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        Channel channel = context.channel();
        if (event instanceof IdleStateEvent && (!busy || !channel.isWritable())) {
            context.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        LOG.debug("connection of a client", cause);
        context.close();
    }

    private static HttpResponseStatus status(RefusedException refused) {
        return switch (refused.kind()) {
            case INVALID -> HttpResponseStatus.BAD_REQUEST;
            case NOT_FOUND -> HttpResponseStatus.NOT_FOUND;
            case CONFLICT -> HttpResponseStatus.CONFLICT;
            case UNAVAILABLE -> HttpResponseStatus.NOT_IMPLEMENTED;
            case FAILED -> HttpResponseStatus.INTERNAL_SERVER_ERROR;
        };
    }
}
