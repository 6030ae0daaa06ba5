package io.nuthatch.cache.micrometer;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.cache.CacheMeterBinder;
import io.nuthatch.cache.Cache;
import io.nuthatch.cache.CacheHealth;
import io.nuthatch.cache.CacheStats;
import io.nuthatch.cache.CacheStats.TierStats;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/// Binds the figures of a cache to a registry: under the names that Micrometer gives to every cache, and the same
/// and more for each tier, with a tag `tier`.
///
/// | meter | what |
/// |---|---|
/// | `cache.gets{result=hit\|miss}`, `cache.puts`, `cache.evictions`, `cache.size` | as of every cache; size is
/// memory's |
/// | `cache.load`, `cache.load.duration`, `cache.stale` | loads by `result`, the time they took, reads served stale |
/// | `cache.tier.gets{tier, result}`, `cache.tier.failures`, `cache.tier.skipped`, `cache.tier.puts` | each tier |
/// | `cache.tier.size`, `cache.tier.bytes`, `cache.tier.up` | each tier; a size is NaN where the tier cannot tell |
/// | `cache.writer.depth`, `cache.writer.lag` | what the writer still has to do |
///
/// The registry holds the cache weakly.
public final class CacheMetrics extends CacheMeterBinder<Cache<?, ?>> {
    private static final String RESULT = "result";

    private final Iterable<Tag> tags;

    /// @param tags of all meters, besides the cache's name
    public CacheMetrics(Cache<?, ?> cache, Iterable<Tag> tags) {
        super(cache, cache.name(), tags);
        this.tags = Tags.concat(tags, "cache", cache.name());
    }

    /// Binds a cache. Returns it.
    public static <C extends Cache<?, ?>> C monitor(MeterRegistry registry, C cache, Iterable<Tag> tags) {
        new CacheMetrics(cache, tags).bindTo(registry);
        return cache;
    }

    @Override
    protected Long size() {
        return read(stats -> stats.tier("memory").entries());
    }

    @Override
    protected long hitCount() {
        return read(CacheStats::hits);
    }

    @Override
    protected Long missCount() {
        return read(CacheStats::misses);
    }

    @Override
    protected Long evictionCount() {
        return read(CacheStats::evictions);
    }

    @Override
    protected long putCount() {
        return read(stats -> stats.tier("memory").writes());
    }

    private long read(java.util.function.ToLongFunction<CacheStats> figure) {
        Cache<?, ?> cache = getCache();
        return cache == null ? 0 : figure.applyAsLong(cache.stats());
    }

    @Override
    protected void bindImplementationSpecificMetrics(MeterRegistry registry) {
        Cache<?, ?> cache = getCache();
        if (cache == null) {
            return;
        }
        counter(registry, cache, "cache.load", Tags.of(RESULT, "success"), CacheStats::loads);
        counter(registry, cache, "cache.load", Tags.of(RESULT, "failure"), CacheStats::loadFailures);
        counter(registry, cache, "cache.stale", Tags.empty(), CacheStats::staleHits);
        TimeGauge.builder(
                        "cache.load.duration",
                        cache,
                        TimeUnit.NANOSECONDS,
                        it -> it.stats().loadNs())
                .tags(tags)
                .description("The time spent in loads")
                .register(registry);
        gauge(
                registry,
                cache,
                "cache.writer.depth",
                Tags.empty(),
                stats -> stats.backlog().depth());
        counter(
                registry,
                cache,
                "cache.writer.refused",
                Tags.empty(),
                stats -> stats.backlog().givenUp());
        TimeGauge.builder(
                        "cache.writer.lag",
                        cache,
                        TimeUnit.MILLISECONDS,
                        it -> it.stats().backlog().lagMs())
                .tags(tags)
                .description("How long the oldest change has waited for the source")
                .register(registry);
        for (String tier : cache.stats().tiers().stream().map(TierStats::name).toList()) {
            bindTier(registry, cache, tier);
        }
    }

    private void bindTier(MeterRegistry registry, Cache<?, ?> cache, String tier) {
        Tags named = Tags.of("tier", tier);
        counter(registry, cache, "cache.tier.gets", named.and(RESULT, "hit"), of(tier, TierStats::hits));
        counter(registry, cache, "cache.tier.gets", named.and(RESULT, "miss"), of(tier, TierStats::misses));
        counter(registry, cache, "cache.tier.failures", named, of(tier, TierStats::failures));
        counter(registry, cache, "cache.tier.skipped", named, of(tier, TierStats::skipped));
        counter(registry, cache, "cache.tier.puts", named, of(tier, TierStats::writes));
        gauge(registry, cache, "cache.tier.size", named, of(tier, figures -> known(figures.entries())));
        gauge(registry, cache, "cache.tier.bytes", named, of(tier, figures -> known(figures.bytes())));
        gauge(registry, cache, "cache.tier.compression.ratio", named, of(tier, TierStats::compressionRatio));
        Gauge.builder("cache.tier.up", cache, it -> isUp(it.health(), tier) ? 1 : 0)
                .tags(named.and(tags))
                .description("1 when the tier answers, 0 when it is left alone")
                .register(registry);
    }

    private static ToDoubleFunction<CacheStats> of(String tier, ToDoubleFunction<TierStats> figure) {
        return stats -> figure.applyAsDouble(stats.tier(tier));
    }

    private static double known(long figure) {
        return figure < 0 ? Double.NaN : figure;
    }

    private static boolean isUp(CacheHealth health, String tier) {
        List<CacheHealth.TierHealth> tiers = health.tiers();
        return tiers.stream().anyMatch(it -> it.name().equals(tier) && it.state() == CacheHealth.State.UP);
    }

    private void counter(
            MeterRegistry registry, Cache<?, ?> cache, String name, Tags more, ToDoubleFunction<CacheStats> figure) {
        FunctionCounter.builder(name, cache, it -> figure.applyAsDouble(it.stats()))
                .tags(more.and(tags))
                .register(registry);
    }

    private void gauge(
            MeterRegistry registry, Cache<?, ?> cache, String name, Tags more, ToDoubleFunction<CacheStats> figure) {
        Gauge.builder(name, cache, it -> figure.applyAsDouble(it.stats()))
                .tags(more.and(tags))
                .register(registry);
    }
}
