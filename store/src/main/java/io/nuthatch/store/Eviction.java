package io.nuthatch.store;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Keeps the store under `maxmemory`.
///
/// ## Which key goes
/// To evict a key, a few are drawn from a random shard and offered to its [Candidates]; then the candidate that
/// scores highest in *all* shards goes. So the choice is as good as if there were one pool of a thousand, and no
/// lock but one shard's is ever held. A key that was used after it had been drawn has another score and is passed
/// over.
///
/// The `volatile` policies draw from the [TimingWheel], which has only keys with a deadline; `volatile-ttl` draws
/// what comes round next.
///
/// ## How far the limit holds
/// What a command is about to add is not in `used_memory` yet, and several commands run at once. So each is
/// *promised* the bytes of its request, until it ends, and promises count as used. Requests that are a small part
/// of the limit are let in without: as many of them as there may be threads stay within half a percent.
///
/// ```
///   0 ──────────── used + promised ──────────► limit ── 0.5% ──► ceiling ── 0.5% ──► never
///                                                    promises     small requests, records, indexes
/// ```
/// A command that makes much more than it brings (SETRANGE far behind the end, COPY) is not foreseen: the next one
/// makes up for it.
///
/// Locks: one shard's at a time, for a few microseconds; its own monitor while a promise is made. Threads: any.
final class Eviction {
    static final long REFUSED = -1;

    private static final int SLACK_SHARE = 200;

    /// Requests of less than this share of the limit need no promise: 256 threads' are less than half a percent.
    private static final int SMALL_SHARE = 1 << 16;

    /// Keys that are looked at to find one with a deadline when the wheel shows none: those that expire in
    /// thousands of years are not in it.
    private static final int FAR_DRAWS = 64;

    /// Draws from the wheel beyond the sample that may come upon stale entries.
    private static final int STALE_DRAWS = 16;

    /// Keys that [#relieve] evicts at once: well under a millisecond.
    private static final int RELIEF_KEYS = 256;

    private final Keyspace keyspace;
    private final AtomicLong promised = new AtomicLong();

    /// The highest score among each shard's candidates, so that they can be compared without their locks.
    private final AtomicLongArray best = new AtomicLongArray(Keyspace.SHARDS);

    Eviction(Keyspace keyspace) {
        this.keyspace = keyspace;
        for (int i = 0; i < Keyspace.SHARDS; i++) {
            best.set(i, Candidates.NONE);
        }
    }

    // --------------------------------------------------------------------------------------- making room

    /// Evicts keys until a request of `bytes` fits. No shard's lock may be held.
    ///
    /// @return the bytes that were promised, for [#release]; or REFUSED
    long makeRoom(long bytes, long nowMs, RandomGenerator random) {
        long limit = keyspace.settings().maxMemoryBytes;
        long wanted = bytes <= limit / SMALL_SHARE ? 0 : bytes;
        if (limit == 0 || wanted == 0 && usedOrPromised() <= limit) {
            return 0;
        }
        EvictionPolicy policy = keyspace.settings().policy;
        long patience = patience(keyspace.settings().tenacity);
        long ceiling = limit + limit / SLACK_SHARE;
        for (long steps = 0; ; steps++) {
            long mostBefore = steps < patience ? limit : ceiling;
            if (promise(wanted, mostBefore, ceiling)) {
                return wanted;
            }
            // A request that could never fit does not empty the store.
            boolean hopeless = wanted > ceiling && usedOrPromised() <= limit;
            if (hopeless || !freeGarbage() && !evictOne(policy, nowMs, random)) {
                return REFUSED;
            }
        }
    }

    /// Frees a slice of what was dropped: no key is evicted in its stead.
    private boolean freeGarbage() {
        return keyspace.garbage().collectSlice();
    }

