package io.nuthatch.bench;

import static io.nuthatch.bench.Table.brief;
import static io.nuthatch.bench.Table.whole;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Replays recorded accesses against a server whose memory is limited: GET, and SET on a miss. What counts is how
/// many GETs hit.
///
/// The limit is given as a number of keys, and for each server it is tried out which `maxmemory` lets it hold that
/// many. So both hold about the same number, and the ratio tells about the policy alone. With `--maxmemory` both
/// get the same bytes instead, and the server that needs fewer for a key holds more of them.
///
/// Requests are sent ahead, as many as have different keys, so that a replay takes minutes and not hours; no access
/// overtakes another one to the same key. Time is not replayed, and redis's LRU clock ticks once a second: the
/// faster the replay, the more accesses look equally old to it. `--rate` slows it down.
@Command(name = "hit-ratio", description = "Hit ratios of eviction policies on recorded accesses.")
final class HitRatioCommand implements Runnable {
    private static final int RESIDENT_SAMPLES = 50;
    private static final int TRIALS_MAX = 6;
    private static final double KEYS_OFF_MAX = 0.01;

    @Mixin
    private final Servers servers = new Servers();

    @Mixin
    private final Output output = new Output();

    @Option(
            names = "--traces",
            required = true,
            split = ",",
            paramLabel = "FILE",
            description = "Trace files, or folders of them; Trace.java lists the formats")
    private List<Path> traces = List.of();

    @Option(names = "--policies", split = ",", description = "Default: allkeys-lru,allkeys-lfu")
    private List<String> policies = List.of("allkeys-lru", "allkeys-lfu");

    @Option(
            names = "--entries",
            split = ",",
            description = "Numbers of keys that fit; with a % a share of the trace's different keys. Default: 5%%,20%%")
    private List<String> entries = List.of("5%", "20%");

    @Option(names = "--maxmemory", split = ",", description = "Bytes instead, the same for both servers")
    private List<String> maxmemory = List.of();

    @Option(names = "--value-size", description = "Bytes of each value. Default: ${DEFAULT-VALUE}")
    private int valueBytes = 100;

    @Option(names = "--ahead", description = "The most requests sent ahead. Default: ${DEFAULT-VALUE}")
    private int ahead = 32;

    @Option(names = "--samples", description = "maxmemory-samples; 0 for the server's own. Default: ${DEFAULT-VALUE}")
    private int samples = 0;

    @Option(names = "--rate", description = "Accesses a second; 0 for as fast as can be. Default: ${DEFAULT-VALUE}")
    private long rate = 0;

    /// @param limit as it was asked for: a number of keys, or bytes
    /// @param residentKeys the mean over the second half of the replay
    /// @param lruHitRatio what an exact LRU with that many keys would have hit
    record Row(
            String trace,
            long accesses,
            String policy,
            String limit,
            String server,
            String version,
            long maxmemory,
            long residentKeys,
            double hitRatio,
            double lruHitRatio) {}

    record Report(Machine machine, int valueBytes, List<Row> rows) {}

    /// What a replay counted.
    private record Outcome(long hits, long residentKeys) {}

    @Override
    public void run() {
        Report report = new Report(Machine.here(), valueBytes, new ArrayList<>());
        for (String name : servers.names()) {
            try (ServerProcess server = servers.start(name)) {
                if (samples > 0) {
                    server.client().call("CONFIG", "SET", "maxmemory-samples", Integer.toString(samples));
                }
                for (Path file : files()) {
                    replay(server, Trace.read(file), report.rows);
                }
            }
        }
        output.print(table(report.rows));
        output.write("hit-ratio", report);
    }

    private List<Path> files() {
        List<Path> files = new ArrayList<>();
        for (Path path : traces) {
            if (!Files.isDirectory(path)) {
                files.add(path);
                continue;
            }
            try (Stream<Path> inFolder = Files.list(path)) {
                inFolder.filter(file -> file.toString().endsWith(".zst"))
                        .sorted()
                        .forEach(files::add);
            } catch (IOException fault) {
                throw new BenchFailure("cannot list " + path, fault);
            }
        }
        return files;
    }

    private void replay(ServerProcess server, Trace trace, List<Row> rows) {
        List<String> limits = maxmemory.isEmpty() ? entries : maxmemory;
        for (String limit : limits) {
            for (String policy : policies) {
                long bytes =
                        maxmemory.isEmpty() ? bytesFor(server, policy, keyCount(trace, limit)) : Long.parseLong(limit);
                RespClient client = server.client();
                reset(client, bytes, policy);
                Outcome outcome = replay(client, trace.keys());
                double ratio = (double) outcome.hits / trace.keys().length;
                double lru = trace.lruHitRatio(Math.max(1, (int) outcome.residentKeys));
                output.progress(
                        "%s, %s, %s, %s: %.2f %% (LRU %.2f %%)",
                        trace.name(), policy, limit, server.name(), 100 * ratio, 100 * lru);
                rows.add(new Row(
                        trace.name(),
                        trace.keys().length,
                        policy,
                        limit,
                        server.name(),
                        server.version(),
                        bytes,
                        outcome.residentKeys,
                        ratio,
                        lru));
            }
        }
    }

