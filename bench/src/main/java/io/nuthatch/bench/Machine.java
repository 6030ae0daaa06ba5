package io.nuthatch.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// The machine a run took place on.
///
/// @param loadAverage over the minute before the run: what else was going on
record Machine(String processor, int cores, long memoryBytes, String kernel, String javaVersion, double loadAverage) {
    static Machine here() {
        return new Machine(
                firstValue("/proc/cpuinfo", "model name"),
                Runtime.getRuntime().availableProcessors(),
                Long.parseLong(firstValue("/proc/meminfo", "MemTotal").replaceAll("\\D", "")) << 10,
                System.getProperty("os.name") + " " + System.getProperty("os.version"),
                Runtime.version().toString(),
                Double.parseDouble(read("/proc/loadavg").split(" ", 2)[0]));
    }

    /// The processor time all cores have spent busy since the machine started, in ticks of 10 ms: everything but
    /// idle, waiting for disks, and time taken by the host.
    static long busyTicks() {
        return busyTicks(read("/proc/stat"));
    }

    /// @param stat the content of `/proc/stat`, whose first line is `cpu user nice system idle iowait irq softirq
    ///     steal ...`
    static long busyTicks(String stat) {
        String[] fields = stat.substring(0, stat.indexOf('\n')).trim().split(" +");
        long busy = 0;
        for (int i : new int[] {1, 2, 3, 6, 7}) {
            busy += Long.parseLong(fields[i]);
        }
        return busy;
    }

    private static String firstValue(String file, String name) {
        try (Stream<String> lines = Files.lines(Path.of(file))) {
            return lines.filter(line -> line.startsWith(name))
                    .map(line -> line.substring(line.indexOf(':') + 1).trim())
                    .findFirst()
                    .orElse("0");
        } catch (IOException unreadable) {
            throw new BenchFailure("cannot read " + file, unreadable);
        }
    }

    private static String read(String file) {
        try {
            return Files.readString(Path.of(file));
        } catch (IOException unreadable) {
            throw new BenchFailure("cannot read " + file, unreadable);
        }
    }
}
