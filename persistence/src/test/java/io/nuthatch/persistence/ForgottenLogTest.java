package io.nuthatch.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.engine.Clock;
import io.nuthatch.engine.Config;
import io.nuthatch.engine.Engine;
import io.nuthatch.memory.Scratch;
import io.nuthatch.memory.testing.GuardedMemory;
import io.nuthatch.store.KeyEvent;
import io.nuthatch.store.Keyspace;
import io.nuthatch.store.StoreSettings;
import io.nuthatch.store.Tx;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// A log does not fill the system's memory with what nobody reads: every part of it is named as not needed, twice, but
/// for the last few megabytes.
@ExtendWith(GuardedMemory.class)
class ForgottenLogTest {
    private static final int MEGABYTE = 1024 * 1024;

    @TempDir
    private Path folder;

    private record Range(long from, long until) {}

    /// Notes what its files are told to forget.
    private static final class NotingDisk extends PlainDisk {
        private final ConcurrentLinkedQueue<Range> forgotten = new ConcurrentLinkedQueue<>();

        @Override
        public File open(Path path) throws IOException {
            return new PlainFile(super.open(path)) {
                @Override
                public void forget(long from, long until) {
                    forgotten.add(new Range(from, until));
                    super.forget(from, until);
                }
            };
        }

        /// How often a byte has been named.
        private long timesForgotten(long offset) {
            return forgotten.stream()
                    .filter(range -> range.from <= offset && offset < range.until)
                    .count();
        }
    }

    @Test
    void allButTheEndIsNamedTwice() throws IOException {
        NotingDisk disk = new NotingDisk();
        Config config = new Config();
        config.set(Map.of("dir", folder.toString(), "appendonly", "yes", "appendfsync", "everysec"));
        try (Keyspace keyspace = new Keyspace(16, 1, new StoreSettings())) {
            Engine engine = new Engine(config, Clock.SYSTEM, keyspace, List.of(), List.of());
            Snapshots snapshots = new Snapshots(engine, disk);
            AppendOnlyFile log = new AppendOnlyFile(engine, disk, snapshots.base());
            log.start();
            Tx tx = keyspace.newTx(new Random(1));
            for (int i = 0; i < 40; i++) {
                append(tx, MEGABYTE);
                engine.durability().nudge();
            }
            Awaitility.await().until(() -> log.figures().bufferedBytes() == 0);
            assertThat(disk.forgotten).isNotEmpty();
            for (int i = 0; i < 20; i++) {
                assertThat(disk.timesForgotten((long) i * MEGABYTE))
                        .as("megabyte %d of %s", i, disk.forgotten)
                        .isEqualTo(2);
            }
            log.close();
            snapshots.close();
        }
    }

    private static void append(Tx tx, int bytes) {
        try (Scratch key = Scratch.of("key");
                Scratch value = Scratch.of("v".repeat(bytes))) {
            tx.begin(0, Clock.SYSTEM.wallMs(), true).lock(Keyspace.ALL_SHARDS);
            tx.changed(key.bytes(), KeyEvent.SET);
            tx.effect("SET").add(key.bytes()).add(value.bytes());
            tx.end();
        }
    }
}
