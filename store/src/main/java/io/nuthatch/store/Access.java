package io.nuthatch.store;

import java.util.random.RandomGenerator;

/// The 24 bits in a record that say when or how often its key was used, as Redis keeps them:
///
/// ```
///   LRU   [ seconds, modulo 2^24 (194 days)          ]
///   LFU   [ minutes, modulo 2^16 (45 days) | count 8 ]
/// ```
///
/// The LFU count is logarithmic (Morris): the more there is, the rarer it grows; and it loses one for every
/// `decayMinutes` without a use.
///
/// Source: Redis's `evict.c` for the arithmetic and its constants.
final class Access {
    /// What a new key starts with, so that it is not the first to go.
    static final int FIRST_COUNT = 5;

    private static final int MAX_COUNT = 255;

    private Access() {}

    static int seconds(long nowMs) {
        return (int) (nowMs / 1000) & 0xFFFFFF;
    }

    static int idleSeconds(int access, long nowMs) {
        return seconds(nowMs) - access & 0xFFFFFF;
    }

    private static int minutes(long nowMs) {
        return (int) (nowMs / 60_000) & 0xFFFF;
    }

    static int counted(int count, long nowMs) {
        return minutes(nowMs) << 8 | count;
    }

    /// The count after decay.
    static int count(int access, long nowMs, int decayMinutes) {
        int count = access & 0xFF;
        if (decayMinutes == 0) {
            return count;
        }
        int elapsed = minutes(nowMs) - (access >>> 8) & 0xFFFF;
        return Math.max(0, count - elapsed / decayMinutes);
    }

    /// The count after one more use.
    static int incremented(int count, int logFactor, RandomGenerator random) {
        if (count == MAX_COUNT) {
            return count;
        }
        double chance = 1.0 / ((double) Math.max(0, count - FIRST_COUNT) * logFactor + 1);
        return random.nextDouble() < chance ? count + 1 : count;
    }
}
