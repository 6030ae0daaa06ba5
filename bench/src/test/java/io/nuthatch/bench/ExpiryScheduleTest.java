package io.nuthatch.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class ExpiryScheduleTest {
    /// Keys 0..9 over three milliseconds: 4 are due at 1000, 3 at 1001, 3 at 1002.
    private static final ExpirySchedule SCHEDULE = new ExpirySchedule(1000, 3, 10);

    @Test
    void deadlinesAddUpToTheKeys() {
        assertThat(SCHEDULE.deadlinesAt(0)).isEqualTo(4);
        assertThat(SCHEDULE.deadlinesAt(1)).isEqualTo(3);
        assertThat(SCHEDULE.deadlinesAt(2)).isEqualTo(3);
        assertThat(SCHEDULE.lastMs()).isEqualTo(1002);
    }

    @Test
    void latenessIsTheDistanceBetweenKeysDueAndKeysGone() {
        ExpirySchedule.Gone gone = SCHEDULE.new Gone();
        gone.sample(1_000_500, 0);
        gone.sample(1_001_000, 4);
        gone.sample(1_005_000, 9);
        gone.sample(1_012_000, 10);
        Histogram late = gone.latenessMicros();
        assertThat(gone.gone()).isEqualTo(10);
        assertThat(gone.early()).isZero();
        assertThat(late.getTotalCount()).isEqualTo(10);
        assertThat(late.getCountAtValue(1_000)).isEqualTo(4);
        assertThat(late.getCountAtValue(4_000)).isEqualTo(3);
        assertThat(late.getCountAtValue(3_000)).isEqualTo(2);
        assertThat(late.getCountAtValue(10_000)).isEqualTo(1);
    }

    @Test
    void keysThatGoEarlyAreCounted() {
        ExpirySchedule.Gone gone = SCHEDULE.new Gone();
        gone.sample(1_000_000, 6);
        assertThat(gone.early()).isEqualTo(2);
        assertThat(gone.latenessMicros().getMaxValue()).isZero();
    }

    @Test
    void moreExpiriesThanKeysAreNotOurs() {
        ExpirySchedule.Gone gone = SCHEDULE.new Gone();
        gone.sample(2_000_000, 50);
        assertThat(gone.gone()).isEqualTo(10);
    }

    @Test
    void theFillGivesEveryKeyItsDeadline() {
        assertThat(SCHEDULE.fill()).isEqualTo("SET exp:{s} {v:64} PXAT {s:3:13:1000}");
    }
}
