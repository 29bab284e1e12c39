package io.footbridge.bench.traffic;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/** Bulk TCP over one or several connections, a thread each. */
final class Streams {
    private Streams() {
    }

    static Outcome run(Task task, Place place, Channels channels, boolean back) throws IOException {
        List<SocketChannel> connections = place.call(() -> {
            List<SocketChannel> opened = new ArrayList<>();
            for (int i = 0; i < task.streams(); i++) {
                SocketChannel connection = channels.add(SocketChannel.open());
                connection.connect(task.target());
                opened.add(connection);
            }
            return opened;
        });
        List<Callable<Double>> senders = new ArrayList<>();
        for (SocketChannel connection : connections) {
            senders.add(() -> back ? receive(connection, task.nanos()) : send(connection, task.nanos()));
        }
        double sum = 0;
        for (double rate : Together.run(senders, channels)) {
            sum += rate;
        }
        connections.forEach(channels::close);
        return Outcome.of(sum);
    }

    private static double send(SocketChannel connection, long nanos) throws IOException {
        Blocks.write(connection, Wish.TAKE);
        Blocks.send(connection, nanos);
        connection.shutdownOutput();
        ByteBuffer answer = Blocks.read(connection, ByteBuffer.allocateDirect(2 * Long.BYTES));
        return new Blocks.Received(answer.getLong(), answer.getLong()).bitsPerSecond();
    }

    private static double receive(SocketChannel connection, long nanos) throws IOException {
        Blocks.write(connection, Wish.GIVE);
        Blocks.write(connection, ByteBuffer.allocateDirect(Long.BYTES).putLong(nanos).flip());
        return Blocks.receive(connection).bitsPerSecond();
    }
}
