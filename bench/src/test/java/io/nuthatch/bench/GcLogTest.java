package io.nuthatch.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class GcLogTest {
    @Test
    void pausesOfAllCollectorsAreRead() {
        GcLog log = GcLog.parse(List.of(
                "[0.012s][gc,start] GC(0) Pause Young (Normal) (G1 Evacuation Pause)",
                "[0.013s][gc,phases] GC(0)   Evacuate Collection Set: 0.9ms",
                "[0.014s][gc] GC(0) Pause Young (Normal) (G1 Evacuation Pause) 24M->3M(512M) 2.531ms",
                "[0.014s][gc,cpu] GC(0) User=0.00s Sys=0.00s Real=0.00s",
                "[1.100s][gc] GC(1) Concurrent Mark Cycle 12.000ms",
                "[1.101s][gc,phases] GC(2) Y: Pause Mark Start 0.011ms",
                "[1.200s][gc] GC(3) Pause Full (System.gc()) 10M->1M(64M) 7.250ms"));
        assertThat(log.collections()).extracting(GcLog.Pause::ms).containsExactly(2.531, 0.011, 7.25);
        assertThat(GcLog.maxMs(log.collections())).isEqualTo(7.25);
        assertThat(GcLog.totalMs(log.collections())).isCloseTo(9.792, within(1e-9));
        assertThat(GcLog.longest(log.collections(), 1).getFirst().reason())
                .isEqualTo("Pause Full (System.gc()) 10M->1M(64M)");
    }

    @Test
    void safepointsAreReadWithTheWayThereAndBack() {
        GcLog log = GcLog.parse(
                List.of(
                        "[2.0s][safepoint] Safepoint \"G1CollectForAllocation\", Time since last: 81 ns, "
                                + "Reaching safepoint: 9 ns, Cleanup: 1 ns, At safepoint: 8 ns, Leaving safepoint: 2 ns, Total: 1901234 ns"));
        assertThat(log.safepoints()).containsExactly(new GcLog.Pause("G1CollectForAllocation", 1.901234));
        assertThat(log.collections()).isEmpty();
    }

    @Test
    void aLogWithoutPausesHasNone() {
        assertThat(GcLog.maxMs(GcLog.parse(List.of()).collections())).isZero();
    }
}
