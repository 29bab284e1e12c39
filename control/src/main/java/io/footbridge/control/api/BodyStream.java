package io.footbridge.control.api;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends a body to a client, as chunks of one response, no faster than it takes them. Runs on a thread of its own, which
 * waits where the client is slow; a capture then drops frames and counts them.
 */
final class BodyStream extends OutputStream implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(BodyStream.class);

    private final Channel channel;
    private final StreamedBody body;
    private final Object turn = new Object();
    private volatile boolean gone;

    BodyStream(Channel channel, StreamedBody body) {
        this.channel = channel;
        this.body = body;
    }

    @Override
    public void run() {
        HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
        head.headers().set(HttpHeaderNames.CONTENT_TYPE, body.contentType())
            .set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED).set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        channel.writeAndFlush(head);
        try (body) {
            body.copyTo(this);
        } catch (IOException | RuntimeException broken) {
            // Without its last chunk, so that the client knows that something is missing.
            LOG.debug("stream", broken);
            channel.close();
            return;
        }
        try {
            channel.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT).addListener(ChannelFutureListener.CLOSE).await();
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    /** Any thread: sends what there is so far, and ends. */
    void end() {
        body.close();
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        synchronized (turn) {
            while (!channel.isWritable() && !gone) {
                try {
                    turn.wait();
                } catch (InterruptedException interrupted) {
                    Thread.currentThread().interrupt();
                    throw new IOException("interrupted", interrupted);
                }
            }
        }
        if (gone) {
            throw new IOException("the client is gone");
        }
        channel.writeAndFlush(new DefaultHttpContent(Unpooled.wrappedBuffer(Arrays.copyOfRange(bytes, offset, offset + length))));
    }

    /** On the event loop. */
    void writabilityChanged() {
        synchronized (turn) {
            turn.notifyAll();
        }
    }

    /** On the event loop. */
    void clientIsGone() {
        gone = true;
        writabilityChanged();
        body.close();
    }
}
