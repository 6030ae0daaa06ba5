package io.nuthatch.engine;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Moments at which something took longer than `latency-monitor-threshold`: LATENCY.
///
/// Bound: 160 samples of each event, as in Redis; the events are a closed set.
public final class LatencyEvents {
    private static final int MAX_SAMPLES = 160;

    private final Map<String, History> byEvent = new TreeMap<>();

    /// The worst within one second.
    public record Sample(long wallSeconds, long ms) {}

    /// @param samples the oldest first, at least one
    /// @param worstMs the worst since the beginning, or since the event was reset
    public record Series(String event, List<Sample> samples, long worstMs) {
        public Sample latest() {
            return samples.getLast();
        }
    }

    private static final class History {
        final Deque<Sample> samples = new ArrayDeque<>();
        long worstMs;
    }

    /// Notes that something took long.
    public synchronized void add(String event, long wallMs, long tookMs) {
        History history = byEvent.computeIfAbsent(event, name -> new History());
        history.worstMs = Math.max(history.worstMs, tookMs);
        long second = wallMs / 1000;
        Sample last = history.samples.peekLast();
        long worst = tookMs;
        if (last != null && last.wallSeconds() == second) {
            worst = Math.max(worst, last.ms());
            history.samples.removeLast();
        }
        history.samples.addLast(new Sample(second, worst));
        if (history.samples.size() > MAX_SAMPLES) {
            history.samples.removeFirst();
        }
    }

    public synchronized List<Series> all() {
        return byEvent.entrySet().stream()
                .map(event ->
                        new Series(event.getKey(), List.copyOf(event.getValue().samples), event.getValue().worstMs))
                .toList();
    }

    /// What is known of an event, if it ever happened.
    public synchronized Optional<Series> of(String event) {
        return all().stream().filter(each -> each.event().equals(event)).findFirst();
    }

    /// Forgets all events.
    ///
    /// @return how many there were
    public synchronized int reset() {
        int events = byEvent.size();
        byEvent.clear();
        return events;
    }

    /// Forgets an event.
    ///
    /// @return whether there was one
    public synchronized boolean reset(String event) {
        return byEvent.remove(event) != null;
    }
}
