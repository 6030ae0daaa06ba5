package io.nuthatch.bench;

import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// Lists the workloads that `compare` knows by name.
@Command(name = "workloads", description = "What the workloads send.")
final class WorkloadsCommand implements Runnable {
    @Mixin
    private final Output output = new Output();

    @Override
    public void run() {
        Table table = new Table("workload", "sends", "after", "how often");
        for (Workload workload : Workload.ALL) {
            String mix = workload.mix().stream()
                    .map(part -> (workload.mix().size() > 1 ? part.weight() + " " : "") + part.request())
                    .collect(Collectors.joining(" | "));
            table.row(workload.name(), mix, workload.fill(), fills(workload));
        }
        output.print(table);
        Workload.GROUPS.forEach((group, names) -> output.print(group + ": " + String.join(", ", names)));
    }

    private static String fills(Workload workload) {
        return workload.fill().isEmpty()
                ? ""
                : workload.fillTimes() == 0 ? "once for each key" : Table.whole(workload.fillTimes());
    }
}
