package io.nuthatch.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.persistence.RdbCheck;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The server is killed at random moments while clients write to it, the log is rewritten and snapshots are saved, and
/// started again on what it has left: whatever was answered is there. With `appendfsync always` that is all of it, with
/// `everysec` all but
/// the
/// last second's; the snapshot is whole if there is one; a transaction is there as a whole or not at all; and nothing
/// is there that was never sent.
///
/// The seed is printed; `-Dnuthatch.seed=<seed>` draws the same moments. With `-Dnuthatch.long=true` it is killed two
/// hundred times.
class CrashTest {
    private static final int KILLS = Boolean.getBoolean("nuthatch.long") ? 200 : 20;
    private static final int WRITERS = 4;
    private static final int KEYS = 20;
    private static final int MOST_MS = 700;
    private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

    @TempDir
    private Path folder;

    private final long seed = Long.getLong("nuthatch.seed", System.nanoTime());
    private final Random random = new Random(seed);

    @Test
    void whatWasAnsweredIsThere() throws IOException, InterruptedException {
        System.out.println("CrashTest seed=" + seed);
        List<Writer> writers = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            writers.add(new Writer(i));
        }
        for (int kill = 0; kill < KILLS; kill++) {
            boolean always = kill % 2 == 0;
            try (ServerProcess server = start(always)) {
                try (RespClient client = RespClient.connect(server.port())) {
                    for (Writer writer : writers) {
                        writer.check(client, "seed=" + seed + " kill=" + kill);
                    }
                }
                writeUntilKilled(server, writers, always);
            }
            checkSnapshot("seed=" + seed + " kill=" + kill);
        }
        try (ServerProcess server = start(true);
                RespClient client = RespClient.connect(server.port())) {
            for (Writer writer : writers) {
                writer.check(client, "seed=" + seed + " at the end");
            }
        }
    }

    /// There is none until the first has been saved, which takes longer than some servers live.
    private void checkSnapshot(String when) throws IOException {
        Path snapshot = folder.resolve("dump.rdb");
        if (Files.exists(snapshot)) {
            assertThat(RdbCheck.of(snapshot)).as(when).anyMatch(line -> line.startsWith("the file is whole"));
        }
    }

    private ServerProcess start(boolean always) {
        return ServerProcess.start(
                folder,
                "--appendonly",
                "yes",
                "--appendfsync",
                always ? "always" : "everysec",
                "--save",
                "",
                "--aof-timestamp-enabled",
                random.nextBoolean() ? "yes" : "no",
                "--aof-use-rdb-preamble",
                random.nextBoolean() ? "yes" : "no",
                "--auto-aof-rewrite-min-size",
                "1mb");
    }

    private void writeUntilKilled(ServerProcess server, List<Writer> writers, boolean always)
            throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (Writer writer : writers) {
            Thread thread = new Thread(() -> writer.write(server.port()));
            thread.start();
            threads.add(thread);
        }
        Thread rewriting = new Thread(() -> rewrite(server.port()));
        rewriting.start();
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50 + random.nextInt(MOST_MS)));
        long killedNanos = System.nanoTime();
        server.kill();
        for (Thread thread : threads) {
            thread.join();
        }
        rewriting.join();
        writers.forEach(writer -> writer.promise(always ? Long.MAX_VALUE : killedNanos - SECOND_NANOS));
    }

    /// Has the log rewritten and a snapshot saved again and again, until the server is gone.
    private static void rewrite(int port) {
        try (RespClient client = RespClient.connect(port)) {
            while (true) {
                client.call("BGREWRITEAOF");
                client.call("BGSAVE", "SCHEDULE");
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(40));
            }
        } catch (UncheckedIOException gone) {
            // It was killed.
        }
    }

    /// A client with keys of its own, whose values count up: what it was told, and what it has sent at all.
    private static final class Writer {
        private final int number;
        private long sent;

        /// Up to here nothing may be lost.
        private long promised;

        /// What was answered and when, since the server started.
        private final Deque<long[]> answered = new ArrayDeque<>();

        Writer(int number) {
            this.number = number;
        }

        private String key(long value) {
            return "w" + number + ":" + value % KEYS;
        }

        /// Writes until the server is gone. Every value goes to its key, to a list, and to two keys in a transaction.
        void write(int port) {
            try (RespClient client = RespClient.connect(port)) {
                while (true) {
                    long value = sent + 1;
                    String text = String.valueOf(value);
                    client.queue(List.of("MULTI"));
                    client.queue(List.of("SET", "left:" + number, text));
                    client.queue(List.of("SET", key(value), text, "EX", "100000"));
                    client.queue(List.of("INCRBYFLOAT", "float:" + number, "0.5"));
                    client.queue(List.of("SET", "right:" + number, text));
                    client.queue(List.of("EXEC"));
                    sent = value;
                    client.flush();
                    for (int i = 0; i < 5; i++) {
                        client.read();
                    }
                    Reply reply = client.read();
                    if (!(reply instanceof Reply.Array)) {
                        throw new AssertionError("not answered as it should be: " + reply);
                    }
                    answered.add(new long[] {System.nanoTime(), value});
                }
            } catch (UncheckedIOException gone) {
                // It was killed.
            }
        }

        /// What was answered up to a moment must be there from now on.
        void promise(long untilNanos) {
            for (long[] each : answered) {
                if (each[0] <= untilNanos) {
                    promised = Math.max(promised, each[1]);
                }
            }
            answered.clear();
        }

        void check(RespClient client, String when) {
            long left = number(client, "left:" + number);
            assertThat(left).as("%s: writer %d", when, number).isBetween(promised, sent);
            assertThat(number(client, "right:" + number))
                    .as("%s: a transaction is whole", when)
                    .isEqualTo(left);
            for (long value = Math.max(1, left - KEYS + 1); value <= left; value++) {
                assertThat(number(client, key(value)))
                        .as("%s: %s", when, key(value))
                        .isEqualTo(value);
            }
            Reply sum = client.call("GET", "float:" + number);
            if (left > 0) {
                assertThat(Double.parseDouble(((Reply.Bulk) sum).text()))
                        .as(when)
                        .isEqualTo(left * 0.5);
            }
            // What came back is the state to go on from.
            sent = left;
            promised = left;
        }

        private static long number(RespClient client, String key) {
            return client.call("GET", key) instanceof Reply.Bulk(String text) ? Long.parseLong(text) : 0;
        }
    }
}
