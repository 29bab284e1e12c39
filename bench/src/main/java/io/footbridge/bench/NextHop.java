package io.footbridge.bench;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A router that answers ARP and takes everything without a word. */
final class NextHop extends MemoryLink {
    private final long mac;
    private final Queue<byte[]> answers = new ConcurrentLinkedQueue<>();

    NextHop(long mac) throws IOException {
        this.mac = mac;
    }

    @Override
    int produce(MemorySegment memory, long frame) {
        byte[] answer = answers.poll();
        if (answer == null) {
            return 0;
        }
        MemorySegment.copy(MemorySegment.ofArray(answer), 0, memory, frame, answer.length);
        return answer.length;
    }

    @Override
    void consume(MemorySegment memory, long frame, int length) {
        ArpAnswer.to(memory, frame, length, mac).ifPresent(answer -> {
            answers.add(answer);
            ring();
        });
    }

    @Override
    boolean hasMore() {
        return !answers.isEmpty();
    }
}