    /// How many keys one command evicts, or slices of garbage frees, before it is content with the ceiling. As in
    /// Redis, where it is the microseconds that a command may take for it; a key takes about one.
    private static long patience(int tenacity) {
        if (tenacity == 100) {
            return Long.MAX_VALUE;
        }
        return tenacity <= 10 ? 50L * tenacity : (long) (500 * Math.pow(1.15, tenacity - 10.0));
    }

    private synchronized boolean promise(long bytes, long mostBefore, long mostAfter) {
        long before = usedOrPromised();
        if (before > mostBefore || before + bytes > mostAfter) {
            return false;
        }
        promised.addAndGet(bytes);
        return true;
    }

    private long usedOrPromised() {
        // In this order: a promise that is kept in between is counted twice, and not missed.
        long promises = promised.get();
        return promises + keyspace.usedBytes();
    }

    /// Takes a promise back: what was to be written has been.
    void release(long bytes) {
        promised.addAndGet(-bytes);
    }

    /// Evicts some keys if there are too many, as after `maxmemory` was lowered.
    void relieve(long nowMs, RandomGenerator random) {
        EvictionPolicy policy = keyspace.settings().policy;
        long limit = keyspace.settings().maxMemoryBytes;
        boolean some = limit != 0;
        for (int evicted = 0; some && evicted < RELIEF_KEYS && keyspace.usedBytes() > limit; evicted++) {
            some = evictOne(policy, nowMs, random);
        }
    }

    // --------------------------------------------------------------------------------------- choosing

    /// @return whether there was a key to evict
    private boolean evictOne(EvictionPolicy policy, long nowMs, RandomGenerator random) {
        if (policy == EvictionPolicy.NOEVICTION) {
            return false;
        }
        int first = random.nextInt(Keyspace.SHARDS);
        draw(keyspace.shard(first), policy, nowMs, random);
        // Twice round at most: each turn takes a candidate out, or goes on to the next shard for more.
        for (int i = 1; i <= 2 * Keyspace.SHARDS; ) {
            int shard = bestShard(first);
            if (shard < 0) {
                draw(keyspace.shard((first + i++) % Keyspace.SHARDS), policy, nowMs, random);
            } else if (evictBest(keyspace.shard(shard), policy, nowMs)) {
                return true;
            }
        }
        return false;
    }

    /// The shard with the best candidate, or -1 if none has any. Many are equally good where the clock of an LRU
    /// policy, which ticks once a second, is slow for the traffic: then it is the first of them, from a random one on.
    private int bestShard(int first) {
        int shard = -1;
        long score = Candidates.NONE;
        for (int i = first; i < first + Keyspace.SHARDS; i++) {
            long its = best.getPlain(i % Keyspace.SHARDS);
            if (its > score) {
                shard = i % Keyspace.SHARDS;
                score = its;
            }
        }
        return shard;
    }

    /// Evicts the shard's best candidate, or forgets it if it is none any more.
    private boolean evictBest(Shard shard, EvictionPolicy policy, long nowMs) {
        shard.lock.lock();
        try {
            Candidates candidates = shard.candidates;
            candidates.follow(policy);
            int place = candidates.best();
            boolean evicted = place >= 0 && evict(shard, candidates, place, policy, nowMs);
            if (place >= 0) {
                candidates.remove(place);
            }
            best.set(shard.number, candidates.bestScore());
            return evicted;
        } finally {
            shard.lock.unlock();
        }
    }

    private boolean evict(Shard shard, Candidates candidates, int place, EvictionPolicy policy, long nowMs) {
        Table table = shard.tableIfAny(candidates.database(place));
        if (table == null) {
            return false;
        }
        long hash = candidates.hash(place);
        long at = table.index.matching(hash, block -> table.hash(block) == hash);
        if (at == 0 || !mayGo(at, policy) || score(at, policy, nowMs) < candidates.score(place)) {
            return false;
        }
        table.logDeletion(at);
        table.tell(at, KeyEvent.EVICTED);
        table.delete(hash, at);
        shard.evicted++;
        return true;
    }

