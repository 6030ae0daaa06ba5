package io.nuthatch.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MemoryWatchTest {
    private final MemoryWatch watch = new MemoryWatch(10);

    @Test
    void thePeakStaysWhenMemoryIsFreed() {
        watch.observe(100, 0, 1);
        watch.observe(300, 0, 2);
        watch.observe(50, 0, 3);
        assertThat(watch.peakBytes()).isEqualTo(300);
        assertThat(watch.peakMs()).isEqualTo(2);
        assertThat(watch.startupBytes()).isEqualTo(10);
    }

    @Test
    void timeAboveTheLimitAddsUp() {
        watch.observe(200, 100, 1000);
        assertThat(watch.exceedingMs(1500)).isEqualTo(500);
        watch.observe(100, 100, 2000);
        assertThat(watch.exceedingMs(2500)).isZero();
        watch.observe(101, 100, 3000);
        assertThat(watch.exceededMs(3010)).isEqualTo(1010);
    }

    @Test
    void withoutALimitNothingExceedsIt() {
        watch.observe(Long.MAX_VALUE, 0, 1);
        assertThat(watch.exceededMs(100)).isZero();
    }
}
