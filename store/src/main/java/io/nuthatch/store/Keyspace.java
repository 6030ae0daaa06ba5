package io.nuthatch.store;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Slab;
import io.nuthatch.memory.Usage;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToLongFunction;
import java.util.random.RandomGenerator;

/// All keys of all databases, in 64 shards by the hash of the key.
///
/// ```
///   Keyspace -- 64 x Shard (lock, Slab) -- databases x Table -- Index -> Record
///                                                            \- TimingWheel, one for keys and one for fields
/// ```
///
/// A key's 64-bit hash is cut up like this: the top bits choose a segment of the index, the lowest 20 are the tag
/// within it, and the six above the tag choose the shard. The set of shards that a command needs is one `long`.
///
/// No clock, socket or thread in here: the time comes with [Tx#begin], [Tx#makeRoom] and [#advance], and whoever
/// owns the keyspace calls [#advance] and [#collect] now and then.
public final class Keyspace implements AutoCloseable {
    public static final int SHARD_BITS = 6;
    public static final int SHARDS = 1 << SHARD_BITS;
    public static final long ALL_SHARDS = -1L;

    static final int SHARD_SHIFT = 20;

    private final int databases;
    private final long seed;
    private final StoreSettings settings;
    private final Usage usage = new Usage();
    private final Garbage garbage = new Garbage();
    private final LongAdder changes = new LongAdder();
    private final Shard[] shards = new Shard[SHARDS];
    private final Expiry expiry;
    private final Eviction eviction;
    private final KeyReaders readers;
    private KeyListener listener = KeyListener.NONE;
    private EffectLog log = EffectLog.NONE;
    private final Compaction compaction;

    /// Of the thread that calls [#advance].
    private final RandomGenerator random;

    /// @param seed keeps an outsider from choosing keys that collide; random in production
    public Keyspace(int databases, long seed, StoreSettings settings) {
        this.databases = databases;
        this.seed = seed;
        this.settings = settings;
        for (int i = 0; i < SHARDS; i++) {
            shards[i] = new Shard(i, this, new Slab(usage));
        }
        readers = new KeyReaders(this);
        random = new SplittableRandom(seed);
        expiry = new Expiry(this, newTx(random));
        eviction = new Eviction(this);
        compaction = new Compaction(this);
    }

    /// Says who hears of what happens to keys. To be called before the first transaction.
    public void listen(KeyListener listener) {
        this.listener = listener;
    }

    /// Says who takes down what is done to keys. To be called before the first transaction.
    public void logTo(EffectLog log) {
        this.log = log;
    }

    EffectLog log() {
        return log;
    }

    KeyListener listener() {
        return listener;
    }

    /// Who has read which keys, for clients that cache them.
    public KeyReaders readers() {
        return readers;
    }

    /// A transaction for the calling thread, to be begun again and again.
    public Tx newTx(RandomGenerator random) {
        return new Tx(this, random);
    }

    public int databases() {
        return databases;
    }

    public StoreSettings settings() {
        return settings;
    }

    public long hash(Bytes key) {
        return Hash.of(key.address(), key.length(), seed);
    }

    /// The shard of a hash.
    public static int shardOf(long hash) {
        return (int) (hash >>> SHARD_SHIFT) & SHARDS - 1;
    }

    /// Brings the place of a hash in the index near the processor, without a lock. Reading the places of a batch
    /// of keys one after another lets their cache misses overlap.
    ///
    /// @return a number of no meaning, which the caller must use so that the reading is not optimized away
    public long touchIndex(int db, long hash) {
        Table table = shards[shardOf(hash)].tableIfAny(db);
        return table == null ? 0 : table.index.touch(hash);
    }

    /// Makes room in the index for keys that are about to be loaded, if the database is empty: all at once costs less
    /// than a little each time there is none left.
    public void expect(int db, long keys) {
        for (Shard shard : shards) {
            shard.lock.lock();
            try {
                shard.table(db).index.expect(keys / SHARDS);
            } finally {
                shard.lock.unlock();
            }
        }
    }

    /// Brings the record of a hash near the processor; for after [#touchIndex].
    public long touchRecord(int db, long hash) {
        Table table = shards[shardOf(hash)].tableIfAny(db);
        return table == null ? 0 : table.index.touchBlock(hash);
    }

    /// Removes keys whose time has come, and some of those for which there is no room any more. To be called every
    /// few milliseconds, by one thread.
    public void advance(long nowMs) {
        expiry.advance(nowMs);
        eviction.relieve(nowMs, random);
    }

