package io.nuthatch.cache.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.cache.CacheMeterBinder;
import io.micrometer.core.instrument.binder.cache.CacheMeterBinderCompatibilityKit;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.nuthatch.cache.Cache;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// The standard names, as Micrometer's own kit wants them, and those of each tier.
class CacheMetricsTest {
    @Nested
    class StandardNames extends CacheMeterBinderCompatibilityKit<Cache<String, String>> {
        @Override
        public Cache<String, String> createCache() {
            return Cache.<String, String>builder("mycache").memory(2).build();
        }

        @Override
        public CacheMeterBinder<Cache<String, String>> binder() {
            @SuppressWarnings("unchecked")
            CacheMeterBinder<Cache<String, String>> binder = (CacheMeterBinder<Cache<String, String>>)
                    (CacheMeterBinder<?>) new CacheMetrics(cache, Tags.empty());
            return binder;
        }

        @Override
        public void put(String key, String value) {
            cache.put(key, value);
        }

        @Override
        public String get(String key) {
            return cache.get(key);
        }
    }

    @Test
    void figuresOfTheWholeAndOfEachTier() {
        var registry = new SimpleMeterRegistry();
        try (Cache<String, String> cache = CacheMetrics.monitor(
                registry,
                Cache.<String, String>builder("words").loader(key -> key + "!").build(),
                Tags.of("app", "test"))) {
            cache.get("a");
            cache.get("a");
            Tags tags = Tags.of("cache", "words", "app", "test");
            assertThat(registry.get("cache.load")
                            .tags(tags.and("result", "success"))
                            .functionCounter()
                            .count())
                    .isEqualTo(1);
            assertThat(registry.get("cache.tier.gets")
                            .tags(tags.and("tier", "memory", "result", "hit"))
                            .functionCounter()
                            .count())
                    .isEqualTo(1);
            assertThat(registry.get("cache.tier.up")
                            .tags(tags.and("tier", "memory"))
                            .gauge()
                            .value())
                    .isEqualTo(1);
            assertThat(registry.get("cache.tier.bytes").gauge().value()).isNaN();
            assertThat(registry.get("cache.writer.depth").gauge().value()).isZero();
            assertThat(registry.get("cache.writer.refused").functionCounter().count())
                    .isZero();
            assertThat(registry.get("cache.load.duration").timeGauge().value()).isPositive();
        }
    }
}
