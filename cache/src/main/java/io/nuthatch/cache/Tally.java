package io.nuthatch.cache;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// A counter for what happens on every hit: exact, and cheaper than `LongAdder`, whose locked instruction costs as
/// much as the rest of a hit.
///
/// A platform thread owns a cell, the one its id points to, and alone adds to it: an ordinary load and store will
/// do. When the cell is another thread's, or the thread is virtual, a `LongAdder` counts. The cell of a thread
/// that has ended goes to the next one that comes by, with its count.
///
/// ```
///  cells   | owner's id | count | 14 unused longs |  ... 64 times: no two counts in one line of the processor's cache
/// ```
final class Tally {
    private static final int CELLS = 64;
    /// In longs: two lines of the cache, as processors fetch them in pairs.
    private static final int STRIDE = 16;

    private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[] cells = new long[CELLS * STRIDE];
    /// Who owns the cells; changed under its own lock.
    private final AtomicReferenceArray<@Nullable WeakReference<Thread>> owners = new AtomicReferenceArray<>(CELLS);
    private final LongAdder others = new LongAdder();

    void increment() {
        long id = Thread.currentThread().threadId();
        int cell = ((int) id & CELLS - 1) * STRIDE;
        if ((long) LONGS.getOpaque(cells, cell) == id) {
            LONGS.setOpaque(cells, cell + 1, (long) LONGS.getOpaque(cells, cell + 1) + 1);
        } else {
            incrementElsewhere(id);
        }
    }

    private void incrementElsewhere(long id) {
        if (!Thread.currentThread().isVirtual()) {
            claim(id);
        }
        others.increment();
    }

    /// Makes the cell this thread's, from the next time on, unless its owner still lives.
    private void claim(long id) {
        int index = (int) id & CELLS - 1;
        if (isOwned(index)) {
            return;
        }
        synchronized (owners) {
            if (!isOwned(index)) {
                owners.set(index, new WeakReference<>(Thread.currentThread()));
                LONGS.setOpaque(cells, index * STRIDE, id);
            }
        }
    }

    /// When a thread is seen to have ended, so is the last it has counted.
    private boolean isOwned(int index) {
        WeakReference<Thread> owner = owners.get(index);
        Thread thread = owner == null ? null : owner.get();
        return thread != null && thread.isAlive();
    }

    /// All that was counted; what is being counted at this moment may be missing.
    long sum() {
        long sum = others.sum();
        for (int cell = 0; cell < cells.length; cell += STRIDE) {
            sum += (long) LONGS.getOpaque(cells, cell + 1);
        }
        return sum;
    }
}
