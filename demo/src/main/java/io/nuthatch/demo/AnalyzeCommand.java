package io.nuthatch.demo;

import io.nuthatch.demo.Experiments.Group;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `./nuthatch analyze`: everything the demo measures and more, written down.
@Command(
        name = "analyze",
        mixinStandardHelpOptions = true,
        description = "Measures writes, batch sizes, reads, each tier and concurrent users, prints tables, and writes"
                + " report.json and report.html, a page with charts that needs no network.")
final class AnalyzeCommand implements Callable<Integer> {
    @Mixin
    private Surroundings surroundings = new Surroundings();

    @Option(names = "--output", paramLabel = "DIR", description = "Where the report goes. Default: ${DEFAULT-VALUE}")
    private Path output = Path.of("target", "analysis");

    @Override
    public Integer call() throws IOException {
        Files.createDirectories(output);
        try (Workbench workbench = new Workbench(surroundings);
                Progress progress = Progress.onTerminal()) {
            Experiments experiments = new Experiments(workbench, surroundings, progress);
            experiments.warmUp();
            List<Group> groups = List.of(
                    experiments.writes(),
                    experiments.batchSizes(),
                    experiments.reads(),
                    experiments.tiers(),
                    experiments.users());
            Report report = Report.of(workbench, groups);
            System.out.println("Over " + workbench.description() + ":");
            System.out.print(report.tables());
            Files.writeString(output.resolve("report.json"), report.json());
            Files.writeString(output.resolve("report.html"), new Page(report).html());
        }
        System.out.println("\nThe same as a page and as JSON: "
                + output.resolve("report.html").toAbsolutePath() + ", "
                + output.resolve("report.json").toAbsolutePath());
        return 0;
    }
}
