package io.nuthatch.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;

/// What a run sends: a mix of requests, each with its weight, and what the server must hold before.
///
/// A new workload is one row in [#ALL]; its syntax is [Template]'s. On the command line a workload is given by its
/// name, or is written out where the name would stand, as in `--workload 'LPUSH list:{r:1000} {v:8}'`.
///
/// @param fill the request that is sent once for each key before the workload runs, with running numbers; empty if
///     the workload needs nothing. Rows with the same one share it.
/// @param mix what is sent then; the weights need not add up to anything
record Workload(String name, String fill, List<Part> mix) {
    private static final String STRINGS = "SET key:{s} {v:64}";
    private static final String COUNTERS = "SET ctr:{s} 0";
    private static final String VOLATILE = "SET ttl:{s} {v:64} EX {r:9000:4:1000}";
    private static final String NOTHING = "";

    /// All workloads by name. Keys have 16 bytes, values 64.
    static final List<Workload> ALL = List.of(
            row("ping", NOTHING, "PING"),
            row("get", STRINGS, "GET key:{r}"),
            row("set", STRINGS, "SET key:{r} {v:64}"),
            row("incr", COUNTERS, "INCR ctr:{r}"),
            row("mget", STRINGS, "MGET (key:{r})x10"),
            row("mset", STRINGS, "MSET (key:{r} {v:64})x10"),
            row("transaction", COUNTERS, "MULTI ; (INCR ctr:{r} ;)x10 EXEC"),
            row("set-ex", VOLATILE, "SET ttl:{r} {v:64} EX {r:9000:4:1000}"),
            row("mixed", STRINGS, "90 GET key:{r}", "10 SET key:{r} {v:64}"));

    /// The fewest requests over which a mix is spread, so that small weights are kept.
    private static final int MIX_REQUESTS_MIN = 100;

    /// A request of a mix and how often it comes, beside the other weights.
    record Part(int weight, String request) {}

    private static Workload row(String name, String fill, String... parts) {
        List<Part> mix = new ArrayList<>();
        for (String part : parts) {
            String[] halves = part.split(" ", 2);
            boolean weighted = halves[0].matches("\\d+");
            mix.add(weighted ? new Part(Integer.parseInt(halves[0]), halves[1]) : new Part(1, part));
        }
        return new Workload(name, fill, List.copyOf(mix));
    }

    /// The workload of that name, or, if the text has a blank in it, the one that sends the text.
    static Workload named(String text) {
        if (text.trim().contains(" ")) {
            return row(text.trim(), NOTHING, text.trim());
        }
        Optional<Workload> known = ALL.stream()
                .filter(workload -> workload.name.equalsIgnoreCase(text))
                .findFirst();
        return known.orElseThrow(() -> new BenchFailure("no workload \"" + text + "\"; there are "
                + ALL.stream().map(Workload::name).collect(Collectors.joining(", "))));
    }

    /// The workload that writes each key once.
    Workload fillWorkload() {
        return row(name + "-fill", NOTHING, fill);
    }

    /// The batches a load thread goes through in turn: one if every request is the same, else as many as it takes
    /// to keep the weights, in an order that the seed decides.
    List<RequestBatch> batches(int pipeline, long keys, long seed) {
        int count = mix.size() == 1 ? 1 : (MIX_REQUESTS_MIN + pipeline - 1) / pipeline;
        List<Template> requests = spread(count * pipeline, keys);
        Collections.shuffle(requests, new Random(seed));
        List<RequestBatch> batches = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            batches.add(RequestBatch.of(requests.subList(i * pipeline, (i + 1) * pipeline), keys));
        }
        return batches;
    }

    private List<Template> spread(int requests, long keys) {
        int weights = mix.stream().mapToInt(Part::weight).sum();
        List<Template> spread = new ArrayList<>();
        int weightSoFar = 0;
        for (Part part : mix) {
            Template template = Template.parse(part.request, keys);
            weightSoFar += part.weight;
            long end = Math.round((double) requests * weightSoFar / weights);
            while (spread.size() < end) {
                spread.add(template);
            }
        }
        return spread;
    }
}
