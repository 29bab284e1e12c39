package io.footbridge.control.api;

import io.footbridge.control.network.ControlService;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The control API: HTTP/1.1 with JSON over a UNIX socket that only its owner may use. See {@link Router}. */
public final class ApiServer implements AutoCloseable {
    private static final int MAX_LINE = 4096;
    private static final int MAX_HEADERS = 8192;
    private static final int MAX_BODY = 1 << 16;

    private final EventLoopGroup loop;
    private final RequestThreads threads = new RequestThreads();
    private final Channel channel;
    private final Path socket;

    private ApiServer(EventLoopGroup loop, Router router, Path socket, Path birthplace, Duration patience)
        throws IOException {
        this.loop = loop;
        this.socket = socket;
        ReservedRoom room = new ReservedRoom();
        ServerBootstrap bootstrap = new ServerBootstrap().group(loop).channel(EpollServerDomainSocketChannel.class).handler(room)
            .childHandler(new ChannelInitializer<>() {
                @Override
                protected void initChannel(Channel client) {
                    room.accepted(client.parent(), client);
                    client.pipeline().addLast(
                        new IdleStateHandler(true, patience.toMillis(), patience.toMillis(), 0, TimeUnit.MILLISECONDS),
                        new HttpServerCodec(MAX_LINE, MAX_HEADERS, MAX_BODY), new HttpObjectAggregator(MAX_BODY, true),
                        new ConnectionHandler(router, threads));
                }
            });
        // Nobody else may reach it before its mode is set, so it is born in a directory that is ours alone.
        Path born = birthplace.resolve("s");
        Files.deleteIfExists(born);
        var bound = bootstrap.bind(new DomainSocketAddress(born.toFile())).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException("bind " + born + ": " + bound.cause().getMessage(), bound.cause());
        }
        this.channel = bound.channel();
        Files.setPosixFilePermissions(born, PosixFilePermissions.fromString("rw-------"));
        Files.move(born, socket, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /**
     * Begins to answer.
     *
     * @param socket where clients connect; replaced where it exists
     * @param birthplace a directory of mode 0700 on the same file system
     * @param version the program's version, as clients are told
     * @param patience how long a client may be silent, or not take its answer, before it is cut off
     */
    public static ApiServer start(ControlService service, Path socket, Path birthplace, String version, Duration patience)
        throws IOException {
        EventLoopGroup loop =
            new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("control-api", true), EpollIoHandler.newFactory());
        try {
            return new ApiServer(loop, new Router(service, version), socket, birthplace, patience);
        } catch (IOException failed) {
            loop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
            throw failed;
        }
    }

    /** Takes no more requests and removes the socket. */
    @Override
    public void close() throws IOException {
        Files.deleteIfExists(socket);
        channel.close();
        threads.close();
        loop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    }
}
