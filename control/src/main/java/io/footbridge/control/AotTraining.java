package io.footbridge.control;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * What the AOT cache learns from: {@code --self-test} goes once through what a daemon and a client of it load, and ends.
 * The packaging makes the cache from this run, so whatever is loaded here is loaded fast in service. Each
 * {@linkplain #STEPS step} is one part of the program, gone through for real; it needs no privilege and leaves nothing.
 * Add a step where a new part takes part in starting.
 */
public final class AotTraining {
    private static final List<Step> STEPS = List.of(
        new Step("command line", AotTraining::commandLine),
        new Step("JSON and YAML", AotTraining::jsonAndYaml),
        new Step("HTTP over a UNIX socket", AotTraining::httpOverUnixSocket));

    private AotTraining() {
    }

    /**
     * Goes through all steps.
     *
     * @return the exit code: 0, or 1 if a step failed, which standard error then names
     */
    public static int run() {
        int status = 0;
        for (Step step : STEPS) {
            try {
                step.action().run();
                LoggerFactory.getLogger(AotTraining.class).debug("{} done", step.name());
            } catch (Exception | LinkageError e) {
                System.err.println("footbridge: self-test, " + step.name() + ": " + e);
                status = 1;
            }
        }
        return status;
    }

    private static void commandLine() {
        CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create().name("footbridge");
        spec.addOption(CommandLine.Model.OptionSpec.builder("--socket").type(Path.class).build());
        new CommandLine(spec).parseArgs("--socket", "control.sock");
    }

    private static void jsonAndYaml() {
        record Endpoint(String name, List<String> addresses) {
        }

        var endpoint = new Endpoint("a", List.of("10.77.0.2/24", "fd77::2/64"));
        var json = JsonMapper.shared();
        check(json.readValue(json.writeValueAsString(endpoint), Endpoint.class).equals(endpoint), "JSON differs");
        check(new YAMLMapper().readValue("{name: a, addresses: [10.77.0.2/24, 'fd77::2/64']}", Endpoint.class).equals(endpoint),
            "YAML differs");
    }

    private static void httpOverUnixSocket() throws Exception {
        Path folder = Files.createTempDirectory("footbridge-self-test");
        Path socket = folder.resolve("control.sock");
        var address = new DomainSocketAddress(socket.toFile());
        var group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        try {
            Channel server = new ServerBootstrap().group(group).channel(EpollServerDomainSocketChannel.class)
                .childHandler(pipeline(new Server())).bind(address).sync().channel();
            var status = new CompletableFuture<HttpResponseStatus>();
            Channel client = new Bootstrap().group(group).channel(EpollDomainSocketChannel.class)
                .handler(pipeline(new Client(status))).connect(address).sync().channel();
            client.writeAndFlush(new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/"));
            check(status.get(10, TimeUnit.SECONDS).equals(HttpResponseStatus.OK), "HTTP status is not 200");
            client.close().sync();
            server.close().sync();
        } finally {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
            Files.deleteIfExists(socket);
            Files.delete(folder);
        }
    }

    private static ChannelInitializer<Channel> pipeline(SimpleChannelInboundHandler<?> last) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(last instanceof Server ? new HttpServerCodec() : new HttpClientCodec(),
                    new HttpObjectAggregator(1 << 16), last);
            }
        };
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }

    /** One part of the program, gone through once. */
    private record Step(String name, Action action) {
    }

    @FunctionalInterface
    private interface Action {
        void run() throws Exception;
    }

    private static final class Server extends SimpleChannelInboundHandler<FullHttpRequest> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
            var response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.EMPTY_BUFFER);
            response.headers().set(HttpHeaderNames.CONTENT_LENGTH, 0);
            context.writeAndFlush(response);
        }
    }

    private static final class Client extends SimpleChannelInboundHandler<FullHttpResponse> {
        private final CompletableFuture<HttpResponseStatus> status;

        private Client(CompletableFuture<HttpResponseStatus> status) {
            this.status = status;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, FullHttpResponse response) {
            status.complete(response.status());
        }
    }
}
