package io.nuthatch.store;

import io.nuthatch.memory.Memory;
import io.nuthatch.memory.Slab;
import java.util.Arrays;

/// When keys may be due: a hierarchical timing wheel (Varghese and Lauck, 1987) of key hashes.
///
/// ```
///   level 0   256 slots of 8 ms      the next 2 s
///   level 1   256 slots of 2 s       the next 9 min
///   level 2   256 slots of 9 min     the next 37 h
///   level 3   256 slots of 37 h      the next 398 days; what lies beyond waits in the farthest slot
///
///   slot -> [ next chunk 8 | count 4 | room 4 | hash 8 | hash 8 | ... ] -> older chunk ...
/// ```
///
/// An entry is a hash and nothing more: the deadline is the record's, which also keeps the entry's *position*
/// (level and slot). When a slot comes round, its entries are handed to the owner, who compares: a record that
/// says another position has a newer entry, and this one is stale; a record that is due goes; any other is added
/// again. So moving a deadline further away touches no wheel.
///
/// Chunks start at 64 bytes and double up to 512, so an entry costs less than 9 bytes where there are many.
///
/// Time comes from outside, and may jump: forwards, all slots in between are handed over; backwards, the wheel
/// waits.
///
/// Locks: the shard's.
final class TimingWheel {
    static final int NO_POSITION = 0xFFFF;

    /// The shortest span that the wheel tells apart.
    static final int TICK_MS = 8;

    private static final int TICK_BITS = 3;
    private static final int LEVELS = 4;
    private static final int SLOT_BITS = 8;
    private static final int SLOTS = 1 << SLOT_BITS;
    private static final long FARTHEST_TICKS = (1L << LEVELS * SLOT_BITS) - (1L << (LEVELS - 1) * SLOT_BITS) - 1;

    private static final int COUNT = 8;
    private static final int ROOM = 12;
    private static final int HEADER_BYTES = 16;
    private static final int FIRST_CHUNK_BYTES = 64;
    private static final int MAX_CHUNK_BYTES = 512;

    /// How many empty ticks count as one entry, so that catching up after a long sleep goes in slices too.
    private static final int TICKS_PER_ENTRY = 64;

    /// Stale entries that are not worth a sweep.
    private static final int FEW_STALE = 1024;

    private final Slab slab;

    /// The newest chunk of each slot, 0 for none; allocated with the first entry.
    private long[] slots = {};

    private long entries;
    private long stale;

    /// The next tick whose slot has not been emptied.
    private long tick;

    private boolean started;

    /// Receives entries whose slot has come round.
    @FunctionalInterface
    interface Due {
        /// @param position where the entry stood
        void due(long hash, int position);
    }

    /// Tells whether an entry is its record's current one.
    @FunctionalInterface
    interface Live {
        boolean isLive(long hash, int position);
    }

    TimingWheel(Slab slab) {
        this.slab = slab;
    }

    /// How many entries there are, stale ones included.
    long size() {
        return entries;
    }

    /// Adds an entry.
    ///
    /// @return its position
    int add(long hash, long deadlineMs, long nowMs) {
        if (!started) {
            started = true;
            tick = nowMs >>> TICK_BITS;
        }
        if (slots.length == 0) {
            slots = new long[LEVELS * SLOTS];
        }
        int position = positionOf(deadlineMs);
        put(position, hash);
        entries++;
        return position;
    }

    /// The slot for a deadline: the first tick that lies wholly behind it, on the level that its distance asks
    /// for.
    private int positionOf(long deadlineMs) {
        long due = Math.max((deadlineMs >>> TICK_BITS) + 1, tick);
        long distance = Math.min(due - tick, FARTHEST_TICKS);
        long target = tick + distance;
        int level = 0;
        while (level < LEVELS - 1 && (target >>> level * SLOT_BITS) - (tick >>> level * SLOT_BITS) >= SLOTS) {
            level++;
        }
        return level << SLOT_BITS | (int) (target >>> level * SLOT_BITS) & SLOTS - 1;
    }

    /// Whether an entry at a position comes round too late for a deadline.
    boolean firesAfter(int position, long deadlineMs) {
        return roundMs(position) > (((deadlineMs >>> TICK_BITS) + 1) << TICK_BITS);
    }