    private static boolean mayGo(long at, EvictionPolicy policy) {
        return !policy.volatileOnly() || Record.hasDeadline(at);
    }

    /// The higher, the sooner it goes. It falls only when the key is used, or its deadline put off.
    private long score(long at, EvictionPolicy policy, long nowMs) {
        return switch (policy.order()) {
            case IDLE -> Access.idleSeconds(Record.access(at), nowMs) - nowMs / 1000;
            case FREQUENCY -> -Access.count(Record.access(at), nowMs, keyspace.settings().lfuDecayMinutes);
            case DEADLINE -> -Record.deadlineMs(at);
            case RANDOM, NONE -> 0;
        };
    }

    // --------------------------------------------------------------------------------------- drawing

    /// Draws some keys of a shard, as many from each database as it has.
    private void draw(Shard shard, EvictionPolicy policy, long nowMs, RandomGenerator random) {
        shard.lock.lock();
        try {
            shard.candidates.follow(policy);
            int db = anyDatabase(shard, policy, random);
            Table table = db < 0 ? null : shard.tableIfAny(db);
            if (table != null) {
                new Draw(shard, table, db, policy, nowMs, random).draw();
            }
            best.set(shard.number, shard.candidates.bestScore());
        } finally {
            shard.lock.unlock();
        }
    }

    /// A database at random, each as likely as it has keys here that may go; -1 if none has.
    private static int anyDatabase(Shard shard, EvictionPolicy policy, RandomGenerator random) {
        long all = 0;
        for (Table table : shard.tables) {
            all += mayGo(table, policy);
        }
        long left = all == 0 ? 0 : random.nextLong(all);
        for (int db = 0; all > 0 && db < shard.tables.length; db++) {
            left -= mayGo(shard.tables[db], policy);
            if (left < 0) {
                return db;
            }
        }
        return -1;
    }

    private static long mayGo(@Nullable Table table, EvictionPolicy policy) {
        return table == null ? 0 : policy.volatileOnly() ? table.withDeadline() : table.size();
    }

    /// One drawing, under the shard's lock.
    private final class Draw {
        private final Candidates candidates;
        private final Table table;
        private final int db;
        private final EvictionPolicy policy;
        private final long nowMs;
        private final RandomGenerator random;
        private final int samples;
        private int offered;

        Draw(Shard shard, Table table, int db, EvictionPolicy policy, long nowMs, RandomGenerator random) {
            this.candidates = shard.candidates;
            this.table = table;
            this.db = db;
            this.policy = policy;
            this.nowMs = nowMs;
            this.random = random;
            this.samples = policy.order() == EvictionPolicy.Order.RANDOM ? 1 : keyspace.settings().samples;
        }

        void draw() {
            if (policy.volatileOnly()) {
                fromWheel();
            }
            if (offered == 0) {
                fromIndex(policy.volatileOnly() ? FAR_DRAWS : samples);
            }
        }

        private void fromIndex(int most) {
            long[] drawn = new long[most];
            int count = table.index.sample(random, drawn, most);
            for (int i = 0; i < count; i++) {
                offer(drawn[i]);
            }
        }

        private void fromWheel() {
            if (policy.order() == EvictionPolicy.Order.DEADLINE) {
                table.wheel.drawNext(samples, random, this::seen, this::take);
            }
            for (int draws = 0; offered < samples && draws < samples + STALE_DRAWS; draws++) {
                table.wheel.draw(random, this::seen, this::take);
            }
        }

        private boolean seen(long hash, int position) {
            long at = table.filedAt(hash, position);
            if (at == 0) {
                return false;
            }
            offer(at);
            return !table.wheel.firesEarly(position, Record.deadlineMs(at));
        }

        private boolean take(long hash, int position) {
            return table.take(hash, position, nowMs);
        }

        private void offer(long at) {
            if (mayGo(at, policy)) {
                candidates.offer(db, table.hash(at), score(at, policy, nowMs));
                offered++;
            }
        }
    }
}
