package io.nuthatch.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DurationsTest {
    @Test
    void percentilesAreWithinThreePercentOfTheTruth() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Durations durations = new Durations();
        long[] all = new long[10_000];
        for (int i = 0; i < all.length; i++) {
            all[i] = (long) Math.exp(random.nextDouble() * Math.log(1e10));
            durations.add(all[i]);
        }
        Arrays.sort(all);
        for (double percent : new double[] {0, 1, 50, 99, 99.9, 100}) {
            long truth = all[Math.max(0, (int) Math.ceil(all.length * percent / 100) - 1)];
            assertThat(durations.percentileNanos(percent))
                    .as("percent=%s, seed=%d", percent, seed)
                    .isBetween(truth, truth + truth / 32 + 1);
        }
    }

    @Test
    void countsUpToPowersOfTwoAreExact() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Durations durations = new Durations();
        long[] all = random.longs(10_000, 0, 1L << 33).toArray();
        Arrays.stream(all).forEach(durations::add);
        for (int bits = 0; bits < 34; bits++) {
            long end = 1L << bits;
            assertThat(durations.countUpTo(end - 1))
                    .as("end=%d, seed=%d", end, seed)
                    .isEqualTo(Arrays.stream(all).filter(each -> each < end).count());
        }
    }

    @Test
    void whatIsTooLongOrLessThanNothingIsCountedAtTheEnds() {
        Durations durations = new Durations();
        durations.add(Long.MAX_VALUE);
        durations.add(-1);
        assertThat(durations.count()).isEqualTo(2);
        assertThat(durations.percentileNanos(100)).isEqualTo(Durations.LONGEST_NANOS);
        assertThat(durations.percentileNanos(0)).isZero();
        assertThat(durations.countUpTo(Long.MAX_VALUE)).isEqualTo(2);
    }

    @Test
    void durationsOfSeveralWorkersAddUp() {
        Durations one = new Durations();
        Durations other = new Durations();
        one.add(10);
        other.add(20);
        other.add(30);
        one.add(other);
        assertThat(one.count()).isEqualTo(3);
        assertThat(one.percentileNanos(50)).isEqualTo(20);
    }

    @Test
    void nothingTakesNoTime() {
        assertThat(new Durations().percentileNanos(99)).isZero();
    }
}
