package io.nuthatch.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// The processor time a process has used so far, and its memory, as Linux tells them for processes of any kind.
///
/// Processor time is told in two ways, and each has a flaw. `/proc/PID/task/*/schedstat` has nanoseconds, but a
/// thread that ends takes its time with it. `/proc/PID/stat` forgets no thread, but counts user and system time in
/// ticks of 10 ms. [#nanosSince] takes the first, unless the second shows that threads have ended.
///
/// Either lags behind by up to one scheduler tick for a thread that is running right now.
///
/// @param taskNanos by the threads alive, user and system time together
record ProcessFigures(long taskNanos, long userTicks, long systemTicks) {
    static final long TICK_NANOS = 10_000_000;

    /// How far the sum of user and system ticks can lie above the truth between two readings.
    private static final long TICKS_OFF_MAX = 2;

    static ProcessFigures of(long pid) {
        long[] ticks = userAndSystemTicks(read(Path.of("/proc/" + pid + "/stat")));
        return new ProcessFigures(taskNanos(pid), ticks[0], ticks[1]);
    }

    /// The processor time used since `earlier`.
    long nanosSince(ProcessFigures earlier) {
        long ticks = userTicks + systemTicks - earlier.userTicks - earlier.systemTicks;
        return Math.max(taskNanos - earlier.taskNanos, (ticks - TICKS_OFF_MAX) * TICK_NANOS);
    }

    /// The part of the time since `earlier` that went into the kernel, 0 to 1.
    double systemShareSince(ProcessFigures earlier) {
        double user = userTicks - earlier.userTicks;
        double system = systemTicks - earlier.systemTicks;
        return user + system == 0 ? 0 : system / (user + system);
    }

    private static long taskNanos(long pid) {
        long nanos = 0;
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
            for (Path task : tasks) {
                nanos += runNanos(task.resolve("schedstat"));
            }
        } catch (IOException gone) {
            throw new BenchFailure("no such process: pid=" + pid, gone);
        }
        return nanos;
    }

    /// The first field of a thread's `schedstat`: nanoseconds on a processor. A thread that has just ended has
    /// none.
    private static long runNanos(Path schedstat) {
        try {
            return Long.parseLong(Files.readString(schedstat).split(" ")[0]);
        } catch (IOException ended) {
            return 0;
        }
    }

    /// The resident memory of a process, in bytes.
    static long residentBytes(long pid) {
        return residentBytes(read(Path.of("/proc/" + pid + "/status")));
    }

    /// @param status the content of `/proc/PID/status`
    static long residentBytes(String status) {
        for (String line : status.split("\n")) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) << 10;
            }
        }
        throw new BenchFailure("no VmRSS in /proc/PID/status; has the process ended?");
    }

    /// The fields 14 and 15 of `/proc/PID/stat`. The second field is the program's name in parentheses; as it may
    /// hold blanks and parentheses itself, the rest is what follows the last one.
    static long[] userAndSystemTicks(String stat) {
        String[] fromThird = stat.substring(stat.lastIndexOf(')') + 2).trim().split(" ");
        return new long[] {Long.parseLong(fromThird[11]), Long.parseLong(fromThird[12])};
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException gone) {
            throw new BenchFailure("cannot read " + file, gone);
        }
    }
}
