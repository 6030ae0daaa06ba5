package io.nuthatch.cache.spring;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.nuthatch.cache.micrometer.CacheMetrics;

/// The meters of all caches, of those to come too.
record CacheMeters(CacheSet set) implements MeterBinder {
    @Override
    public void bindTo(MeterRegistry registry) {
        set.observe(cache -> CacheMetrics.monitor(registry, cache, Tags.empty()));
    }
}