    /// When a position comes round next, in milliseconds since 1970.
    private long roundMs(int position) {
        int shift = (position >>> SLOT_BITS) * SLOT_BITS;
        long current = tick >>> shift;
        long ahead = (position & SLOTS - 1) - current & SLOTS - 1;
        // A slot of a higher level is emptied when its span begins; the span under way has been emptied already.
        if (ahead == 0 && shift > 0 && tick != current << shift) {
            ahead = SLOTS;
        }
        return (current + ahead << shift) << TICK_BITS;
    }

    private void put(int position, long hash) {
        long chunk = slots[position];
        if (chunk == 0 || Memory.getInt(chunk + COUNT) == Memory.getInt(chunk + ROOM)) {
            int bytes = chunk == 0 ? FIRST_CHUNK_BYTES : Math.min(MAX_CHUNK_BYTES, 2 * bytesOf(chunk));
            long fresh = slab.allocate(bytes);
            Memory.putLong(fresh, chunk);
            Memory.putInt(fresh + COUNT, 0);
            Memory.putInt(fresh + ROOM, (bytes - HEADER_BYTES) / Long.BYTES);
            slots[position] = chunk = fresh;
        }
        int count = Memory.getInt(chunk + COUNT);
        Memory.putLong(chunk + HEADER_BYTES + 8L * count, hash);
        Memory.putInt(chunk + COUNT, count + 1);
    }

    private static int bytesOf(long chunk) {
        return HEADER_BYTES + Memory.getInt(chunk + ROOM) * Long.BYTES;
    }

    /// Says that an entry has become stale: its key has gone, or has another entry.
    void abandon() {
        stale++;
    }

    /// Whether so many entries are stale that [#sweep] is worth its while.
    boolean needsSweep() {
        return stale > entries / 2 + FEW_STALE;
    }

    /// Drops all stale entries.
    void sweep(Live live) {
        for (int position = 0; position < slots.length; position++) {
            long chunk = slots[position];
            slots[position] = 0;
            while (chunk != 0) {
                for (int i = Memory.getInt(chunk + COUNT) - 1; i >= 0; i--) {
                    long hash = Memory.getLong(chunk + HEADER_BYTES + 8L * i);
                    if (live.isLive(hash, position)) {
                        put(position, hash);
                    } else {
                        entries--;
                    }
                }
                chunk = release(chunk);
            }
        }
        stale = 0;
    }

    /// Hands over what has come round.
    ///
    /// @param most about how many entries at once
    /// @return whether there is more already
    boolean advance(long nowMs, int most, Due due) {
        long now = nowMs >>> TICK_BITS;
        int left = most;
        while (started && tick <= now) {
            if (entries == 0) {
                tick = now + 1;
                stale = 0;
                return false;
            }
            for (int level = LEVELS - 1; level >= 0; level--) {
                int shift = level * SLOT_BITS;
                if ((tick & (1L << shift) - 1) == 0) {
                    int position = level << SLOT_BITS | (int) (tick >>> shift) & SLOTS - 1;
                    left = empty(position, left, due);
                    if (slots[position] != 0) {
                        return true;
                    }
                }
            }
            tick++;
            if ((tick & TICKS_PER_ENTRY - 1) == 0) {
                left--;
            }
            if (left <= 0) {
                return tick <= now;
            }
        }
        return false;
    }

    /// Hands over the entries of a slot. The owner may add entries meanwhile, but none to this slot: it would
    /// have to be due a whole turn later.
    private int empty(int position, int most, Due due) {
        int left = most;
        while (slots[position] != 0 && left > 0) {
            long chunk = slots[position];
            int count = Memory.getInt(chunk + COUNT) - 1;
            long hash = Memory.getLong(chunk + HEADER_BYTES + 8L * count);
            Memory.putInt(chunk + COUNT, count);
            if (count == 0) {
                slots[position] = release(chunk);
            }
            entries--;
            left--;
            due.due(hash, position);
        }
        return left;
    }

    /// Frees a chunk.
    ///
    /// @return the one behind it
    private long release(long chunk) {
        long next = Memory.getLong(chunk);
        slab.free(chunk, bytesOf(chunk));
        return next;
    }

    /// Drops all entries.
    void close() {
        for (long slot : slots) {
            for (long chunk = slot; chunk != 0; ) {
                chunk = release(chunk);
            }
        }
        Arrays.fill(slots, 0);
        entries = stale = 0;
    }
}
