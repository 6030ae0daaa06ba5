package io.nuthatch.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PauseTest {
    private final Pause pause = new Pause();

    @Test
    void aPauseOfWritesLetsReadersPass() {
        pause.begin(0, 100, Pause.Extent.WRITES);
        assertThat(pause.holds(true, 99)).isTrue();
        assertThat(pause.holds(false, 99)).isFalse();
        assertThat(pause.holds(true, 100)).isFalse();
    }

    @Test
    void aPauseUnderWayIsNeitherCutShortNorLoosened() {
        pause.begin(0, 100, Pause.Extent.ALL);
        pause.begin(10, 50, Pause.Extent.WRITES);
        assertThat(pause.holds(false, 99)).isTrue();
        pause.begin(10, 200, Pause.Extent.WRITES);
        assertThat(pause.holds(false, 199)).isTrue();
    }

    @Test
    void aPauseThatIsOverDoesNotTightenTheNext() {
        pause.begin(0, 100, Pause.Extent.ALL);
        pause.begin(100, 200, Pause.Extent.WRITES);
        assertThat(pause.holds(false, 150)).isFalse();
        assertThat(pause.holds(true, 150)).isTrue();
    }

    @Test
    void anEndedPauseHoldsNobody() {
        pause.begin(0, 100, Pause.Extent.ALL);
        pause.end();
        assertThat(pause.holds(true, 1)).isFalse();
        assertThat(pause.isOn(1)).isFalse();
    }
}
