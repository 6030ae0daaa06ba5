package io.nuthatch.bench;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/// A load on a server, from the first request until it is stopped or has sent all it was to send.
///
/// A window of it is measured as a whole: replies, the server's processor time and the client's are all read at the
/// window's two ends, while the load goes on before and after.
///
/// Thread: one, beside the load threads.
final class LoadGenerator implements AutoCloseable {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final long NANOS_A_SECOND = 1_000_000_000L;

    private final List<LoadThread> threads;

    private LoadGenerator(List<LoadThread> threads) {
        this.threads = threads;
    }

    /// Connects and starts sending.
    static LoadGenerator start(LoadPlan plan) {
        AtomicLong sequence = new AtomicLong();
        long intervalNanos = plan.requestsPerSecond() == 0
                ? 0
                : NANOS_A_SECOND * plan.pipeline() * plan.threads() / plan.requestsPerSecond();
        List<LoadThread> threads = new ArrayList<>();
        try {
            for (int i = 0; i < plan.threads(); i++) {
                threads.add(new LoadThread(plan, i, sequence, intervalNanos));
            }
        } catch (IOException refused) {
            throw new BenchFailure("cannot connect to port " + plan.port(), refused);
        }
        threads.forEach(Thread::start);
        return new LoadGenerator(threads);
    }

    /// Sends a request once for each key, with running numbers.
    ///
    /// @param pipeline the largest; the batches are of a size that comes out even
    static void fill(int port, String request, long keys, int clients, int pipeline) {
        int even = pipeline;
        while (keys % even != 0) {
            even--;
        }
        LoadPlan plan = LoadPlan.closedLoop(port, Workload.named(request), keys, clients, even)
                .endingAfter(keys);
        try (LoadGenerator load = start(plan)) {
            load.await();
        }
    }

    /// The same, and then asks for each key once more. Redis moves its table to a larger one by a bucket with each
    /// command, and until it has moved all of it, holds both: without this, a fill of 5 M keys leaves it in the
    /// middle.
    static void fillAndSettle(int port, String request, long keys, int clients, int pipeline) {
        fill(port, request, keys, clients, pipeline);
        fill(port, "EXISTS " + request.split(" ")[1], keys, clients, pipeline);
    }

    /// Waits until all requests are answered.
    void await() {
        for (LoadThread thread : threads) {
            join(thread);
        }
        failOnErrors();
    }

    /// Whether there is still something to be sent or answered.
    boolean isRunning() {
        return threads.stream().anyMatch(Thread::isAlive);
    }

    long replies() {
        return threads.stream().mapToLong(LoadThread::replies).sum();
    }

    /// Measures the load for a while and stops it.
    ///
    /// @param pid the server's process
    Sample measure(long ms, long pid) {
        Window window = open(pid);
        ServerProcess.pause(ms);
        return window.close();
    }

    /// Begins to measure.
    ///
    /// @param pid the server's process
    Window open(long pid) {
        startRecording();
        return new Window(pid, Instant.now(this, pid));
    }

    /// The part of the load that is measured.
    final class Window {
        private final long pid;
        private final Instant from;

        private Window(long pid, Instant from) {
            this.pid = pid;
            this.from = from;
        }

        /// Stops measuring, and the load.
        Sample close() {
            Instant to = Instant.now(LoadGenerator.this, pid);
            threads.forEach(LoadThread::stopRecording);
            stopSending();
            await();
            return sample(from, to, latencies());
        }
    }

    /// The latencies recorded; after the load has ended.
    Histogram latencies() {
        Histogram all = new Histogram(LoadThread.LATENCY_NANOS_MAX, 3);
        threads.forEach(thread -> all.add(thread.latencies()));
        return all;
    }

    void startRecording() {
        threads.forEach(LoadThread::startRecording);
    }

    void stopSending() {
        threads.forEach(LoadThread::stopSending);
    }

    /// Everything that is read at an end of the window.
    private record Instant(
            long nanos, long replies, ProcessFigures server, long clientNanos, long clientBytes, long busyTicks) {
        static Instant now(LoadGenerator load, long pid) {
            long clientNanos = 0;
            long clientBytes = 0;
            for (LoadThread thread : load.threads) {
                clientNanos += THREADS.getThreadCpuTime(thread.threadId());
                clientBytes += THREADS.getThreadAllocatedBytes(thread.threadId());
            }
            return new Instant(
                    System.nanoTime(),
                    load.replies(),
                    ProcessFigures.of(pid),
                    clientNanos,
                    clientBytes,
                    Machine.busyTicks());
        }
    }

    private static Sample sample(Instant from, Instant to, Histogram latencies) {
        double nanos = to.nanos - from.nanos;
        double replies = Math.max(1, to.replies - from.replies);
        double serverNanos = to.server.nanosSince(from.server);
        double clientNanos = to.clientNanos - from.clientNanos;
        double othersNanos =
                (to.busyTicks - from.busyTicks) * (double) ProcessFigures.TICK_NANOS - serverNanos - clientNanos;
        return new Sample(
                replies / nanos * NANOS_A_SECOND,
                latencies.getValueAtPercentile(50) / 1e3,
                latencies.getValueAtPercentile(99) / 1e3,
                latencies.getValueAtPercentile(99.9) / 1e3,
                latencies.getMaxValue() / 1e3,
                serverNanos / replies / 1e3,
                to.server.systemShareSince(from.server),
                clientNanos / replies / 1e3,
                (to.clientBytes - from.clientBytes) / replies,
                Math.max(0, othersNanos / nanos));
    }

    private void failOnErrors() {
        for (LoadThread thread : threads) {
            @Nullable Throwable failure = thread.failure();
            if (failure != null) {
                throw new BenchFailure("the load broke off", failure);
            }
            if (thread.errors() > 0) {
                throw new BenchFailure(thread.errors() + " error replies; one is: " + thread.firstError());
            }
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new BenchFailure("interrupted");
        }
    }

    @Override
    public void close() {
        stopSending();
        threads.forEach(LoadGenerator::join);
    }
}
