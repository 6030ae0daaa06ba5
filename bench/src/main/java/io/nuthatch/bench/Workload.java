package io.nuthatch.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What a run sends: a mix of requests, each with its weight, and what the server must hold before.
///
/// A new workload is one row in [#ALL]; its syntax is [Template]'s. On the command line a workload is given by its
/// name, or is written out where the name would stand, as in `--workload 'LPUSH list:{r:1000} {v:8}'`.
///
/// @param fill the request that is sent before the workload runs, with running numbers; empty if the workload
///     needs nothing. Rows with the same one share it.
/// @param fillTimes how often; 0 for once for each key of the run
/// @param mix what is sent then; the weights need not add up to anything
record Workload(String name, String fill, long fillTimes, List<Part> mix) {
    private static final String STRINGS = "SET key:{s} {v:64}";
    private static final String COUNTERS = "SET ctr:{s} 0";
    private static final String VOLATILE = "SET ttl:{s} {v:64} EX {r:9000:4:1000}";
    private static final String NOTHING = "";

    /// A thousand collections, whatever the keys of the run, of up to a thousand elements. What adds to them
    /// alone goes round in so many elements, or adds some bytes to a list; what takes from them comes with what
    /// adds as many to the same one, so that none is ever empty.
    private static final String LISTS = "RPUSH list:{s:1000:4} ({v:8})x100";

    private static final String SETS = "SADD set:{s:1000:4} (member:{r:1000:6})x100";
    private static final String HASHES = "HSET hash:{s:1000:4} (field:{r:1000:6} {v:8})x100";
    private static final String SORTED_SETS = "ZADD zset:{s:1000:4} ({r} member:{r:1000:6})x100";
    private static final long COLLECTION_FILLS = 10_000;

    /// A stream for each connection, for up to a thousand of them: only there do IDs rise that are given.
    private static final String QUEUES = "XGROUP CREATE queue:{s:1000:4} group $ MKSTREAM";

    private static final long QUEUE_FILLS = 1_000;
    private static final String ENTRY = "name {v:8} age {r:99:2}";

    /// All workloads by name. Keys have 16 bytes, values 64; what is in collections is shorter.
    static final List<Workload> ALL = List.of(
            row("ping", NOTHING, "PING"),
            row("get", STRINGS, "GET key:{r}"),
            row("set", STRINGS, "SET key:{r} {v:64}"),
            row("incr", COUNTERS, "INCR ctr:{r}"),
            row("mget", STRINGS, "MGET (key:{r})x10"),
            row("mset", STRINGS, "MSET (key:{r} {v:64})x10"),
            row("transaction", COUNTERS, "MULTI ; (INCR ctr:{r} ;)x10 EXEC"),
            row("set-ex", VOLATILE, "SET ttl:{r} {v:64} EX {r:9000:4:1000}"),
            row("mixed", STRINGS, "90 GET key:{r}", "10 SET key:{r} {v:64}"),
            row("lpush", LISTS, "LPUSH list:{r:1000:4} {v:8}").filled(COLLECTION_FILLS),
            row("lpush-rpop", LISTS, "LPUSH list:{s:1000:4} {v:8} ; RPOP list:{s:1000:4}")
                    .filled(COLLECTION_FILLS),
            row("lrange_100", LISTS, "LRANGE list:{r:1000:4} 0 99").filled(COLLECTION_FILLS),
            row("lrange_600", LISTS, "LRANGE list:{r:1000:4} 0 599").filled(COLLECTION_FILLS),
            row("sadd", SETS, "SADD set:{r:1000:4} member:{r:10000:6}").filled(COLLECTION_FILLS),
            row("sadd-spop", SETS, "SADD set:{s:1000:4} member:{r} ; SPOP set:{s:1000:4}")
                    .filled(COLLECTION_FILLS),
            row("hset", HASHES, "HSET hash:{r:1000:4} field:{r:1000:6} {v:8}").filled(COLLECTION_FILLS),
            row("zadd", SORTED_SETS, "ZADD zset:{r:1000:4} {r} member:{r:10000:6}")
                    .filled(COLLECTION_FILLS),
            row("zadd-zpopmin", SORTED_SETS, "ZADD zset:{s:1000:4} {r} member:{r} ; ZPOPMIN zset:{s:1000:4}")
                    .filled(COLLECTION_FILLS),
            row("xadd", NOTHING, "XADD stream:{r:1000:4} * " + ENTRY),
            row("xadd-maxlen", NOTHING, "XADD capped:{c:1000:4} MAXLEN ~ 1000 {n} " + ENTRY),
            row(
                            "queue",
                            QUEUES,
                            "XADD queue:{c:1000:4} MAXLEN ~ 1000 {n} " + ENTRY
                                    + " ; XREADGROUP GROUP group consumer COUNT 1 STREAMS queue:{c:1000:4} >"
                                    + " ; XACK queue:{c:1000:4} group {n}")
                    .filled(QUEUE_FILLS));

    /// Names for several workloads together.
    static final Map<String, List<String>> GROUPS = new TreeMap<>(Map.of(
            "strings", List.of("ping", "get", "set", "incr", "mget", "mset", "transaction", "set-ex", "mixed"),
            "collections",
                    List.of(
                            "lpush",
                            "lpush-rpop",
                            "lrange_100",
                            "lrange_600",
                            "sadd",
                            "sadd-spop",
                            "hset",
                            "zadd",
                            "zadd-zpopmin",
                            "mset"),
            "streams", List.of("xadd", "xadd-maxlen", "queue")));

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
        return new Workload(name, fill, 0, List.copyOf(mix));
    }

    /// The same, filled so often whatever the keys of the run.
    private Workload filled(long times) {
        return new Workload(name, fill, times, mix);
    }

    /// How often its fill is sent in a run of so many keys.
    long fillTimes(long keys) {
        return fillTimes == 0 ? keys : fillTimes;
    }

    /// The workloads of a group, or the one that [#named(String)] finds.
    static Stream<Workload> chosen(String text) {
        List<String> group = GROUPS.getOrDefault(text, List.of(text));
        return group.stream().map(Workload::named);
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
                + Stream.concat(GROUPS.keySet().stream(), ALL.stream().map(Workload::name))
                        .collect(Collectors.joining(", "))));
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
