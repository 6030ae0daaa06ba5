package io.nuthatch.commands;

import io.nuthatch.engine.Config;
import io.nuthatch.engine.LatencyEvents;
import io.nuthatch.engine.Session;
import java.util.List;

/// What LATENCY DOCTOR has to say: the events, and what may be done about them.
final class LatencyDoctor {
    private LatencyDoctor() {}

    static String report(Session session) {
        Config config = session.engine().config();
        List<LatencyEvents.Series> all = session.engine().latency().all();
        if (config.latencyMonitorThreshold.value() == 0 && all.isEmpty()) {
            return "Nothing is watched: latency-monitor-threshold is 0. To have everything noted that takes 100 ms or"
                    + " longer: CONFIG SET latency-monitor-threshold 100\n";
        }
        if (all.isEmpty()) {
            return "All is well: nothing has taken " + config.latencyMonitorThreshold.value() + " ms or longer.\n";
        }
        StringBuilder text = new StringBuilder("These events took longer than they should:\n\n");
        for (LatencyEvents.Series series : all) {
            text.append(event(series)).append('\n');
        }
        text.append("\nWhat may help:\n\n");
        if (config.slowlogLogSlowerThan.value() < 0) {
            text.append("- The slow log is off. CONFIG SET slowlog-log-slower-than 10000 has it name slow commands.\n");
        } else {
            text.append("- SLOWLOG GET names the commands that took long.\n");
        }
        text.append("- A command takes as long as its keys are many or its values large: SCAN instead of KEYS, parts ")
                .append("instead of wholes.\n");
        text.append("- If no command is to blame, the machine may be: look for swapping, for other processes on the ")
                .append("same cores, for disks that stall.\n");
        return text.toString();
    }

    private static String event(LatencyEvents.Series series) {
        List<LatencyEvents.Sample> samples = series.samples();
        long averageMs = Math.round(
                samples.stream().mapToLong(LatencyEvents.Sample::ms).average().orElse(0));
        long deviationMs = Math.round(samples.stream()
                .mapToLong(sample -> Math.abs(sample.ms() - averageMs))
                .average()
                .orElse(0));
        return "%s: %d seconds with a spike, %d ms on average, mean deviation %d ms, worst ever %d ms"
                .formatted(series.event(), samples.size(), averageMs, deviationMs, series.worstMs());
    }
}
