package io.nuthatch.store;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Evicts keys when memory runs short: of a few keys drawn from a random shard, the one that the policy likes
/// least.
///
/// Locks: one shard's at a time. Threads: any; what they make room for together is within a request's size.
final class Eviction {
    /// How far one command may carry the store over its limit: a hundredth of it.
    private static final int SLACK = 100;

    /// Draws that may find nothing to evict before the store counts as having nothing: enough to come past every
    /// shard several times over.
    private static final int MAX_EMPTY_DRAWS = 1024;

    private final Keyspace keyspace;

    Eviction(Keyspace keyspace) {
        this.keyspace = keyspace;
    }

    boolean makeRoom(long bytes, long nowMs, RandomGenerator random) {
        long limit = keyspace.settings().maxMemoryBytes;
        int emptyDraws = 0;
        while (!fits(bytes, limit)) {
            EvictionPolicy policy = keyspace.settings().policy;
            if (policy == EvictionPolicy.NOEVICTION || emptyDraws == MAX_EMPTY_DRAWS) {
                return false;
            }
            if (!evictOne(policy, nowMs, random)) {
                emptyDraws++;
            }
            // A large victim is freed before another key is taken in its stead.
            keyspace.garbage().collect();
        }
        return true;
    }

    private boolean fits(long bytes, long limit) {
        long used = keyspace.usedBytes();
        return limit == 0 || used <= limit && used + bytes <= limit + limit / SLACK;
    }

    private boolean evictOne(EvictionPolicy policy, long nowMs, RandomGenerator random) {
        Shard shard = keyspace.shard(random.nextInt(Keyspace.SHARDS));
        shard.lock.lock();
        try {
            Table table = anyTable(shard, random);
            long victim = table == null ? 0 : victim(table, policy, nowMs, random);
            if (table == null || victim == 0) {
                return false;
            }
            table.delete(table.hash(victim), victim);
            shard.evicted++;
            return true;
        } finally {
            shard.lock.unlock();
        }
    }

    /// A database's part of the shard that has keys, starting with one at random.
    private @Nullable Table anyTable(Shard shard, RandomGenerator random) {
        int first = random.nextInt(keyspace.databases());
        for (int i = 0; i < keyspace.databases(); i++) {
            Table table = shard.tableIfAny((first + i) % keyspace.databases());
            if (table != null && table.size() > 0) {
                return table;
            }
        }
        return null;
    }

    private long victim(Table table, EvictionPolicy policy, long nowMs, RandomGenerator random) {
        long worst = 0;
        long worstScore = Long.MIN_VALUE;
        for (int i = 0; i < keyspace.settings().samples; i++) {
            long at = table.index.random(random);
            if (at == 0 || policy.volatileOnly() && !Record.hasDeadline(at)) {
                continue;
            }
            long score = score(at, policy, nowMs);
            if (score > worstScore) {
                worst = at;
                worstScore = score;
            }
        }
        return worst;
    }

    /// The higher, the sooner it goes.
    private long score(long at, EvictionPolicy policy, long nowMs) {
        return switch (policy.order()) {
            case IDLE -> Access.idleSeconds(Record.access(at), nowMs);
            case FREQUENCY -> -Access.count(Record.access(at), nowMs, keyspace.settings().lfuDecayMinutes);
            case DEADLINE -> -Record.deadlineMs(at);
            case RANDOM, NONE -> 0;
        };
    }
}
