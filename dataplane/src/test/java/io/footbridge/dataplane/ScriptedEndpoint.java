package io.footbridge.dataplane;

import io.footbridge.tap.Endpoint;
import io.footbridge.tap.FrameBatch;
import io.footbridge.tap.FrameBuffers;
import io.footbridge.tap.TapEndpoint;

/** An endpoint on a socket pair that reports what a test wants as soon as a frame comes. */
final class ScriptedEndpoint implements Endpoint {
    private final Endpoint real;
    private volatile int report;
    private volatile boolean exists = true;
    private volatile int closings;
    private volatile int looks;

    ScriptedEndpoint(FarEnd far) {
        real = TapEndpoint.overDatagrams(far.near());
    }

    /** {@link #DOWN} or {@link #GONE}, instead of the next frames. */
    void report(int state, boolean exists) {
        this.exists = exists;
        report = state;
    }

    int closings() {
        return closings;
    }

    /** How often it was asked whether it exists. */
    int looks() {
        return looks;
    }

    @Override
    public int descriptor() {
        return real.descriptor();
    }

    @Override
    public int offloads() {
        return real.offloads();
    }

    @Override
    public int receive(FrameBuffers buffers, FrameBatch batch) {
        int received = real.receive(buffers, batch);
        return report < 0 ? report : received;
    }

    @Override
    public void transmit(FrameBuffers buffers, FrameBatch batch) {
        real.transmit(buffers, batch);
    }

    @Override
    public boolean exists() {
        looks++;
        return exists;
    }

    @Override
    public long kernelDrops() {
        return 0;
    }

    @Override
    public void close() {
        closings++;
        real.close();
    }
}
