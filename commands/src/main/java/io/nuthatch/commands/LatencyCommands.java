package io.nuthatch.commands;

import static io.nuthatch.engine.Command.container;
import static io.nuthatch.engine.Command.help;
import static io.nuthatch.engine.Command.row;
import static io.nuthatch.engine.CommandFlag.ADMIN;
import static io.nuthatch.engine.CommandFlag.LOADING;
import static io.nuthatch.engine.CommandFlag.NOSCRIPT;
import static io.nuthatch.engine.CommandFlag.STALE;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.Command;
import io.nuthatch.engine.CommandError;
import io.nuthatch.engine.CommandTable;
import io.nuthatch.engine.Durations;
import io.nuthatch.engine.Family;
import io.nuthatch.engine.LatencyEvents;
import io.nuthatch.engine.Session;
import io.nuthatch.resp.ReplySink;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// LATENCY: what took longer than `latency-monitor-threshold`, and how long each command takes. The table, then
/// the bodies in the same order.
public final class LatencyCommands {
    private static final String[] TIPS = {
        "nondeterministic_output", "request_policy:all_nodes", "response_policy:special"
    };

    /// The first bucket of a histogram that is shown: up to 1.023 us. Each next one is twice as wide.
    private static final long FIRST_BUCKET_NANOS = 1024;

    private LatencyCommands() {}

    public static Family family() {
        return Family.of(
                "server",
                Set.of(),
                container("LATENCY", "2.8.13", "A container for latency diagnostics commands."),
                row("LATENCY DOCTOR")
                        .is(ADMIN, NOSCRIPT, LOADING, STALE)
                        .tips(TIPS)
                        .since("2.8.13")
                        .brief("Returns a human-readable latency analysis report.")
                        .answers((args, session, reply) -> reply.verbatim("txt", LatencyDoctor.report(session))),
                row("LATENCY GRAPH event")
                        .is(ADMIN, NOSCRIPT, LOADING, STALE)
                        .tips(TIPS)
                        .since("2.8.13")
                        .brief("Returns a latency graph for an event.")
                        .answers(LatencyCommands::graph),
                help("LATENCY", "2.8.13"),
                row("LATENCY HISTOGRAM [command [command ...]]")
                        .is(ADMIN, NOSCRIPT, LOADING, STALE)
                        .tips(TIPS)
                        .since("7.0.0")
                        .brief("Returns the cumulative distribution of latencies of a subset or all commands.")
                        .cost("O(N), N being the number of commands with latency information.")
                        .answers(LatencyCommands::histogram),
                row("LATENCY HISTORY event")
                        .is(ADMIN, NOSCRIPT, LOADING, STALE)
                        .tips(TIPS)
                        .since("2.8.13")
                        .brief("Returns timestamp-latency samples for an event.")
                        .answers(LatencyCommands::history),
                row("LATENCY LATEST")
                        .is(ADMIN, NOSCRIPT, LOADING, STALE)
                        .tips(TIPS)
                        .since("2.8.13")
                        .brief("Returns the latest latency samples for all events.")
                        .answers(LatencyCommands::latest),
                row("LATENCY RESET [event [event ...]]")
                        .is(ADMIN, NOSCRIPT, LOADING, STALE)
                        .tips("request_policy:all_nodes", "response_policy:agg_sum")
                        .since("2.8.13")
                        .brief("Resets the latency data for one or more events.")
                        .answers(LatencyCommands::reset));
    }

    private static void graph(Args args, Session session, ReplySink reply) {
        LatencyEvents.Series series = session.engine()
                .latency()
                .of(args.text(2))
                .orElseThrow(() -> CommandError.of("ERR No samples available for event '" + args.cited(2) + "'"));
        reply.verbatim("txt", LatencyGraph.of(series, session.engine().clock().wallMs() / 1000));
    }

    private static void histogram(Args args, Session session, ReplySink reply) {
        Map<Command, Durations> found = new LinkedHashMap<>();
        for (Command command : histogramCommands(args, session.engine().commands())) {
            Durations durations = session.engine().stats(command).durations();
            if (durations != null) {
                found.put(command, durations);
            }
        }
        reply.map(found.size());
        found.forEach((command, durations) -> {
            reply.bulk(command.fullName());
            histogram(durations, reply);
        });
    }

    /// A container stands for its subcommands.
    private static Set<Command> histogramCommands(Args args, CommandTable table) {
        if (args.count() == 2) {
            return new LinkedHashSet<>(table.all());
        }
        Set<Command> commands = new LinkedHashSet<>();
        for (int i = 2; i < args.count(); i++) {
            table.named(args.text(i).toLowerCase(Locale.ROOT)).ifPresent(command -> {
                commands.add(command);
                commands.addAll(command.subcommands());
            });
        }
        return commands;
    }

    /// Buckets double in width; each counts what took no longer, and is shown if it counts more than the one
    /// before.
    private static void histogram(Durations durations, ReplySink reply) {
        List<Long> shown = new ArrayList<>();
        long before = 0;
        for (long end = FIRST_BUCKET_NANOS; before < durations.count(); end *= 2) {
            long count = durations.countUpTo(end - 1);
            if (count > before) {
                shown.add((end - 1) / 1000);
                shown.add(count);
            }
            before = count;
        }
        reply.map(2);
        reply.bulk("calls");
        reply.integer(durations.count());
        reply.bulk("histogram_usec");
        reply.map(shown.size() / 2);
        shown.forEach(reply::integer);
    }

    private static void history(Args args, Session session, ReplySink reply) {
        List<LatencyEvents.Sample> samples = session.engine()
                .latency()
                .of(args.text(2))
                .map(LatencyEvents.Series::samples)
                .orElse(List.of());
        reply.array(samples.size());
        for (LatencyEvents.Sample sample : samples) {
            reply.array(2);
            reply.integer(sample.wallSeconds());
            reply.integer(sample.ms());
        }
    }

    private static void latest(Args ignored, Session session, ReplySink reply) {
        List<LatencyEvents.Series> all = session.engine().latency().all();
        reply.array(all.size());
        for (LatencyEvents.Series series : all) {
            reply.array(4);
            reply.bulk(series.event());
            reply.integer(series.latest().wallSeconds());
            reply.integer(series.latest().ms());
            reply.integer(series.worstMs());
        }
    }

    private static void reset(Args args, Session session, ReplySink reply) {
        LatencyEvents events = session.engine().latency();
        if (args.count() == 2) {
            reply.integer(events.reset());
            return;
        }
        int gone = 0;
        for (int i = 2; i < args.count(); i++) {
            gone += events.reset(args.text(i)) ? 1 : 0;
        }
        reply.integer(gone);
    }
}
