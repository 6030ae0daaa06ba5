package io.nuthatch.commands;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.engine.LatencyEvents;
import org.junit.jupiter.api.Test;

class LatencyGraphTest {
    @Test
    void aColumnIsAsHighAsItsSampleAndSaysHowOldItIs() {
        LatencyEvents events = new LatencyEvents();
        events.add("command", 1_000_000, 20);
        events.add("command", 1_060_000, 40);
        events.add("command", 1_119_000, 12);
        assertThat(LatencyGraph.of(events.of("command").orElseThrow(), 1_120)).isEqualTo("""
                        command - high 40 ms, low 12 ms (all time high 40 ms)
                        --------------------------------------------------------------------------------
                         #\s
                         |\s
                        _|\s
                        ||_

                        211
                        mms
                        """);
    }

    @Test
    void onlyTheLastEightySamplesAreDrawn() {
        LatencyEvents events = new LatencyEvents();
        for (int i = 0; i < 100; i++) {
            events.add("command", i * 1000L, 100 + i);
        }
        String graph = LatencyGraph.of(events.of("command").orElseThrow(), 100);
        assertThat(graph).startsWith("command - high 199 ms, low 120 ms (all time high 199 ms)");
        assertThat(graph.lines()).allMatch(line -> line.length() <= 80);
    }
}