    /// Frees some of what has been dropped: a few milliseconds' worth. To be called every few milliseconds, by
    /// someone who holds no lock.
    ///
    /// @return whether there is more
    public boolean collect() {
        boolean more = garbage.collect();
        for (Shard shard : shards) {
            if (shard.slab.hasFreedElsewhere()) {
                shard.lock.lock();
                try {
                    shard.slab.reclaim();
                } finally {
                    shard.lock.unlock();
                }
            }
        }
        return more;
    }

    /// Frees all that has been dropped, down to the last byte, for commands that answer when it is done. The caller
    /// holds no lock.
    public void collectAll() {
        boolean more = true;
        while (more) {
            more = collect();
        }
    }

    /// Begins a snapshot: of all keys as they are now. There is one at a time.
    ///
    /// @param nowMs from which the use of keys counts back
    /// @param atTheCut is run while everything stands still
    public Snapshot cut(Snapshot.Receiver receiver, long nowMs, Runnable atTheCut) {
        return Snapshot.begin(this, receiver, nowMs, atTheCut);
    }

    /// Moves some records together, where many were deleted, so that the process shrinks. To be called every few
    /// milliseconds, by one thread.
    ///
    /// @return whether it did any of it
    public boolean compact() {
        return compaction.advance();
    }

    /// Records that were moved since the beginning.
    public long compacted() {
        return compaction.moved();
    }

    /// Gives all memory back, which takes its time. Nobody may use the keyspace any more.
    @Override
    public void close() {
        for (int i = 0; i < SHARDS; i++) {
            for (int db = 0; db < databases; db++) {
                shards[i].drop(db);
            }
        }
        readers.clear();
        boolean more = true;
        while (more) {
            more = collect();
        }
        for (Shard shard : shards) {
            shard.slab.close();
        }
    }

    /// Bytes that keys and values take, with all that serves to find and to expire them.
    public long usedBytes() {
        return usage.bytes();
    }

    /// The same to the byte, for people: each shard is locked in turn.
    public long exactUsedBytes() {
        return sum(shard -> shard.slab.usedBytes());
    }

    /// Bytes of [#usedBytes] in blocks too large for a page.
    public long outsideBytes() {
        return sum(shard -> shard.slab.outsideBytes());
    }

    /// Bytes of the index that finds the keys of a database.
    public long indexBytes(int db) {
        return sum(shard -> {
            Table table = shard.tableIfAny(db);
            return table == null ? 0 : table.index.usedBytes();
        });
    }

    /// Bytes of the timing wheels that end the keys of a database, and fields of its hashes.
    public long wheelBytes(int db) {
        return sum(shard -> {
            Table table = shard.tableIfAny(db);
            return table == null ? 0 : table.wheel.usedBytes() + table.fieldWheel.usedBytes();
        });
    }

    private long sum(ToLongFunction<Shard> figure) {
        long sum = 0;
        for (Shard shard : shards) {
            shard.lock.lock();
            try {
                sum += figure.applyAsLong(shard);
            } finally {
                shard.lock.unlock();
            }
        }
        return sum;
    }

    /// Changes since the beginning.
    public long changes() {
        return changes.sum();
    }

    /// What the store has counted since the beginning, or since [#resetCounts].
    public Counts counts() {
        long hits = 0;
        long misses = 0;
        long expired = 0;
        long evicted = 0;
        long expiredFields = 0;
        for (Shard shard : shards) {
            shard.lock.lock();
            hits += shard.hits;
            misses += shard.misses;
            expired += shard.expired;
            evicted += shard.evicted;
            expiredFields += shard.expiredFields;
            shard.lock.unlock();
        }
        return new Counts(hits, misses, expired, expiredFields, evicted, garbage.pending(), garbage.freed());
    }

    public void resetCounts() {
        for (Shard shard : shards) {
            shard.lock.lock();
            shard.hits = shard.misses = shard.expired = shard.expiredFields = shard.evicted = 0;
            shard.lock.unlock();
        }
        garbage.resetFreed();
        expiry.resetLateness();
    }

    /// How late keys were removed after their deadline, in milliseconds, at a quantile between 0 and 1.
    public int expiryLatenessMs(double quantile) {
        return expiry.latenessMs(quantile);
    }

    /// @param pendingFrees values dropped and not freed yet
    /// @param frees values freed in the background
    public record Counts(
            long hits, long misses, long expired, long expiredFields, long evicted, long pendingFrees, long frees) {}

    Shard shard(int number) {
        return shards[number];
    }

    long seed() {
        return seed;
    }

    Garbage garbage() {
        return garbage;
    }

    Expiry expiry() {
        return expiry;
    }

    Eviction eviction() {
        return eviction;
    }

    void changed(long count) {
        changes.add(count);
    }
}
