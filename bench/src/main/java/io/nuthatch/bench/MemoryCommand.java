package io.nuthatch.bench;

import static io.nuthatch.bench.Table.brief;
import static io.nuthatch.bench.Table.whole;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// What a key costs, with and without a deadline, for several numbers of keys. Each figure is taken on a server
/// that was started for it, since an allocator does not forget what it held before.
@Command(name = "memory", description = "Bytes a key: used_memory and the process, with and without a TTL.")
final class MemoryCommand implements Runnable {
    private static final int FILL_CLIENTS = 50;
    private static final int FILL_PIPELINE = 64;

    @Mixin
    private final Servers servers = new Servers();

    @Mixin
    private final Output output = new Output();

    @Option(names = "--keys", split = ",", description = "Numbers of keys. Default: 1000000,5000000")
    private List<Long> keyCounts = List.of(1_000_000L, 5_000_000L);

    @Option(
            names = "--fill",
            split = ";",
            paramLabel = "REQUEST",
            description =
                    "What is sent for each key, several parted by semicolons. Default: the fills of set and set-ex")
    private List<String> fills =
            List.of(Workload.named("set").fill(), Workload.named("set-ex").fill());

    /// @param usedBytesPerKey the growth of `used_memory`
    /// @param residentBytesPerKey the growth of the process
    /// @param residentBytesEmpty the process before the fill
    record Row(
            String fill,
            long keys,
            String server,
            double usedBytesPerKey,
            double residentBytesPerKey,
            long residentBytesEmpty,
            long residentBytes) {}

    record Report(Machine machine, List<Row> rows) {}

    @Override
    public void run() {
        Report report = new Report(Machine.here(), new ArrayList<>());
        for (String fill : fills) {
            for (long keys : keyCounts) {
                for (String name : servers.names()) {
                    report.rows.add(measure(name, fill, keys));
                }
            }
        }
        output.print(table(report.rows));
        output.write("memory", report);
    }

    private Row measure(String name, String fill, long keys) {
        output.progress("%s: %,d times %s", name, keys, fill);
        try (ServerProcess server = servers.start(name)) {
            long usedBefore = server.usedMemorySettled();
            long residentBefore = server.residentBytes();
            LoadGenerator.fillAndSettle(server.port(), fill, keys, FILL_CLIENTS, FILL_PIPELINE);
            double used = server.usedMemorySettled() - usedBefore;
            long resident = server.residentBytes();
            double grown = resident - residentBefore;
            return new Row(fill, keys, name, used / keys, grown / keys, residentBefore, resident);
        }
    }

    private static Table table(List<Row> rows) {
        Table table = new Table(
                "each key",
                "keys",
                "server",
                "used_memory, bytes a key",
                "growth of RSS, bytes a key",
                "RSS empty, MB",
                "RSS, MB");
        for (Row row : rows) {
            table.row(
                    row.fill,
                    whole(row.keys),
                    row.server,
                    brief(row.usedBytesPerKey),
                    brief(row.residentBytesPerKey),
                    whole(row.residentBytesEmpty / 1e6),
                    whole(row.residentBytes / 1e6));
        }
        return table;
    }
}
