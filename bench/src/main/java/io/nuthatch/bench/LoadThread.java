package io.nuthatch.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/// The loop of the load generator: one thread, one selector, some of the connections.
///
/// Closed loop: as soon as a connection's batch is answered, its next one goes out. Open loop: batches are due at
/// fixed times and go out on any idle connection; the latency of a batch that had to wait for one counts from when
/// it was due, so a stall of the server is seen by all batches it delayed.
///
/// In the steady state the loop makes no garbage and reads the clock once a batch, for the end of the one and the
/// start of the next.
final class LoadThread extends Thread {
    static final long LATENCY_NANOS_MAX = 60_000_000_000L;

    private static final int RISING_A_MS = 10_000;
    private static final int LATENCY_DIGITS = 3;
    private static final int READ_BYTES = 1 << 18;
    private static final int SELECT_MS = 100;
    private static final int SELECT_MS_OPEN_LOOP = 1;
    private static final long STALL_NANOS_MAX = 60_000_000_000L;

    private final LoadPlan plan;
    private final AtomicLong sequence;
    private final RandomNumbers random;
    private final List<RequestBatch> batches;
    private final Selector selector;
    private final List<LoadConnection> connections = new ArrayList<>();
    private final ArrayDeque<LoadConnection> idle = new ArrayDeque<>();
    private final ByteBuffer readBuffer = ByteBuffer.allocateDirect(READ_BYTES);
    private final Consumer<SelectionKey> onReady = this::ready;
    private final Histogram latencies = new Histogram(LATENCY_NANOS_MAX, LATENCY_DIGITS);
    private final AtomicLong replies = new AtomicLong();

    /// Where numbers begin that rise from run to run: no load sends as many requests in a millisecond as there are
    /// numbers.
    private final long risingFrom = System.currentTimeMillis() * RISING_A_MS;

    private final long batchIntervalNanos;
    private long dueNanos;
    private int nextBatch;
    private long lastReplyNanos;

    private volatile boolean recording;
    private volatile boolean stopping;
    private volatile @Nullable Throwable failure;

    /// @param sequence the running number of the next request, shared by all threads of the load
    /// @param intervalNanos the time between two batches of this thread, or 0 for a closed loop
    LoadThread(LoadPlan plan, int index, AtomicLong sequence, long intervalNanos) throws IOException {
        super("load " + index);
        this.plan = plan;
        this.sequence = sequence;
        batchIntervalNanos = intervalNanos;
        random = new RandomNumbers(plan.seed() + index);
        batches = plan.workload().batches(plan.pipeline(), plan.keys(), plan.seed() + index);
        selector = Selector.open();
        try {
            for (int i = index; i < plan.clients(); i += plan.threads()) {
                connections.add(LoadConnection.open(plan.port(), selector, i));
            }
        } catch (IOException refused) {
            closeAll();
            throw refused;
        }
    }

    /// From now on latencies count; before, the load only warms up.
    void startRecording() {
        recording = true;
    }

    void stopRecording() {
        recording = false;
    }

    /// Sends no more; the thread ends when all replies are there.
    void stopSending() {
        stopping = true;
    }

    /// Replies so far; up to one batch of each connection behind.
    long replies() {
        return replies.getAcquire();
    }

    /// What ended the thread before its time, if anything did.
    @Nullable
    Throwable failure() {
        return failure;
    }

    /// The latencies of the batches; after the thread has ended.
    Histogram latencies() {
        return latencies;
    }

    /// Error replies so far; after the thread has ended.
    long errors() {
        return connections.stream().mapToLong(LoadConnection::errors).sum();
    }

    /// One of the error replies, or an empty text; after the thread has ended.
    String firstError() {
        return connections.stream()
                .map(LoadConnection::firstError)
                .filter(error -> !error.isEmpty())
                .findFirst()
                .orElse("");
    }

    @Override
    public void run() {
        try {
            long now = System.nanoTime();
            dueNanos = now;
            lastReplyNanos = now;
            idle.addAll(connections);
            while (!(finished() && idle.size() == connections.size())) {
                sendOnIdle();
                selector.select(onReady, batchIntervalNanos > 0 ? SELECT_MS_OPEN_LOOP : SELECT_MS);
                failOnStall();
            }
        } catch (IOException | RuntimeException fault) {
            failure = fault;
        } finally {
            closeAll();
        }
    }

    private boolean finished() {
        return stopping || sequence.get() >= plan.requestsMax();
    }

    private void sendOnIdle() throws IOException {
        if (batchIntervalNanos == 0) {
            long now = System.nanoTime();
            while (!idle.isEmpty() && !finished()) {
                send(idle.remove(), now);
            }
            return;
        }
        while (!idle.isEmpty() && !finished() && dueNanos <= System.nanoTime()) {
            send(idle.remove(), dueNanos);
            dueNanos += batchIntervalNanos;
        }
    }

    private void send(LoadConnection connection, long fromNanos) throws IOException {
        RequestBatch batch = batches.get(nextBatch);
        nextBatch = nextBatch + 1 == batches.size() ? 0 : nextBatch + 1;
        long first = sequence.getAndAdd(batch.requests());
        batch.renew(random, first, connection.number(), risingFrom + first);
        connection.send(batch, fromNanos);
    }

    private void ready(SelectionKey key) {
        LoadConnection connection = (LoadConnection) key.attachment();
        try {
            if (key.isWritable()) {
                connection.sendRest();
            }
            if (key.isReadable() && connection.receive(readBuffer)) {
                answered(connection);
            }
        } catch (IOException lost) {
            throw new UncheckedIOException(lost);
        }
    }

    private void answered(LoadConnection connection) throws IOException {
        long now = System.nanoTime();
        lastReplyNanos = now;
        if (recording) {
            latencies.recordValue(Math.min(now - connection.sentNanos(), LATENCY_NANOS_MAX));
        }
        replies.setRelease(replies.getPlain() + connection.requests());
        if (batchIntervalNanos > 0 || finished()) {
            idle.add(connection);
        } else {
            send(connection, now);
        }
    }

    private void failOnStall() {
        boolean waiting = idle.size() < connections.size();
        if (waiting && System.nanoTime() - lastReplyNanos > STALL_NANOS_MAX) {
            throw new BenchFailure("no reply for " + STALL_NANOS_MAX / 1_000_000_000L + " s");
        }
    }

    private void closeAll() {
        try {
            for (LoadConnection connection : connections) {
                connection.close();
            }
            selector.close();
        } catch (IOException fault) {
            throw new UncheckedIOException(fault);
        }
    }
}
