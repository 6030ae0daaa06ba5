package io.nuthatch.engine;

import static io.nuthatch.engine.Rates.Counter.COMMANDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.junit.jupiter.api.Test;

class RatesTest {
    private static final long PERIOD_NANOS = 100_000_000;

    private final Rates rates = new Rates();

    @Test
    void aSteadyCounterHasItsRate() {
        for (int i = 0; i <= 16; i++) {
            rates.observe(i * PERIOD_NANOS, Map.of(COMMANDS, i * 50L));
        }
        assertThat(rates.perSecond(COMMANDS)).isCloseTo(500, within(0.001));
    }

    @Test
    void aBurstIsForgottenAfterSixteenSamples() {
        rates.observe(0, Map.of(COMMANDS, 0L));
        rates.observe(PERIOD_NANOS, Map.of(COMMANDS, 1600L));
        assertThat(rates.perSecond(COMMANDS)).isCloseTo(1000, within(0.001));
        for (int i = 2; i <= 17; i++) {
            rates.observe(i * PERIOD_NANOS, Map.of(COMMANDS, 1600L));
        }
        assertThat(rates.perSecond(COMMANDS)).isZero();
    }

    @Test
    void looksInBetweenAreIgnored() {
        rates.observe(0, Map.of(COMMANDS, 0L));
        rates.observe(PERIOD_NANOS / 2, Map.of(COMMANDS, 1_000_000L));
        assertThat(rates.perSecond(COMMANDS)).isZero();
        assertThat(rates.isDue(PERIOD_NANOS / 2)).isFalse();
        assertThat(rates.isDue(PERIOD_NANOS)).isTrue();
    }

    @Test
    void whatWasCountedBeforeTheFirstLookIsNoRate() {
        rates.observe(0, Map.of(COMMANDS, 1_000_000L));
        rates.observe(PERIOD_NANOS, Map.of(COMMANDS, 1_000_000L));
        assertThat(rates.perSecond(COMMANDS)).isZero();
    }
}
