package io.nuthatch.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ProcessFiguresTest {
    private static final String STAT_REST =
            " S 6494 6494 2489 0 -1 4194304 37452 1286 0 0 296 26 1 0 20 0 19 0 129413 9096";

    @Test
    void theProgramsNameMayHoldAnything() {
        for (String name : new String[] {"(java)", "(a b)", "(:-) 7 8 9)", "()"}) {
            assertThat(ProcessFigures.userAndSystemTicks("6497 " + name + STAT_REST))
                    .as(name)
                    .containsExactly(296, 26);
        }
    }

    @Test
    void residentMemoryIsInKilobytes() {
        assertThat(ProcessFigures.residentBytes("Name:\tx\nVmHWM:\t  999 kB\nVmRSS:\t  2048 kB\nThreads:\t1\n"))
                .isEqualTo(2 << 20);
        assertThatThrownBy(() -> ProcessFigures.residentBytes("Name:\tx\n")).isInstanceOf(BenchFailure.class);
    }

    @Test
    void busyTicksLeaveOutIdleAndStolenTime() {
        assertThat(Machine.busyTicks("cpu  1000 200 30 50000 6000 4 5 700 80 90\ncpu0 1 1 1\n"))
                .isEqualTo(1000 + 200 + 30 + 4 + 5);
    }

    @Test
    void nanosecondsCountUnlessThreadsHaveEnded() {
        ProcessFigures before = new ProcessFigures(5_000_000_000L, 400, 100);
        assertThat(new ProcessFigures(5_123_456_789L, 410, 104).nanosSince(before))
                .isEqualTo(123_456_789);
        assertThat(new ProcessFigures(4_900_000_000L, 410, 104).nanosSince(before))
                .isEqualTo(120_000_000);
    }

    @Test
    void theTimeOfThisProcessGoesOnlyForward() {
        long pid = ProcessHandle.current().pid();
        ProcessFigures before = ProcessFigures.of(pid);
        while (ProcessFigures.of(pid).nanosSince(before) < 50_000_000) {
            Thread.onSpinWait();
        }
        assertThat(ProcessFigures.of(pid).systemShareSince(before)).isBetween(0.0, 1.0);
        assertThat(ProcessFigures.residentBytes(pid)).isGreaterThan(1 << 20);
    }

    @Test
    void aProcessThatIsGoneIsSaid() {
        assertThatThrownBy(() -> ProcessFigures.of(Integer.MAX_VALUE - 7)).isInstanceOf(BenchFailure.class);
    }
}
