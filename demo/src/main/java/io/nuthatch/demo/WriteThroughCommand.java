package io.nuthatch.demo;

import io.nuthatch.demo.Experiments.Group;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `./nuthatch demo write-through`: individual against batched writes, cold against warm reads, concurrent users.
@Command(
        name = "write-through",
        mixinStandardHelpOptions = true,
        description =
                "Individual against batched writes, cold against warm reads, and concurrent users: a cache of memory"
                        + " and a server over a database.")
final class WriteThroughCommand implements Callable<Integer> {
    @Mixin
    private Surroundings surroundings = new Surroundings();

    @ArgGroup
    private Only only = new Only();

    static final class Only {
        @Option(names = "--writes-only", description = "Only what writes.")
        private boolean writes;

        @Option(names = "--reads-only", description = "Only what reads.")
        private boolean reads;
    }

    @Override
    public Integer call() {
        List<Group> groups = new ArrayList<>();
        try (Workbench workbench = new Workbench(surroundings);
                Progress progress = Progress.onTerminal()) {
            Experiments experiments = new Experiments(workbench, surroundings, progress);
            experiments.warmUp();
            if (!only.reads) {
                groups.add(experiments.writes());
            }
            if (!only.writes) {
                groups.add(experiments.reads());
            }
            if (!only.reads && !only.writes) {
                groups.add(experiments.users());
            }
            System.out.println("Over " + workbench.description() + ":");
            System.out.print(Report.of(workbench, groups).tables());
        }
        return 0;
    }
}
