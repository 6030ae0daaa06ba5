package io.nuthatch.cache;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// How long entries live and how they are loaded. A cache has one; `cache.with(policy)` is the same cache with
/// another.
///
/// ```
///  created                refresh-ahead            ttl                          ttl + staleFor
///     |------- fresh ---------|---- fresh, reloaded --|---- stale: only when the ----|  gone
///     |                       |     in the background |     source fails or is slow  |
/// ```
///
/// @param ttl how long a value is fresh
/// @param tierTtls for how much of it a tier may serve, by the tier's name: `memory`, `redis`, `disk`
/// @param idle how long an entry stays in memory without being read; null is for ever
/// @param jitter which part of the ttl may be cut off by chance, 0 to 1, so that what was loaded together does not
///     expire together
/// @param negativeTtl how long it is remembered that the source has no value; zero is not at all
/// @param refreshAhead after which part of the ttl a read reloads in the background, 0 to 1; zero is never
/// @param staleFor how long after its ttl a value may still be served when the source fails or is slow
/// @param retryAfter how long the source is left alone after a failed load, while there is something stale to
///     serve
/// @param softTimeout how long a read waits for a load when there is something stale to serve
/// @param hardTimeout how long a read waits for a load at most; the load runs on and its result is kept
/// @param tags names under which the entry can be invalidated together with others
public record Policy(
        Duration ttl,
        Map<String, Duration> tierTtls,
        @Nullable Duration idle,
        double jitter,
        Duration negativeTtl,
        double refreshAhead,
        Duration staleFor,
        Duration retryAfter,
        @Nullable Duration softTimeout,
        @Nullable Duration hardTimeout,
        Set<String> tags) {
    /// Longer than this is for ever; it keeps sums of milliseconds from overflowing.
    static final Duration FOREVER = Duration.ofDays(365 * 1000L);

    private static final Duration NEGATIVE_TTL = Duration.ofMinutes(1);
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    /// Refuses what makes no sense.
    public Policy {
        ttl = positive("ttl", ttl, ".ttl(Duration.ofMinutes(5))");
        tierTtls = Map.copyOf(tierTtls);
        tierTtls.forEach(
                (tier, limit) -> positive("tierTtl", limit, ".tierTtl(\"" + tier + "\", Duration.ofSeconds(30))"));
        idle = idle == null ? null : positive("idle", idle, ".idle(Duration.ofMinutes(1)), or leave it out");
        fraction("jitter", jitter, 1, "0.1 cuts up to a tenth off the ttl");
        negativeTtl = notNegative("negativeTtl", negativeTtl);
        fraction("refreshAhead", refreshAhead, 0.99, "0.8 reloads after four fifths of the ttl");
        staleFor = notNegative("staleFor", staleFor);
        retryAfter = notNegative("retryAfter", retryAfter);
        softTimeout = softTimeout == null
                ? null
                : positive("softTimeout", softTimeout, ".softTimeout(Duration.ofMillis(100)), or leave it out");
        hardTimeout = hardTimeout == null
                ? null
                : positive("hardTimeout", hardTimeout, ".hardTimeout(Duration.ofSeconds(2)), or leave it out");
        tags = Set.copyOf(tags);
    }

    /// Fresh for a time, and all else as plain as can be.
    public static Policy ofTtl(Duration ttl) {
        return new Policy(
                ttl,
                Map.of(),
                null,
                0,
                ttl.compareTo(NEGATIVE_TTL) < 0 ? ttl : NEGATIVE_TTL,
                0,
                Duration.ZERO,
                RETRY_AFTER,
                null,
                null,
                Set.of());
    }

    /// Fresh until it is replaced or removed.
    public static Policy forever() {
        return ofTtl(FOREVER);
    }

    /// The same with another ttl.
    public Policy ttl(Duration ttl) {
        return with(draft -> draft.ttl = ttl);
    }

    /// The same, with a limit to how long one tier serves a value before it asks the tiers below.
    public Policy tierTtl(String tier, Duration limit) {
        Map<String, Duration> limits = new HashMap<>(tierTtls);
        limits.put(tier, limit);
        return with(draft -> draft.tierTtls = limits);
    }

    /// The same with another idle time.
    public Policy idle(@Nullable Duration idle) {
        return with(draft -> draft.idle = idle);
    }

    /// The same with another jitter.
    public Policy jitter(double jitter) {
        return with(draft -> draft.jitter = jitter);
    }

    /// The same with another ttl of absence.
    public Policy negativeTtl(Duration negativeTtl) {
        return with(draft -> draft.negativeTtl = negativeTtl);
    }

    /// The same with another fraction of the ttl after which a read reloads.
    public Policy refreshAhead(double refreshAhead) {
        return with(draft -> draft.refreshAhead = refreshAhead);
    }

    /// The same with another time to serve what is stale.
    public Policy staleFor(Duration staleFor) {
        return with(draft -> draft.staleFor = staleFor);
    }

    /// The same with another pause after a failed load.
    public Policy retryAfter(Duration retryAfter) {
        return with(draft -> draft.retryAfter = retryAfter);
    }

    /// The same with another soft timeout.
    public Policy softTimeout(@Nullable Duration softTimeout) {
        return with(draft -> draft.softTimeout = softTimeout);
    }

    /// The same with another hard timeout.
    public Policy hardTimeout(@Nullable Duration hardTimeout) {
        return with(draft -> draft.hardTimeout = hardTimeout);
    }

    /// The same with other tags.
    public Policy tags(String... tags) {
        return with(draft -> draft.tags = Set.of(tags));
    }

    /// For how long one tier may serve a value of the given age limit.
    long tierTtlMs(String tier, long ttlMs) {
        Duration limit = tierTtls.get(tier);
        return limit == null || limit.compareTo(FOREVER) > 0 ? ttlMs : Math.min(ttlMs, limit.toMillis());
    }

    boolean hasTimeouts() {
        return softTimeout != null || hardTimeout != null;
    }

    /// This policy, if its parts agree with each other.
    Policy consistent() {
        if (softTimeout != null && staleFor.isZero()) {
            throw new ConfigurationException(
                    "softTimeout",
                    "needs something stale to answer with, and staleFor is zero",
                    "write .staleFor(Duration.ofHours(1)) too, or use hardTimeout");
        }
        if (softTimeout != null && hardTimeout != null && softTimeout.compareTo(hardTimeout) >= 0) {
            throw new ConfigurationException(
                    "softTimeout",
                    "must be shorter than hardTimeout, was " + softTimeout + " and " + hardTimeout,
                    "shorten it");
        }
        return this;
    }

    private static Duration positive(String option, Duration value, String example) {
        if (value.compareTo(Duration.ofMillis(1)) < 0) {
            throw new ConfigurationException(option, "must be a millisecond or more, was " + value, "write " + example);
        }
        return value.compareTo(FOREVER) > 0 ? FOREVER : value;
    }

    private static Duration notNegative(String option, Duration value) {
        if (value.isNegative()) {
            throw new ConfigurationException(
                    option, "must not be negative, was " + value, "write Duration.ZERO for none");
        }
        return value.compareTo(FOREVER) > 0 ? FOREVER : value;
    }

    private static void fraction(String option, double value, double max, String example) {
        if (!(value >= 0 && value <= max)) {
            throw new ConfigurationException(option, "must lie between 0 and " + max + ", was " + value, example);
        }
    }

    private Policy with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.done();
    }

    /// All of it, about to be changed in one thing.
    private static final class Draft {
        Duration ttl;
        Map<String, Duration> tierTtls;

        @Nullable
        Duration idle;

        double jitter;
        Duration negativeTtl;
        double refreshAhead;
        Duration staleFor;
        Duration retryAfter;

        @Nullable
        Duration softTimeout;

        @Nullable
        Duration hardTimeout;

        Set<String> tags;

        Draft(Policy from) {
            ttl = from.ttl;
            tierTtls = from.tierTtls;
            idle = from.idle;
            jitter = from.jitter;
            negativeTtl = from.negativeTtl;
            refreshAhead = from.refreshAhead;
            staleFor = from.staleFor;
            retryAfter = from.retryAfter;
            softTimeout = from.softTimeout;
            hardTimeout = from.hardTimeout;
            tags = from.tags;
        }

        Policy done() {
            return new Policy(
                    ttl,
                    tierTtls,
                    idle,
                    jitter,
                    negativeTtl,
                    refreshAhead,
                    staleFor,
                    retryAfter,
                    softTimeout,
                    hardTimeout,
                    tags);
        }
    }
}
