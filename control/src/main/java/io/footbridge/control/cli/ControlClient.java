package io.footbridge.control.cli;

import io.footbridge.control.config.DocumentReader;
import io.footbridge.control.config.Fields;
import io.footbridge.control.config.Json;
import io.footbridge.control.config.Node;
import io.footbridge.control.model.Quoted;
import io.footbridge.control.model.RefusedException;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.URLEncoder;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Speaks to a daemon: one request per connection, in as much HTTP/1.1 as our own server uses. The JDK's client does not
 * speak over UNIX sockets, and Netty takes longer to load than the whole of a command.
 */
final class ControlClient {
    /** Asks about a private run, whose network is named as its socket is. */
    private static final Pattern OF_RUN = Pattern.compile("/v1/networks/(run-[0-9]+)(/.*)?");
    private static final int MAX_LINE = 8192;
    private static final int MAX_LENGTH = 1 << 26;

    private final Path socket;

    /** Where the bytes of a stream go. */
    interface Sink {
        /** The daemon has agreed: bytes will come. */
        void begin() throws CommandFailure;

        /** Takes some bytes. */
        void write(byte[] bytes) throws CommandFailure;
    }

    ControlClient(Path socket) {
        this.socket = socket;
    }

    /** The daemon, and every private run beside it; none where there is none. */
    static List<ControlClient> all(Path daemon) {
        List<ControlClient> all = new ArrayList<>();
        if (Files.exists(daemon)) {
            all.add(new ControlClient(daemon));
        }
        try (DirectoryStream<Path> runs = Files.newDirectoryStream(daemon.getParent(), "run-*.sock")) {
            runs.forEach(run -> all.add(new ControlClient(run)));
        } catch (IOException noDirectory) {
            return all;
        }
        return all;
    }

    /** A path of such parts, each encoded. */
    static String path(String... parts) {
        return Stream.of(parts).map(part -> URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20"))
            .collect(Collectors.joining("/", "/v1/", ""));
    }

    Node get(String path) throws CommandFailure {
        return exchange("GET", path, "");
    }

    Node send(String method, String path, Map<String, ?> document) throws CommandFailure {
        return exchange(method, path, Json.write(document));
    }

    Node delete(String path) throws CommandFailure {
        return exchange("DELETE", path, "");
    }

    /** Copies the body of an answer as it comes. */
    void stream(String path, Sink sink) throws CommandFailure {
        try (SocketChannel channel = connect(path)) {
            Response response = request(channel, "GET", path, "");
            if (response.status() != 200) {
                throw failure(response);
            }
            sink.begin();
            copy(response, sink);
        } catch (IOException | NumberFormatException failed) {
            throw lost(failed);
        }
    }

    private void copy(Response response, Sink sink) throws CommandFailure {
        try {
            for (byte[] chunk = response.chunk(); chunk.length > 0; chunk = response.chunk()) {
                sink.write(chunk);
            }
        } catch (IOException | NumberFormatException broken) {
            throw new CommandFailure("the daemon at " + socket + " broke off: " + Quoted.oneLine(String.valueOf(broken.getMessage()))
                + "; what came before is complete", broken);
        }
    }

    private Node exchange(String method, String path, String body) throws CommandFailure {
        try (SocketChannel channel = connect(path)) {
            Response response = request(channel, method, path, body);
            if (response.status() >= 300) {
                throw failure(response);
            }
            return DocumentReader.json(response.text());
        } catch (IOException | RefusedException | NumberFormatException failed) {
            throw lost(failed);
        }
    }

    private SocketChannel connect(String path) throws CommandFailure {
        Matcher run = OF_RUN.matcher(path);
        Path ofRun = run.matches() ? socket.resolveSibling(run.group(1) + ".sock") : socket;
        return connect(Files.exists(ofRun) ? ofRun : socket);
    }

    private static SocketChannel connect(Path socket) throws CommandFailure {
        if (!Files.exists(socket)) {
            throw new CommandFailure("no daemon at " + socket
                + "; start one with `footbridge daemon`, or name another's socket with --socket");
        }
        try {
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            channel.connect(UnixDomainSocketAddress.of(socket));
            return channel;
        } catch (IOException refused) {
            String cure = Files.isWritable(socket) ? "is the daemon running?" : "run as the user that started the daemon";
            throw new CommandFailure("connect " + socket + ": " + Quoted.oneLine(String.valueOf(refused.getMessage())) + "; " + cure,
                refused);
        }
    }

    private static Response request(SocketChannel channel, String method, String path, String body) throws IOException {
        byte[] content = body.getBytes(StandardCharsets.UTF_8);
        String head = method + " " + path + " HTTP/1.1\r\nHost: footbridge\r\nConnection: close\r\n"
            + "Content-Type: application/json\r\nContent-Length: " + content.length + "\r\n\r\n";
        ByteBuffer[] message = {ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)), ByteBuffer.wrap(content)};
        while (message[1].hasRemaining() || message[0].hasRemaining()) {
            channel.write(message);
        }
        return Response.read(new BufferedInputStream(Channels.newInputStream(channel)));
    }

    private static CommandFailure failure(Response response) throws IOException {
        String text = response.text();
        try {
            return new CommandFailure(Fields.of(DocumentReader.json(text)).text("message", "a message")
                .orElse("the daemon answered " + response.status()));
        } catch (RefusedException notOurs) {
            return new CommandFailure("the daemon answered " + response.status());
        }
    }

    private CommandFailure lost(Exception cause) {
        return new CommandFailure("the daemon at " + socket + " did not answer: " + Quoted.oneLine(String.valueOf(cause.getMessage())),
            cause);
    }

    /**
     * An answer whose body is still to be read.
     *
     * @param status HTTP's status
     * @param headers by name in lower case
     * @param in stands at the body
     */
    private record Response(int status, Map<String, String> headers, InputStream in) {
        static Response read(InputStream in) throws IOException {
            String[] first = line(in).split(" ", 3);
            if (first.length < 2 || !first[0].startsWith("HTTP/1.") || !first[1].matches("[1-5][0-9][0-9]")) {
                throw new IOException("its answer is not HTTP");
            }
            Map<String, String> headers = new HashMap<>();
            for (String header = line(in); !header.isEmpty(); header = line(in)) {
                int colon = header.indexOf(':');
                if (colon > 0) {
                    headers.put(header.substring(0, colon).toLowerCase(Locale.ROOT), header.substring(colon + 1).strip());
                }
            }
            return new Response(Integer.parseInt(first[1]), headers, in);
        }

        String text() throws IOException {
            int length = status == 204 ? 0 : Integer.parseInt(headers.getOrDefault("content-length", "0"));
            return new String(bytes(length), StandardCharsets.UTF_8);
        }

        /** The next piece of a body that comes in pieces; empty at its end. */
        byte[] chunk() throws IOException {
            byte[] chunk = bytes(Integer.parseInt(line(in).strip(), 16));
            line(in);
            return chunk;
        }

        private byte[] bytes(int length) throws IOException {
            if (length < 0 || length > MAX_LENGTH) {
                throw new IOException("its answer is not HTTP");
            }
            byte[] bytes = in.readNBytes(length);
            if (bytes.length < length) {
                throw new EOFException("it ended");
            }
            return bytes;
        }

        private static String line(InputStream in) throws IOException {
            StringBuilder line = new StringBuilder();
            for (int c = in.read(); c != '\n'; c = in.read()) {
                if (c < 0 || line.length() > MAX_LINE) {
                    throw new EOFException("it ended");
                }
                if (c != '\r') {
                    line.append((char) c);
                }
            }
            return line.toString();
        }
    }
}
