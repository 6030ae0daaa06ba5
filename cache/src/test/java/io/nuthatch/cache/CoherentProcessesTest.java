package io.nuthatch.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Two processes with a cache each and a third party that writes beside them, over connections that are cut now
/// and then: no read returns what is older than an invalidation that was delivered before.
class CoherentProcessesTest {
    private static final int OPERATIONS = 2_000;
    private static final int OPERATIONS_WHEN_LONG = 500_000;
    private static final int THIRD_PARTY = 2;
    private static final int WRITES_TO_A_CUT = 5_000;

    private static RedisProcess redis;

    @TempDir
    private Path folder;

    @BeforeAll
    static void startRedis() {
        redis = RedisProcess.start();
    }

    @AfterAll
    static void stopRedis() {
        redis.close();
    }

    @Test
    void noReadIsOlderThanWhatWasDelivered() throws Exception {
        long seed = Long.getLong("nuthatch.seed", new Random().nextLong());
        System.out.println("seed " + seed);
        int operations = Boolean.getBoolean("nuthatch.long") ? OPERATIONS_WHEN_LONG : OPERATIONS;
        List<Process> processes = List.of(
                start(0, Redis.Tracking.SELECTIVE, operations, seed),
                start(1, Redis.Tracking.BROADCAST, operations, seed + 1));
        try {
            int cuts = writeBeside(processes, new Random(seed + 2));
            assertThat(cuts).isPositive();
            for (Process process : processes) {
                assertAllIsWell(process);
            }
        } finally {
            processes.forEach(Process::destroyForcibly);
        }
    }

    private Process start(int self, Redis.Tracking tracking, int operations, long seed) throws Exception {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path")
                                + File.pathSeparator
                                + System.getProperty("jdk.module.path", ""),
                        CoherentProcess.class.getName(),
                        redis.uri(),
                        "" + self,
                        tracking.name(),
                        "" + operations,
                        "" + seed)
                .redirectError(folder.resolve("errors" + self).toFile())
                .start();
    }

    /// Writes the third party's keys, each version greater than the last, and cuts all connections now and then.
    private int writeBeside(List<Process> processes, Random random) {
        long[] versions = new long[CoherentProcess.KEYS];
        int cuts = 0;
        for (long writes = 1; processes.stream().anyMatch(Process::isAlive); writes++) {
            int key = THIRD_PARTY
                    + CoherentProcess.WRITERS * random.nextInt(CoherentProcess.KEYS / CoherentProcess.WRITERS);
            redis.call("SET", "c:" + key, "" + ++versions[key]);
            if (writes % WRITES_TO_A_CUT == 0) {
                redis.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
                cuts++;
            }
        }
        return cuts;
    }

    private void assertAllIsWell(Process process) throws Exception {
        List<String> said = new ArrayList<>();
        try (BufferedReader lines = process.inputReader()) {
            lines.lines().forEach(said::add);
        }
        String errors = "";
        for (int self = 0; self < THIRD_PARTY; self++) {
            errors += Files.readString(folder.resolve("errors" + self));
        }
        assertThat(process.waitFor()).as(errors).isZero();
        String[] words = said.getLast().split(" ");
        System.out.println(said.getLast());
        assertThat(Long.parseLong(words[1])).as("reads").isPositive();
        assertThat(Long.parseLong(words[3])).as("of which from memory").isPositive();
    }
}
