package io.nuthatch.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.engine.Clock;
import io.nuthatch.engine.CommandError;
import io.nuthatch.engine.Config;
import io.nuthatch.engine.Engine;
import io.nuthatch.memory.Scratch;
import io.nuthatch.memory.testing.GuardedMemory;
import io.nuthatch.store.KeyEvent;
import io.nuthatch.store.Keyspace;
import io.nuthatch.store.StoreSettings;
import io.nuthatch.store.StringValue;
import io.nuthatch.store.Tx;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The log on a disk that is full for a while, or does not force: nothing may be written meanwhile, nothing that was is
/// lost, and it goes on by itself.
@ExtendWith(GuardedMemory.class)
class AppendLogTest {
    @TempDir
    private Path folder;

    private final FaultyDisk disk = new FaultyDisk();
    private final Config config = new Config();
    private final Keyspace keyspace = new Keyspace(16, 1, new StoreSettings());
    private final Engine engine = new Engine(config, Clock.SYSTEM, keyspace, List.of(), List.of());
    private final Snapshots snapshots = new Snapshots(engine, disk);
    private final AppendOnlyFile log = new AppendOnlyFile(engine, disk, snapshots.base());
    private final Tx tx = keyspace.newTx(new Random(1));
    private int written;

    private void start(String fsync) throws IOException {
        config.set(Map.of("dir", folder.toString(), "appendonly", "yes", "appendfsync", fsync));
        log.start();
    }

    @AfterEach
    void close() {
        disk.fail(0, 0);
        log.close();
        snapshots.close();
        keyspace.close();
    }

    private void write(int count) {
        for (int i = 0; i < count; i++) {
            try (Scratch key = Scratch.of("key:" + written++);
                    Scratch value = Scratch.of("value")) {
                tx.begin(0, Clock.SYSTEM.wallMs(), true).lock(Keyspace.ALL_SHARDS);
                StringValue.set(tx, key.bytes(), value.bytes(), Tx.NO_DEADLINE);
                tx.changed(key.bytes(), KeyEvent.SET);
                tx.effect("SET").add(key.bytes()).add(value.bytes());
                tx.end();
            }
        }
        engine.durability().nudge();
    }

    private void awaitFault() {
        Awaitility.await().until(() -> engine.durability().fault() != null);
        CommandError fault = Objects.requireNonNull(engine.durability().fault());
        assertThat(fault.line()).startsWith("MISCONF Errors writing to the AOF file: No space left on device");
        assertThat(log.figures().writeOk()).isFalse();
    }

    private void awaitRecovery() {
        Awaitility.await().until(() -> engine.durability().fault() == null);
        assertThat(log.figures().writeOk()).isTrue();
    }

    /// How many keys a start would find: those of the base, and those set since.
    private long keysOnDisk() throws IOException {
        AofFolder files = AofFolder.of(Disk.REAL, config);
        long commands = 0;
        long keys = 0;
        for (AofManifest.Part part : files.read().parts()) {
            AofScan scan = AofScan.of(files.path(part), Long.MAX_VALUE);
            assertThat(scan.isWhole()).as("%s", scan).isTrue();
            if (scan.rdbBytes() > 0) {
                try (Keyspace other = new Keyspace(16, 2, new StoreSettings())) {
                    var options = new RdbLoader.Options(0, true, false, true);
                    keys += new RdbLoader(other)
                            .load(files.path(part), options, _ -> {})
                            .loaded();
                }
            } else if (scan.commands() > 0) {
                commands += scan.commands() - 1; // SELECT
            }
        }
        return keys + commands;
    }

    @Test
    void aLogThatIsTurnedOnWhileALogIsWrittenBeginsWhenThatIsDone() throws IOException {
        AtomicBoolean turnedOn = new AtomicBoolean();
        Disk turningOn = new PlainDisk() {
            @Override
            public void rename(Path source, Path target) throws IOException {
                super.rename(source, target);
                if (target.toString().endsWith(".base.rdb") && turnedOn.compareAndSet(false, true)) {
                    config.set(Map.of("appendonly", "yes"));
                    write(5); // Not in this base: its cut has been made.
                }
            }
        };
        config.set(Map.of("dir", folder.toString()));
        try (Snapshots bases = new Snapshots(engine, turningOn);
                AppendOnlyFile other = new AppendOnlyFile(engine, turningOn, bases.base())) {
            other.start();
            other.rewrite();
            Awaitility.await().untilTrue(turnedOn);
            other.reload();
            tx.begin(0, Clock.SYSTEM.wallMs(), false);
            assertThat(tx.size(0)).isEqualTo(5);
            tx.end();
        }
    }

    @Test
    void aFullDiskRefusesWritesUntilThereIsRoomAgain() throws IOException {
        start("everysec");
        write(10);
        for (int i = 0; i < 3; i++) {
            disk.fail(0, 1_000_000);
            write(10);
            awaitFault();
            disk.fail(0, 0);
            awaitRecovery();
            write(10);
        }
        log.close();
        assertThat(keysOnDisk()).isEqualTo(70);
    }

    @Test
    void withAlwaysNothingIsAnsweredThatIsNotForced() throws IOException {
        start("always");
        write(1);
        engine.durability().await(engine.durability().needed());
        Awaitility.await()
                .until(() -> engine.durability().isReached(engine.durability().needed()));
        disk.fail(1, 1_000_000); // The write is well, the force is not.
        write(1);
        long needed = engine.durability().needed();
        engine.durability().await(needed);
        awaitFault();
        assertThat(engine.durability().isBroken()).isTrue();
        assertThat(engine.durability().isReached(needed)).isFalse();
        disk.fail(0, 0);
        Awaitility.await().until(() -> engine.durability().isReached(needed));
        // What a disk says after such a failure proves nothing.
        Awaitility.await()
                .until(() -> log.figures().rewrites() == 1 && log.figures().rewriteOk());
        log.close();
        assertThat(keysOnDisk()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"yes", "no"})
    void aRewriteThatFailsAnywhereLosesNothing(String preamble) throws IOException {
        config.set(Map.of("aof-use-rdb-preamble", preamble));
        start("everysec");
        boolean failed = true;
        for (int before = 0; failed; before++) {
            write(5);
            disk.fail(before, 1);
            long rewrites = log.figures().rewrites();
            assertThat(log.rewrite()).isTrue();
            Awaitility.await()
                    .until(() -> log.figures().rewrites() > rewrites
                            && !log.figures().rewriting());
            failed = !log.figures().rewriteOk() || disk.operations() > before;
            disk.fail(0, 0);
            awaitRecovery();
        }
        log.close();
        assertThat(keysOnDisk()).isEqualTo(written);
    }
}
