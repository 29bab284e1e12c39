package io.footbridge.bench.traffic;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Work on several threads at once; when one fails, the channels of all are closed, so that all end. */
final class Together {
    private Together() {
    }

    static <T> List<T> run(List<Callable<T>> works, Channels channels) throws IOException {
        List<FutureTask<T>> tasks = new ArrayList<>();
        for (Callable<T> work : works) {
            FutureTask<T> task = new FutureTask<>(() -> {
                try {
                    return work.call();
                } catch (IOException failed) {
                    channels.close();
                    throw failed;
                }
            });
            tasks.add(task);
            Thread.ofPlatform().daemon().name("bench-stream").start(task);
        }
        List<T> results = new ArrayList<>();
        for (FutureTask<T> task : tasks) {
            results.add(await(task, channels));
        }
        return results;
    }

    private static <T> T await(FutureTask<T> task, Channels channels) throws IOException {
        try {
            return task.get();
        } catch (InterruptedException interrupted) {
            channels.close();
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof IOException io ? io : new IOException(String.valueOf(failed.getCause()), failed.getCause());
        }
    }
}