    private static int keyCount(Trace trace, String limit) {
        if (!limit.endsWith("%")) {
            return Integer.parseInt(limit);
        }
        Set<Long> different = new HashSet<>();
        for (long key : trace.keys()) {
            different.add(key);
        }
        double share = Double.parseDouble(limit.substring(0, limit.length() - 1)) / 100;
        return (int) Math.max(1, Math.round(different.size() * share));
    }

    /// The `maxmemory` with which the server holds that many keys, found by trying: random accesses to half as many
    /// again, in the same way as the replay's, so that the server's buffers are as large.
    private long bytesFor(ServerProcess server, String policy, int keys) {
        RespClient client = server.client();
        long[] accesses = new SplittableRandom(keys)
                .longs(4L * keys, 0, keys + keys / 2 + 1)
                .toArray();
        reset(client, 0, policy);
        long empty = server.infoNumber("memory", "used_memory");
        replay(client, accesses);
        double bytesPerKey = (double) (server.infoNumber("memory", "used_memory") - empty)
                / client.call("DBSIZE").number();
        long bytes = empty + Math.round(bytesPerKey * keys);
        for (int trial = 0; trial < TRIALS_MAX; trial++) {
            reset(client, bytes, policy);
            replay(client, accesses);
            long off = keys - client.call("DBSIZE").number();
            if (Math.abs(off) <= keys * KEYS_OFF_MAX) {
                break;
            }
            bytes += Math.round(off * bytesPerKey);
        }
        return bytes;
    }

    private static void reset(RespClient client, long maxmemoryBytes, String policy) {
        client.call("FLUSHALL");
        client.call("CONFIG", "SET", "maxmemory-policy", policy);
        client.call("CONFIG", "SET", "maxmemory", Long.toString(maxmemoryBytes));
    }

    private Outcome replay(RespClient client, long[] keys) {
        String value = Template.value(valueBytes);
        int sampleEvery = Math.max(ahead, keys.length / 2 / RESIDENT_SAMPLES);
        long resident = 0;
        int residentSamples = 0;
        long hits = 0;
        Set<Long> inFlight = new HashSet<>();
        List<Long> missed = new ArrayList<>();
        long startNanos = System.nanoTime();
        for (int at = 0; at < keys.length; ) {
            if (rate > 0) {
                ServerProcess.pause(Math.max(0, at * 1000L / rate - (System.nanoTime() - startNanos) / 1_000_000));
            }
            inFlight.clear();
            int end = at;
            while (end < keys.length && inFlight.size() < ahead && inFlight.add(keys[end])) {
                client.send("GET", key(keys[end++]));
            }
            client.flush();
            missed.clear();
            for (int i = at; i < end; i++) {
                if (client.receive() instanceof RespClient.Reply.Text) {
                    hits++;
                } else {
                    missed.add(keys[i]);
                }
            }
            store(client, missed, value);
            if (at / sampleEvery != end / sampleEvery && at > keys.length / 2 || end == keys.length) {
                resident += client.call("DBSIZE").number();
                residentSamples++;
            }
            at = end;
        }
        return new Outcome(hits, resident / residentSamples);
    }

    private static void store(RespClient client, List<Long> keys, String value) {
        for (long key : keys) {
            client.send("SET", key(key), value);
        }
        client.flush();
        for (int i = 0; i < keys.size(); i++) {
            client.receive().text();
        }
    }

    /// Sixteen digits, whatever the number.
    private static String key(long number) {
        String digits = Long.toHexString(number);
        return "0".repeat(16 - digits.length()) + digits;
    }

    private static Table table(List<Row> rows) {
        Table table = new Table(
                "trace", "policy", "limit", "server", "maxmemory, bytes", "keys held", "hits %", "exact LRU %");
        rows.stream()
                .sorted((a, b) -> (a.trace + a.limit + a.policy).compareTo(b.trace + b.limit + b.policy))
                .forEach(row -> table.row(
                        row.trace,
                        row.policy,
                        row.limit,
                        row.server,
                        whole(row.maxmemory),
                        whole(row.residentKeys),
                        brief(100 * row.hitRatio),
                        brief(100 * row.lruHitRatio)));
        return table;
    }
}
