package io.nuthatch.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PauseTest {
    private final Pause pause = new Pause();
    private final Command write =
            Command.row("SET @key value").is(CommandFlag.WRITE).does((args, tx, reply) -> {});
    private final Command read =
            Command.row("GET @key").is(CommandFlag.READONLY).does((args, tx, reply) -> {});

    @Test
    void aPauseOfWritesLetsReadersPass() {
        pause.begin(0, 100, Pause.Extent.WRITES);
        assertThat(pause.holds(write, 99)).isTrue();
        assertThat(pause.holds(read, 99)).isFalse();
        assertThat(pause.holds(write, 100)).isFalse();
    }

    @Test
    void aPauseUnderWayIsNeitherCutShortNorLoosened() {
        pause.begin(0, 100, Pause.Extent.ALL);
        pause.begin(10, 50, Pause.Extent.WRITES);
        assertThat(pause.holds(read, 99)).isTrue();
        pause.begin(10, 200, Pause.Extent.WRITES);
        assertThat(pause.holds(read, 199)).isTrue();
    }

    @Test
    void aPauseThatIsOverDoesNotTightenTheNext() {
        pause.begin(0, 100, Pause.Extent.ALL);
        pause.begin(100, 200, Pause.Extent.WRITES);
        assertThat(pause.holds(read, 150)).isFalse();
        assertThat(pause.holds(write, 150)).isTrue();
    }

    @Test
    void anEndedPauseHoldsNobody() {
        pause.begin(0, 100, Pause.Extent.ALL);
        pause.end();
        assertThat(pause.holds(write, 1)).isFalse();
        assertThat(pause.isOn(1)).isFalse();
    }
}
