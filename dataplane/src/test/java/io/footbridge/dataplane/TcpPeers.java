package io.footbridge.dataplane;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Many connections of a client to a server that echoes, all open at once. Each end is a process of its own, whose descriptors
 * count for itself; its needs are java.base only.
 *
 * <p>The server prints its port. The client prints {@code open} when all are, {@code intact} when numbers went to and fro on
 * each, and waits for a line on its input before either next step.
 */
final class TcpPeers {
    private static final int ROUNDS = 3;
    private static final int BACKLOG = 4096;
    /** The pipe to whoever started this process. */
    private static final PrintStream OUTPUT = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.US_ASCII);

    private TcpPeers() {
    }

    /** Starts an end in a namespace. */
    static Process start(String namespace, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", namespace,
                ProcessHandle.current().info().command().orElse("java"), "-XX:+UseSerialGC", "-Xmx256m", "-cp",
                Path.of(TcpPeers.class.getProtectionDomain().getCodeSource().getLocation().getPath()).toString(),
                TcpPeers.class.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    /** {@code server COUNT}, or {@code client COUNT ADDRESS PORT}. */
    public static void main(String[] arguments) throws IOException {
        int count = Integer.parseInt(arguments[1]);
        if (arguments[0].equals("server")) {
            serve(count);
        } else {
            connect(count, new InetSocketAddress(arguments[2], Integer.parseInt(arguments[3])));
        }
    }

    private static void serve(int count) throws IOException {
        List<SocketChannel> ends = new ArrayList<>();
        try (ServerSocketChannel server = ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0), BACKLOG)) {
            OUTPUT.println(((InetSocketAddress) server.getLocalAddress()).getPort());
            while (ends.size() < count) {
                ends.add(server.accept());
            }
        }
        ByteBuffer buffer = ByteBuffer.allocateDirect(Integer.BYTES);
        for (int round = 0; round < ROUNDS; round++) {
            for (SocketChannel end : ends) {
                read(end, buffer);
                end.write(buffer);
            }
        }
        for (SocketChannel end : ends) {
            if (end.read(buffer.clear()) >= 0) {
                throw new IOException("more than was sent");
            }
            end.close();
        }
    }

    private static void connect(int count, InetSocketAddress to) throws IOException {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        List<SocketChannel> ends = new ArrayList<>();
        while (ends.size() < count) {
            ends.add(SocketChannel.open(to));
        }
        OUTPUT.println("open");
        input.readLine();
        ByteBuffer buffer = ByteBuffer.allocateDirect(Integer.BYTES);
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = 0; i < count; i++) {
                ends.get(i).write(buffer.clear().putInt(i ^ round << 24).flip());
            }
            for (int i = 0; i < count; i++) {
                read(ends.get(i), buffer);
                if (buffer.getInt() != (i ^ round << 24)) {
                    throw new IOException("connection " + i + " received another's number");
                }
            }
        }
        OUTPUT.println("intact");
        input.readLine();
        for (SocketChannel end : ends) {
            end.close();
        }
    }

    private static void read(SocketChannel from, ByteBuffer buffer) throws IOException {
        buffer.clear();
        while (buffer.hasRemaining()) {
            if (from.read(buffer) < 0) {
                throw new IOException("a connection ended early");
            }
        }
        buffer.flip();
    }
}
