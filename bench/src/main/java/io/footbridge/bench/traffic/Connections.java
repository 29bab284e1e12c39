package io.footbridge.bench.traffic;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** Connect, a byte there, a byte back, close, one after the other. */
final class Connections {
    private Connections() {
    }

    static Outcome run(Task task, Place place, Channels channels) throws IOException {
        return place.call(() -> {
            ByteBuffer wish = ByteBuffer.allocateDirect(1).put(Wish.ONCE.letter());
            ByteBuffer answer = ByteBuffer.allocateDirect(1);
            long start = System.nanoTime();
            long done = 0;
            do {
                SocketChannel connection = channels.add(SocketChannel.open());
                connection.connect(task.target());
                Blocks.write(connection, wish.rewind());
                Blocks.read(connection, answer);
                if (connection.read(answer.clear()) >= 0) {
                    throw new IOException("the responder did not close");
                }
                channels.close(connection);
                done++;
            } while (System.nanoTime() - start < task.nanos());
            return Outcome.of(done * 1e9 / (System.nanoTime() - start));
        });
    }
}
