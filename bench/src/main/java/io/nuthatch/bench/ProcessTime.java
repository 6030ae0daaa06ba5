package io.nuthatch.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The processor time of a process and of its children that have ended and been waited for: redis saves in one.
///
/// @param ticks of 10 ms
record ProcessTime(long ticks) {
    /// The fields of user and system time, of the process and then of its children, behind the name in brackets.
    private static final int FIRST_FIELD = 11;

    private static final int FIELDS = 4;

    static ProcessTime of(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            long sum = 0;
            for (int i = FIRST_FIELD; i < FIRST_FIELD + FIELDS; i++) {
                sum += Long.parseLong(fields[i]);
            }
            return new ProcessTime(sum);
        } catch (IOException gone) {
            throw new BenchFailure("no such process: pid=" + pid, gone);
        }
    }

    double secondsSince(ProcessTime earlier) {
        return (ticks - earlier.ticks) * ProcessFigures.TICK_NANOS / 1e9;
    }
}
