package io.nuthatch.bench;

import static io.nuthatch.bench.Table.brief;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// What a hit costs: in memory, in a cache that follows a server, and by asking the server. The server is
/// Nuthatch, unless `--servers redis` says otherwise.
///
/// Each cache is read in JVMs of its own ([CacheReads]), so that none spoils the compiler's guesses for another.
/// The rounds alternate; a ratio is taken between two JVMs that follow each other.
@Command(name = "caches", description = "Hits of the caching library beside Caffeine, cache2k, Ehcache and Jedis.")
final class CachesCommand implements Runnable {
    @Mixin
    private final Servers servers = new Servers();

    @Mixin
    private final Output output = new Output();

    @Option(names = "--reads", description = "In a batch that is measured. Default: ${DEFAULT-VALUE}")
    private int reads = 1_000_000;

    @Option(names = "--batches", description = "Measured in each round. Default: ${DEFAULT-VALUE}")
    private int batches = 15;

    @Option(names = "--rounds", description = "JVMs for each cache. Default: ${DEFAULT-VALUE}")
    private int rounds = 3;

    @Option(
            names = "--caches",
            split = ",",
            description = "Of ${COMPLETION-CANDIDATES}. JEDIS_NEAR wants redis 7.4 or Nuthatch. Default: all")
    private List<CacheReads.Subject> subjects = List.of(CacheReads.Subject.values());

    /// @param cpuNs processor time of a read on the thread that reads, of each round
    record Figures(CacheReads.Subject cache, List<Double> cpuNs, Spread timesCaffeine) {}

    record Report(Machine machine, int reads, List<Figures> caches) {}

    @Override
    public void run() {
        Map<CacheReads.Subject, List<Double>> measured = new EnumMap<>(CacheReads.Subject.class);
        try (ServerProcess server = servers.start(servers.names().getLast())) {
            for (int round = 1; round <= rounds; round++) {
                for (CacheReads.Subject subject : subjects) {
                    double cpuNs = measure(subject, server.port());
                    measured.computeIfAbsent(subject, _ -> new ArrayList<>()).add(cpuNs);
                    output.progress("round %d of %d: %s, %.1f ns", round, rounds, subject, cpuNs);
                }
            }
        }
        List<Double> first = measured.getOrDefault(subjects.getFirst(), List.of());
        List<Figures> figures = new ArrayList<>();
        measured.forEach((subject, cpuNs) ->
                figures.add(new Figures(subject, cpuNs, Spread.ofRatios(cpuNs, first, Double::doubleValue))));
        output.print(table(figures));
        output.write("caches", new Report(Machine.here(), reads, figures));
    }

    private double measure(CacheReads.Subject subject, int port) {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                // The compiler's work is done when the warming up is.
                "-Xbatch",
                "-cp",
                JmhCommand.classPath(),
                CacheReads.class.getName(),
                subject.name(),
                "" + port,
                "" + reads,
                "" + batches);
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (process.waitFor() != 0) {
                throw new BenchFailure("reading " + subject + " failed: " + answer);
            }
            return Double.parseDouble(answer.substring(answer.lastIndexOf('\n') + 1));
        } catch (IOException fault) {
            throw new BenchFailure("cannot read " + subject, fault);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new BenchFailure("interrupted while reading " + subject);
        }
    }

    private Table table(List<Figures> figures) {
        Table table = new Table("a hit in", "CPU ns", "times " + subjects.getFirst().title + " (min..max)");
        for (Figures each : figures) {
            double median = Spread.of(each.cpuNs, Double::doubleValue).median();
            table.row(each.cache.title, brief(median), each.timesCaffeine.toString());
        }
        return table;
    }
}
