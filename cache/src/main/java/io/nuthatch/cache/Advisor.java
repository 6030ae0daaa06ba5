package io.nuthatch.cache;

import io.nuthatch.cache.CacheHealth.State;
import io.nuthatch.cache.CacheStats.TierStats;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Reads a cache's figures and says what to change. Every rule is one method; a rule that has seen too little says
/// nothing.
final class Advisor {
    /// Fewer reads or loads than this say nothing about a ratio.
    static final long ENOUGH = 1_000;

    private static final double LOW_HIT_RATIO = 0.5;
    private static final double MANY = 0.1;
    private static final double HARDLY_SMALLER = 1.1;
    private static final long LONG_LAG_MS = 60_000;

    private final CacheStats stats;
    private final List<Advice> advice = new ArrayList<>();

    private Advisor(CacheStats stats) {
        this.stats = stats;
    }

    static List<Advice> advise(CacheStats stats, CacheHealth health, Policy policy) {
        Advisor advisor = new Advisor(stats);
        health.tiers().forEach(advisor::illTier);
        advisor.lowHitRatio(policy);
        advisor.failingSource(policy);
        advisor.overtakenLoads();
        advisor.unreadable();
        advisor.oversized();
        stats.tiers().forEach(advisor::idleTier);
        stats.tiers().forEach(advisor::hardlyCompressed);
        advisor.laggingWriter();
        advisor.deadLetters();
        return List.copyOf(advisor.advice);
    }

    private void say(String about, String finding, String remedy) {
        advice.add(new Advice(about, finding, remedy));
    }

    private static String percent(double part) {
        return String.format(Locale.ROOT, "%.0f%%", 100 * part);
    }

    private void illTier(CacheHealth.TierHealth tier) {
        if (tier.state() != State.UP) {
            say(
                    tier.name(),
                    "its breaker is open: " + tier.detail(),
                    "see to the tier; the cache works without it and tries it again by itself");
        } else if (!tier.detail().isEmpty()) {
            say(tier.name(), tier.detail(), "see to the tier if this lasts");
        }
    }

    /// A low ratio has one of three reasons: no room, too short a ttl, or keys that are not asked for twice.
    private void lowHitRatio(Policy policy) {
        if (stats.reads() < ENOUGH || stats.hitRatio() >= LOW_HIT_RATIO) {
            return;
        }
        String ratio = "only " + percent(stats.hitRatio()) + " of the reads are hits";
        if (stats.evictions() > stats.misses() * MANY) {
            say(
                    "memory",
                    ratio + ", and " + stats.evictions() + " entries were dropped for want of room",
                    "raise .memory(), or add a tier below");
        } else if (stats.expirations() > stats.misses() * MANY) {
            say(
                    "ttl",
                    ratio + ", and " + stats.expirations() + " entries reached their ttl of " + policy.ttl(),
                    "make ttl longer, or use refreshAhead so that what is read does not expire");
        } else {
            say(
                    "key",
                    ratio + ", and few entries expire or are dropped",
                    "keys are seldom asked for twice:"
                            + " leave out of the key what the value does not depend on, or do not cache");
        }
    }

    private void failingSource(Policy policy) {
        if (stats.loads() + stats.loadFailures() < ENOUGH / 10) {
            return;
        }
        double failed = (double) stats.loadFailures() / (stats.loads() + stats.loadFailures());
        if (failed > MANY) {
            String finding = percent(failed) + " of the loads failed";
            if (policy.staleFor().isZero()) {
                say("staleFor", finding + " and callers saw it", "write .staleFor() so that old values bridge the gap");
            } else {
                say("loader", finding + "; " + stats.staleHits() + " reads were served stale", "see to the source");
            }
        }
    }

    private void overtakenLoads() {
        if (stats.loads() >= ENOUGH && stats.overtaken() > stats.loads() * MANY) {
            say(
                    "loader",
                    stats.overtaken() + " loads were not kept: their keys changed while they ran",
                    "put the new value instead of removing the key, or make loads shorter");
        }
    }

    private void unreadable() {
        if (stats.undecodable() > 0) {
            say(
                    "values",
                    stats.undecodable() + " entries of lower tiers could not be read",
                    "another program or version writes under the same keys: give the cache a name of its own");
        }
    }

    private void oversized() {
        if (stats.oversized() > 0) {
            say(
                    "maxValueBytes",
                    stats.oversized() + " values were too large for the lower tiers",
                    "cache parts of them, or raise it");
        }
    }

    private void idleTier(TierStats tier) {
        boolean memory = tier.name().equals(MemoryTier.NAME);
        if (!memory && tier.hits() + tier.misses() >= ENOUGH && tier.hitRatio() < MANY / 10) {
            say(
                    tier.name(),
                    "it answers " + percent(tier.hitRatio()) + " of the reads it is asked for",
                    "leave the tier out, or give it a longer tierTtl");
        }
    }

    private void hardlyCompressed(TierStats tier) {
        if (tier.packedBytes() < tier.rawBytes() && tier.compressionRatio() < HARDLY_SMALLER) {
            say(
                    "compression",
                    "values get only " + percent(1 - 1 / tier.compressionRatio()) + " smaller in " + tier.name(),
                    "leave it out, or train a dictionary");
        }
    }

    private void laggingWriter() {
        if (!stats.backlog().failure().isEmpty()) {
            say(
                    "writer",
                    "changes do not reach the source: " + stats.backlog().failure() + "; "
                            + stats.backlog().depth() + " wait, the oldest for "
                            + stats.backlog().lagMs() / 1_000 + " s",
                    "see to the database; they are kept in the journal and tried again");
        } else if (stats.backlog().lagMs() > LONG_LAG_MS) {
            say(
                    "writer",
                    stats.backlog().depth() + " changes wait, the oldest for "
                            + stats.backlog().lagMs() / 1_000 + " s",
                    "see to the database, or let it take larger batches");
        }
    }

    private void deadLetters() {
        if (stats.backlog().givenUp() > 0) {
            say(
                    "writer",
                    stats.backlog().givenUp() + " changes were refused by the source",
                    "look at nuthatch_dead_letters in the database for what and why");
        }
    }
}
