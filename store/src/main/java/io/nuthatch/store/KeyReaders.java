package io.nuthatch.store;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Lease;
import io.nuthatch.memory.Memory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/// Who has read which keys, for clients that cache what they read (CLIENT TRACKING). Whoever changes a key takes its
/// readers out, and tells them; so a key is here at most once for each that has read it since.
///
/// Keys are told apart by name, not by database, as in Redis: readers may be told too much.
///
/// ## Layout
/// In each shard an [Index] over blocks, beside the keys in the shard's slab:
/// ```
///   one reader     0  int  key length << 1        several     0  int  key length << 1 | 1
///                  4  int  reader                             4  int  how many
///                  8       key                                8  int  places for readers, 0 where there is none
///                                                                     a power of two: a small hash table
///                                                                     key
/// ```
/// A reader is a number other than 0. A 16-byte key with one reader takes 24 bytes, and some 9.4 of the index.
///
/// Locks: what belongs to a key is guarded by its shard's lock. [#touchIndex] and [#touchBlock] need none.
public final class KeyReaders {
    private static final int HEADER_BYTES = 8;

    /// Up to so many readers all places are used; beyond, three quarters.
    private static final int FULL_PLACES = 8;

    private static final int SPREAD = 0x9E3779B1;

    /// Blocks that are freed, or evicted, before a shard's lock is let go.
    private static final int SLICE = 256;

    private final Keyspace keyspace;
    private final List<Part> parts = new ArrayList<>(Keyspace.SHARDS);
    private final AtomicInteger keys = new AtomicInteger();
    private final AtomicLong items = new AtomicLong();

    /// Is told of a key and one of its readers. The key is valid during the call.
    @FunctionalInterface
    public interface Told {
        void accept(Bytes key, int reader);
    }

    KeyReaders(Keyspace keyspace) {
        this.keyspace = keyspace;
        for (int i = 0; i < Keyspace.SHARDS; i++) {
            parts.add(new Part(keyspace.shard(i), keyspace.seed()));
        }
    }

    /// The keys of one shard.
    static final class Part implements Index.Layout {
        private final Lease lease;
        private final long seed;
        private final Index index;
        private final Bytes window = new Bytes();

        private Part(Shard shard, long seed) {
            this.lease = shard.lease();
            this.seed = seed;
            this.index = new Index(lease, this);
        }

        @Override
        public long hash(long block) {
            return Hash.of(keyAddress(block), keyLength(block), seed);
        }

        @Override
        public boolean holds(long block, long keyAddress, int keyLength) {
            return keyLength(block) == keyLength && Memory.equal(keyAddress(block), keyAddress, keyLength);
        }

        /// Frees up to `most` blocks. Returns whether none is left.
        boolean drain(int most) {
            return index.drain(most, this::free);
        }

        private void free(long block) {
            lease.free(block, blockBytes(places(block), keyLength(block)));
        }
    }

    // ---- blocks -------------------------------------------------------------------------------------------------

    private static int blockBytes(int places, int keyLength) {
        return Math.addExact(Integer.BYTES + (places == 1 ? 0 : Integer.BYTES) + places * Integer.BYTES, keyLength);
    }

    private static int keyLength(long block) {
        return Memory.getInt(block) >>> 1;
    }

    private static boolean isShared(long block) {
        return (Memory.getInt(block) & 1) != 0;
    }

    private static int count(long block) {
        return isShared(block) ? Memory.getInt(block + 4) : 1;
    }

    /// How many places there are follows from how many readers.
    private static int places(long block) {
        return placesFor(count(block));
    }

    private static int placesFor(int readers) {
        int least = readers <= FULL_PLACES ? readers : readers + readers / 3;
        return least <= 1 ? 1 : Integer.highestOneBit(least - 1) << 1;
    }

    private static long placeAddress(long block, int place) {
        return block + (isShared(block) ? HEADER_BYTES : Integer.BYTES) + (long) place * Integer.BYTES;
    }

    private static long keyAddress(long block) {
        return placeAddress(block, places(block));
    }

    private static void write(long block, Bytes key, int readers) {
        Memory.putInt(block, key.length() << 1 | (readers > 1 ? 1 : 0));
        if (readers > 1) {
            Memory.putInt(block + 4, readers);
        }
        int places = placesFor(readers);
        for (int i = 0; i < places; i++) {
            Memory.putInt(placeAddress(block, i), 0);
        }
        Memory.copy(key.address(), placeAddress(block, places), key.length());
    }

    /// The place that a reader has, or will have: the first empty one from its home on.
    private static long find(long block, int places, int reader) {
        int place = reader * SPREAD >>> 16 & places - 1;
        while (true) {
            long at = placeAddress(block, place);
            int there = Memory.getInt(at);
            if (there == reader || there == 0) {
                return at;
            }
            place = place + 1 & places - 1;
        }
    }

    private static boolean isReader(long block, int reader) {
        if (!isShared(block)) {
            return Memory.getInt(block + 4) == reader;
        }
        int count = count(block);
        int places = placesFor(count);
        if (count < places) {
            return Memory.getInt(find(block, places, reader)) == reader;
        }
        for (int i = 0; i < places; i++) {
            if (Memory.getInt(placeAddress(block, i)) == reader) {
                return true;
            }
        }
        return false;
    }

