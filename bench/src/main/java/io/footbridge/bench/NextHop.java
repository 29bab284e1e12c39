package io.footbridge.bench;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A router that answers ARP and takes everything without a word. */
final class NextHop extends MemoryLink {
    private final long mac;
    private final Queue<MemorySegment> answers = new ConcurrentLinkedQueue<>();

    NextHop(long mac) throws IOException {
        this.mac = mac;
    }

    @Override
    int produce(MemorySegment memory, long frame) {
        MemorySegment answer = answers.poll();
        if (answer == null) {
            return 0;
        }
        MemorySegment.copy(answer, 0, memory, frame, answer.byteSize());
        return (int) answer.byteSize();
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
