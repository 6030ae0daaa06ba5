package io.nuthatch.bench;

/// A stream of random numbers: SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators",
/// 2014), some 2 ns a number. The same seed gives the same stream, so that both servers get the same keys.
///
/// Thread: its owner's.
final class RandomNumbers {
    private long state;

    RandomNumbers(long seed) {
        state = seed;
    }

    /// A number from 0 up to, not including, `range`; its bias is below `range` / 2^64.
    long below(long range) {
        state += 0x9E3779B97F4A7C15L;
        long mixed = (state ^ (state >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return Math.unsignedMultiplyHigh(mixed ^ (mixed >>> 31), range);
    }
}