    // ---- reading and changing -----------------------------------------------------------------------------------

    /// Notes that someone has read a key, whose shard is locked.
    ///
    /// @return whether nobody had
    public boolean add(Bytes key, long hash, int reader) {
        Part part = parts.get(Keyspace.shardOf(hash));
        long block = part.index.find(hash, key);
        if (block == 0) {
            insert(part, key, hash, reader);
            return true;
        }
        if (!isReader(block, reader)) {
            join(part, block, hash, reader);
        }
        return false;
    }

    private void insert(Part part, Bytes key, long hash, int reader) {
        long block = part.lease.allocate(blockBytes(1, key.length()));
        write(block, key, 1);
        Memory.putInt(placeAddress(block, 0), reader);
        part.index.insert(hash, block);
        keys.incrementAndGet();
        items.incrementAndGet();
    }

    private void join(Part part, long old, long hash, int reader) {
        int readers = count(old) + 1;
        int places = placesFor(readers);
        items.incrementAndGet();
        if (places == places(old)) {
            Memory.putInt(find(old, places, reader), reader);
            Memory.putInt(old + 4, readers);
            return;
        }
        part.window.set(keyAddress(old), keyLength(old));
        long block = part.lease.allocate(blockBytes(places, part.window.length()));
        write(block, part.window, readers);
        for (int i = 0; i < places(old); i++) {
            place(block, places, Memory.getInt(placeAddress(old, i)));
        }
        place(block, places, reader);
        part.index.replace(hash, old, block);
        part.free(old);
    }

    private static void place(long block, int places, int reader) {
        if (reader != 0) {
            Memory.putInt(find(block, places, reader), reader);
        }
    }

    /// Forgets a key, whose shard is locked, and tells of all who had read it.
    public void take(Bytes key, Told told) {
        long hash = keyspace.hash(key);
        Part part = parts.get(Keyspace.shardOf(hash));
        long block = part.index.find(hash, key);
        if (block != 0) {
            take(part, block, hash, told);
        }
    }

    private void take(Part part, long block, long hash, Told told) {
        int places = places(block);
        part.window.set(keyAddress(block), keyLength(block));
        for (int i = 0; i < places; i++) {
            int reader = Memory.getInt(placeAddress(block, i));
            if (reader != 0) {
                told.accept(part.window, reader);
            }
        }
        keys.decrementAndGet();
        items.addAndGet(-count(block));
        part.index.remove(hash, block);
        part.free(block);
    }

    /// Forgets all keys; all shards are locked. The memory is freed later ([Keyspace#collect]).
    public void clear() {
        for (int i = 0; i < Keyspace.SHARDS; i++) {
            Part part = parts.get(i);
            if (part.index.size() > 0) {
                keyspace.garbage().add(keyspace.shard(i), part);
                parts.set(i, new Part(keyspace.shard(i), keyspace.seed()));
            }
        }
        keys.set(0);
        items.set(0);
    }

    /// Forgets a key by chance, of those in the same shard as this one, which is locked: but not this one.
    ///
    /// @return whether there was another
    public boolean evictBeside(Bytes key, long hash, RandomGenerator random, Told told) {
        Part part = parts.get(Keyspace.shardOf(hash));
        if (part.index.size() < 2) {
            return false;
        }
        long block;
        do {
            block = part.index.random(random);
        } while (part.holds(block, key.address(), key.length()));
        take(part, block, part.hash(block), told);
        return true;
    }

    /// Forgets keys by chance until there are no more than so many, a slice of each shard in turn. The caller holds no
    /// lock.
    public void trim(long most, RandomGenerator random, Told told) {
        for (int i = 0; keys.get() > most; i = (i + 1) % Keyspace.SHARDS) {
            Shard shard = keyspace.shard(i);
            shard.lock.lock();
            try {
                Part part = parts.get(i);
                for (int j = 0; j < SLICE && keys.get() > most && part.index.size() > 0; j++) {
                    long block = part.index.random(random);
                    take(part, block, part.hash(block), told);
                }
            } finally {
                shard.lock.unlock();
            }
        }
    }

    // ---- reading ahead ------------------------------------------------------------------------------------------

    /// Brings the place of a hash in the index near the processor ([Keyspace#touchIndex]).
    public long touchIndex(long hash) {
        return parts.get(Keyspace.shardOf(hash)).index.touch(hash);
    }

    /// Brings the block of a hash near; for after [#touchIndex].
    public long touchBlock(long hash) {
        return parts.get(Keyspace.shardOf(hash)).index.touchBlock(hash);
    }

    // ---- figures ------------------------------------------------------------------------------------------------

    /// How many keys there are.
    public int keys() {
        return keys.get();
    }

    /// How many readers they have, all in all.
    public long items() {
        return items.get();
    }

    /// What they take, in bytes: each shard is locked in turn.
    public long usedBytes() {
        long sum = 0;
        for (int i = 0; i < Keyspace.SHARDS; i++) {
            Shard shard = keyspace.shard(i);
            shard.lock.lock();
            sum += parts.get(i).lease.usedBytes();
            shard.lock.unlock();
        }
        return sum;
    }
}
