package io.footbridge.dataplane;

import io.footbridge.tap.Endpoint;
import io.footbridge.tap.FrameBatch;
import io.footbridge.tap.FrameBuffers;
import java.util.SplittableRandom;

/** An endpoint that loses frames of both directions, and swaps some that it receives together. */
final class LossyEndpoint implements Endpoint {
    private final Endpoint endpoint;
    private final SplittableRandom random = new SplittableRandom(7);
    private final FrameBatch one = new FrameBatch();
    private volatile double loss;

    LossyEndpoint(Endpoint endpoint) {
        this.endpoint = endpoint;
    }

    /** Sets how many of all frames are lost from now on, 0 to 1. */
    void loss(double set) {
        loss = set;
    }

    @Override
    public int descriptor() {
        return endpoint.descriptor();
    }

    @Override
    public int offloads() {
        return endpoint.offloads();
    }

    @Override
    public int receive(FrameBuffers buffers, FrameBatch batch) {
        int received = endpoint.receive(buffers, batch);
        if (received <= 0 || loss == 0) {
            return received;
        }
        FrameBatch all = new FrameBatch();
        for (int i = 0; i < received; i++) {
            all.add(batch.offset(i), batch.length(i));
            all.result(i, batch.result(i));
        }
        batch.clear();
        boolean reversed = random.nextInt(16) == 0;
        for (int i = 0; i < received; i++) {
            int from = reversed ? received - 1 - i : i;
            if (random.nextDouble() >= loss) {
                batch.add(all.offset(from), all.length(from));
                batch.result(batch.count() - 1, all.result(from));
            }
        }
        return batch.count();
    }

    @Override
    public void transmit(FrameBuffers buffers, FrameBatch batch) {
        if (loss == 0) {
            endpoint.transmit(buffers, batch);
            return;
        }
        for (int i = 0; i < batch.count(); i++) {
            batch.result(i, 0);
            if (random.nextDouble() >= loss) {
                one.clear();
                one.add(batch.offset(i), batch.length(i));
                endpoint.transmit(buffers, one);
                batch.result(i, one.result(0));
            }
        }
    }

    @Override
    public boolean exists() {
        return endpoint.exists();
    }

    @Override
    public long kernelDrops() {
        return endpoint.kernelDrops();
    }

    @Override
    public void close() {
        endpoint.close();
    }
}
