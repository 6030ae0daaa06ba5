package io.nuthatch.cache;

import java.util.List;

/// What has happened in a cache since it was built.
///
/// @param hits reads answered from a tier, fresh values and known absences alike
/// @param misses reads that no tier could answer
/// @param staleHits reads answered with a stale value because the source failed or was slow
/// @param loads loads that ended with an answer of the source
/// @param loadFailures loads that ended with an exception
/// @param loadNs nanoseconds spent in loads of either end
/// @param refreshes loads started by refresh-ahead
/// @param overtaken loads whose result was not kept, because the key was written or invalidated meanwhile
/// @param puts values written
/// @param removals keys removed
/// @param evictions entries that memory dropped to stay within its bounds
/// @param expirations entries that left memory because their time was over
/// @param undecodable entries of lower tiers that could not be read
/// @param oversized values too large for a lower tier
/// @param upMs milliseconds since the cache was built
/// @param tiers the same for each tier, in the order they are read
/// @param backlog what the writer still has to do
public record CacheStats(
        long hits,
        long misses,
        long staleHits,
        long loads,
        long loadFailures,
        long loadNs,
        long refreshes,
        long overtaken,
        long puts,
        long removals,
        long evictions,
        long expirations,
        long undecodable,
        long oversized,
        long upMs,
        List<TierStats> tiers,
        Writer.Backlog backlog) {

    /// What has happened in one tier.
    ///
    /// @param name the tier's name
    /// @param hits reads it answered
    /// @param misses reads it was asked for and could not answer
    /// @param failures calls that failed or took too long
    /// @param skipped calls not made because its breaker was open
    /// @param writes entries written to it
    /// @param entries how many it holds; -1 when it cannot tell
    /// @param bytes how much they take; -1 when it cannot tell
    /// @param rawBytes bytes of values before compression
    /// @param packedBytes bytes of values after compression
    public record TierStats(
            String name,
            long hits,
            long misses,
            long failures,
            long skipped,
            long writes,
            long entries,
            long bytes,
            long rawBytes,
            long packedBytes) {
        /// Which part of the reads it answered, 0 to 1.
        public double hitRatio() {
            return part(hits, hits + misses);
        }

        /// How many times smaller compression made the values; 1 is not at all.
        public double compressionRatio() {
            return packedBytes == 0 ? 1 : (double) rawBytes / packedBytes;
        }
    }

    /// All reads.
    public long reads() {
        return hits + misses;
    }

    /// Which part of the reads a tier answered, 0 to 1.
    public double hitRatio() {
        return part(hits, reads());
    }

    /// Reads, writes and removals in a second, since the cache was built.
    public double opsPerSecond() {
        return upMs == 0 ? 0 : 1000.0 * (reads() + puts + removals) / upMs;
    }

    /// How long a load took, in milliseconds.
    public double averageLoadMs() {
        return part(loadNs, loads + loadFailures) / 1e6;
    }

    /// The figures of one tier.
    public TierStats tier(String name) {
        for (TierStats tier : tiers) {
            if (tier.name().equals(name)) {
                return tier;
            }
        }
        throw new IllegalArgumentException("no such tier: " + name);
    }

    private static double part(long part, long whole) {
        return whole == 0 ? 0 : (double) part / whole;
    }
}
