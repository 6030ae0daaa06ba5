package io.nuthatch.engine;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The clients of a worker whose commands wait for a limited time, the nearest deadline first: a binary heap in
/// which each client knows its rank, so that one that is served early leaves in O(log n).
///
/// Nothing ticks for a single client: the heartbeat looks at the nearest deadline of each worker.
///
/// Thread: the worker's, but for [#nearestNanos].
final class Deadlines {
    static final int NO_RANK = -1;

    private static final int FIRST_ROOM = 16;

    private @Nullable Waiter[] heap = new Waiter[FIRST_ROOM];
    private int count;
    private volatile long nearestNanos = Waiter.NEVER;

    /// The nearest deadline, by the engine's clock. Any thread may ask.
    long nearestNanos() {
        return nearestNanos;
    }

    void add(Waiter waiter) {
        if (!waiter.isLimited()) {
            return;
        }
        if (count == heap.length) {
            heap = Arrays.copyOf(heap, 2 * count);
        }
        place(waiter, count++);
        rise(waiter);
        note();
    }

    void remove(Waiter waiter) {
        int hole = waiter.rank;
        if (hole == NO_RANK) {
            return;
        }
        waiter.rank = NO_RANK;
        Waiter moved = at(--count);
        heap[count] = null;
        if (moved != waiter) {
            place(moved, hole);
            rise(moved);
            sink(moved);
        }
        note();
    }

    /// Takes out the nearest one whose time has come, or null.
    @Nullable
    Waiter takeDue(long nowNanos) {
        if (count == 0 || at(0).deadlineNanos > nowNanos) {
            return null;
        }
        Waiter due = at(0);
        remove(due);
        return due;
    }

    private Waiter at(int rank) {
        return Objects.requireNonNull(heap[rank]);
    }

    private void place(Waiter waiter, int rank) {
        heap[rank] = waiter;
        waiter.rank = rank;
    }

    private void rise(Waiter waiter) {
        int rank = waiter.rank;
        while (rank > 0 && at((rank - 1) / 2).deadlineNanos > waiter.deadlineNanos) {
            place(at((rank - 1) / 2), rank);
            rank = (rank - 1) / 2;
        }
        place(waiter, rank);
    }

    private void sink(Waiter waiter) {
        int rank = waiter.rank;
        while (true) {
            int child = 2 * rank + 1;
            if (child + 1 < count && at(child + 1).deadlineNanos < at(child).deadlineNanos) {
                child++;
            }
            if (child >= count || at(child).deadlineNanos >= waiter.deadlineNanos) {
                break;
            }
            place(at(child), rank);
            rank = child;
        }
        place(waiter, rank);
    }

    private void note() {
        nearestNanos = count == 0 ? Waiter.NEVER : at(0).deadlineNanos;
    }
}
