package io.nuthatch.commands;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// What the system knows of this process, from Linux's `/proc`. Elsewhere memory is 0, and all of the processor's
/// time counts as user time.
final class ProcessFigures {
    private static final Path PROC = Path.of("/proc/self");
    private static final boolean LINUX = Files.exists(PROC.resolve("stat"));

    /// A clock tick of `/proc/*/stat`: on every Linux a hundredth of a second.
    private static final double TICK_SECONDS = 0.01;

    // Fields of `stat` after the name in brackets, which may hold blanks itself; see proc(5), less three.
    private static final int USER_TICKS = 11;
    private static final int SYSTEM_TICKS = 12;
    private static final int CHILDREN_USER_TICKS = 13;
    private static final int CHILDREN_SYSTEM_TICKS = 14;

    /// The kernel cuts names of threads to this.
    private static final int THREAD_NAME_CHARS = 15;

    private ProcessFigures() {}

    /// Time on the processor.
    record Cpu(double userSeconds, double systemSeconds, double childrenUserSeconds, double childrenSystemSeconds) {
        static final Cpu NONE = new Cpu(0, 0, 0, 0);

        Cpu plus(Cpu other) {
            return new Cpu(
                    userSeconds + other.userSeconds,
                    systemSeconds + other.systemSeconds,
                    childrenUserSeconds + other.childrenUserSeconds,
                    childrenSystemSeconds + other.childrenSystemSeconds);
        }
    }

    /// Physical memory of the process.
    static long residentBytes() {
        return LINUX ? kilobytes(PROC.resolve("status"), "VmRSS:") << 10 : 0;
    }

    static long systemMemoryBytes() {
        return LINUX ? kilobytes(Path.of("/proc/meminfo"), "MemTotal:") << 10 : 0;
    }

    private static long kilobytes(Path file, String field) {
        return read(file)
                .lines()
                .filter(line -> line.startsWith(field))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElse(0);
    }

    static Cpu cpu() {
        if (!LINUX) {
            Duration all = ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
            return new Cpu(all.toNanos() / 1e9, 0, 0, 0);
        }
        return cpu(read(PROC.resolve("stat")));
    }

    /// The time of all threads whose names begin so.
    static Cpu cpuOfThreads(String prefix) {
        Cpu sum = Cpu.NONE;
        for (String stat : LINUX ? statsOfThreads() : List.<String>of()) {
            String name = stat.substring(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
            if (name.startsWith(prefix.substring(0, Math.min(prefix.length(), THREAD_NAME_CHARS)))) {
                sum = sum.plus(cpu(stat));
            }
        }
        return sum;
    }

    private static List<String> statsOfThreads() {
        List<String> stats = new ArrayList<>();
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(PROC.resolve("task"))) {
            for (Path thread : threads) {
                try {
                    stats.add(Files.readString(thread.resolve("stat")));
                } catch (NoSuchFileException ended) {
                    continue; // between the listing and the reading
                }
            }
        } catch (IOException fault) {
            throw new UncheckedIOException(fault);
        }
        return stats;
    }

    private static Cpu cpu(String stat) {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        double[] seconds = Stream.of(USER_TICKS, SYSTEM_TICKS, CHILDREN_USER_TICKS, CHILDREN_SYSTEM_TICKS)
                .mapToDouble(field -> Long.parseLong(fields[field]) * TICK_SECONDS)
                .toArray();
        return new Cpu(seconds[0], seconds[1], seconds[2], seconds[3]);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException fault) {
            throw new UncheckedIOException(fault);
        }
    }
}
