package io.nuthatch.cache;

import java.util.List;

/// Whether the tiers of a cache are well, and what it writes to. A cache with a tier that is down works, with less
/// help.
///
/// @param tiers in the order they are read
/// @param writer why changes do not reach the source at this time; empty when they do, or when there is no writer
public record CacheHealth(List<TierHealth> tiers, String writer) {
    /// How a tier is.
    public enum State {
        /// It answers.
        UP,
        /// It failed too often and is left alone for a while.
        DOWN,
        /// It was left alone; one call tries whether it answers again.
        TRYING
    }

    /// The health of one tier.
    ///
    /// @param name the tier's name
    /// @param state how it is
    /// @param detail the last failure, or what is to be known; empty when all is well
    public record TierHealth(String name, State state, String detail) {}

    /// Whether every tier answers, and changes reach the source.
    public boolean isUp() {
        return writer.isEmpty() && tiers.stream().allMatch(tier -> tier.state() == State.UP);
    }
}
