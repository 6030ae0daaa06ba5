package io.nuthatch.cache.spring;

import io.nuthatch.cache.Cache;
import io.nuthatch.cache.CacheHealth;
import io.nuthatch.cache.CacheHealth.TierHealth;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

/// The health of all caches. One with a tier that is down still works: it is `DEGRADED`, which leaves the health
/// of the whole application as it is.
final class CacheHealthIndicator extends AbstractHealthIndicator {
    private static final Status DEGRADED = new Status("DEGRADED", "a tier of a cache is left alone");

    private final CacheSet set;

    CacheHealthIndicator(CacheSet set) {
        this.set = set;
    }

    @Override
    protected void doHealthCheck(Health.Builder builder) {
        boolean well = true;
        for (Cache<?, ?> cache : set.all()) {
            CacheHealth health = cache.health();
            well &= health.isUp();
            builder.withDetail(cache.name(), tiers(health));
        }
        builder.status(well ? Status.UP : DEGRADED);
    }

    private static Map<String, String> tiers(CacheHealth health) {
        Map<String, String> tiers = new LinkedHashMap<>();
        for (TierHealth tier : health.tiers()) {
            tiers.put(tier.name(), tier.detail().isEmpty() ? "" + tier.state() : tier.state() + ": " + tier.detail());
        }
        return tiers;
    }
}
