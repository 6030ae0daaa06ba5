package io.nuthatch.cache;

import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/// Each wrong option is refused by its name, with a remedy.
class ConfigurationTest {
    private static void refused(String message, UnaryOperator<CacheBuilder<String, String>> options) {
        assertThatThrownBy(() -> options.apply(Cache.builder("c")).build())
                .isInstanceOf(ConfigurationException.class)
                .hasMessage(message);
    }

    private static UnaryOperator<CacheBuilder<String, String>> policy(UnaryOperator<Policy> change) {
        return builder -> builder.policy(change.apply(Policy.ofTtl(ofMinutes(1))));
    }

    @Test
    void durationsArePositive() {
        refused(
                "ttl: must be a millisecond or more, was PT0S; write .ttl(Duration.ofMinutes(5))",
                builder -> builder.ttl(Duration.ZERO));
        refused(
                "idle: must be a millisecond or more, was PT-1S; write .idle(Duration.ofMinutes(1)), or leave it out",
                policy(policy -> policy.idle(ofSeconds(-1))));
        refused(
                "negativeTtl: must not be negative, was PT-1S; write Duration.ZERO for none",
                policy(policy -> policy.negativeTtl(ofSeconds(-1))));
    }

    @Test
    void fractionsAreFractions() {
        refused(
                "jitter: must lie between 0 and 1.0, was 1.5; 0.1 cuts up to a tenth off the ttl",
                policy(policy -> policy.jitter(1.5)));
        refused(
                "refreshAhead: must lie between 0 and 0.99, was NaN; 0.8 reloads after four fifths of the ttl",
                policy(policy -> policy.refreshAhead(Double.NaN)));
    }

    @Test
    void timeoutsFitTogether() {
        refused(
                "softTimeout: needs something stale to answer with, and staleFor is zero;"
                        + " write .staleFor(Duration.ofHours(1)) too, or use hardTimeout",
                policy(policy -> policy.softTimeout(ofSeconds(1))));
        refused(
                "softTimeout: must be shorter than hardTimeout, was PT2S and PT1S; shorten it",
                policy(policy ->
                        policy.staleFor(ofMinutes(1)).softTimeout(ofSeconds(2)).hardTimeout(ofSeconds(1))));
    }

    @Test
    void tiersAreKnownAndTheirTtlsWithinTheTtl() {
        refused(
                "tierTtl: there is no tier redsi; name a tier of this cache",
                policy(policy -> policy.tierTtl("redsi", ofSeconds(1))));
        refused(
                "tierTtl: tier memory may serve for PT2M, and nothing is fresh longer than the ttl of PT1M;"
                        + " raise ttl, or leave the tier's out",
                policy(policy -> policy.tierTtl("memory", ofMinutes(2))));
        refused(
                "tier: two tiers have the name x; name each differently",
                builder -> builder.values(String.class).tier(new FakeTier("x")).tier(new FakeTier("x")));
    }

    @Test
    void lowerTiersNeedACodec() {
        refused(
                "values: the tiers below memory hold bytes, and nothing says how to make bytes of the values;"
                        + " write .values(User.class), or .values(codec)",
                builder -> builder.tier(new FakeTier("x")));
    }

    @Test
    void sizesArePositive() {
        refused("memory: must be 1 entry or more, was 0; write .memory(10_000)", builder -> builder.memory(0));
        refused(
                "maxValueBytes: must be 1 or more, was -1; write .maxValueBytes(8 << 20)",
                builder -> builder.maxValueBytes(-1));
    }

    @Test
    void theNameIsNotBlank() {
        assertThatThrownBy(() -> Cache.builder(" ").build())
                .hasMessage("name: must not be blank; name the cache after what it holds");
    }

    @Test
    void theExceptionNamesTheOption() {
        assertThat(new ConfigurationException("ttl", "is wrong", "mend it").option())
                .isEqualTo("ttl");
    }

    @Test
    void durationsBeyondAllMeasureAreForEver() {
        try (Cache<String, String> cache = Cache.<String, String>builder("c")
                .ttl(Duration.ofSeconds(Long.MAX_VALUE))
                .build()) {
            cache.put("a", "b");
            assertThat(cache.get("a")).isEqualTo("b");
        }
    }
}
