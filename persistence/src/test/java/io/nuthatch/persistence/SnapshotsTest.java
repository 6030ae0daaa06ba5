package io.nuthatch.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nuthatch.engine.Clock;
import io.nuthatch.engine.CommandError;
import io.nuthatch.engine.Config;
import io.nuthatch.engine.Engine;
import io.nuthatch.engine.Persistence;
import io.nuthatch.memory.Scratch;
import io.nuthatch.memory.testing.GuardedMemory;
import io.nuthatch.store.EvictionPolicy;
import io.nuthatch.store.KeyEvent;
import io.nuthatch.store.Keyspace;
import io.nuthatch.store.StoreSettings;
import io.nuthatch.store.StringValue;
import io.nuthatch.store.Tx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// When the data is saved, and what happens when the disk does not want it.
@ExtendWith(GuardedMemory.class)
class SnapshotsTest {
    private static final int KEYS = 200;

    @TempDir
    private Path folder;

    private final long seed = Long.getLong("nuthatch.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final StillClock clock = new StillClock();
    private final FaultyDisk disk = new FaultyDisk();
    private final Config config = new Config();
    private final Keyspace keyspace = new Keyspace(16, 1, new StoreSettings());
    private final Engine engine = new Engine(config, clock, keyspace, List.of(), List.of());
    private final Snapshots snapshots = new Snapshots(engine, disk);
    private final Tx tx = keyspace.newTx(random);

    /// Time passes when the test says so.
    private static final class StillClock implements Clock {
        private final AtomicLong micros = new AtomicLong(1_800_000_000_000_000L);

        void pass(long seconds) {
            micros.addAndGet(seconds * 1_000_000);
        }

        @Override
        public long wallMicros() {
            return micros.get();
        }

        @Override
        public long nanos() {
            return micros.get() * 1000;
        }
    }

    @BeforeEach
    void chooseFolder() {
        System.out.println("SnapshotsTest seed=" + seed);
        config.set(Map.of("dir", folder.toString()));
    }

    @AfterEach
    void close() {
        snapshots.close();
        keyspace.close();
    }

    private void set(String name, String text) {
        try (Scratch key = Scratch.of(name);
                Scratch value = Scratch.of(text)) {
            tx.begin(0, clock.wallMs(), true).lock(Keyspace.ALL_SHARDS);
            StringValue.set(tx, key.bytes(), value.bytes(), Tx.NO_DEADLINE);
            tx.changed(key.bytes(), KeyEvent.SET);
            tx.end();
        }
    }

    private Path file() {
        return folder.resolve("dump.rdb");
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(each -> each.getFileName().toString()).sorted().toList();
        }
    }

    private Map<String, String> saved() throws IOException {
        try (Keyspace other = new Keyspace(16, 2, new StoreSettings())) {
            var options = new RdbLoader.Options(clock.wallMs(), false, false, true);
            new RdbLoader(other).load(file(), options, _ -> {});
            return Content.of(other, clock.wallMs());
        }
    }

    private Object figure(String name) {
        return snapshots.figures().get(name);
    }

    private void awaitEnd() {
        Awaitility.await().until(() -> figure("rdb_bgsave_in_progress").equals(0));
    }

    // ---- faults

    /// Whichever operation of the disk fails, the file under the name is the one before or the new one, whole.
    @Test
    void thereIsAWholeFileWhateverFails() throws IOException {
        for (int i = 0; i < KEYS; i++) {
            set("key:" + i, "before");
        }
        snapshots.save();
        Map<String, String> before = Content.of(keyspace, clock.wallMs());
        for (int i = 0; i < KEYS; i++) {
            set("key:" + i, "after " + random.nextInt());
        }
        Map<String, String> after = Content.of(keyspace, clock.wallMs());
        disk.fail(0, 0);
        new RdbSave(disk, keyspace, format(), folder.resolve("count.rdb"), folder.resolve("count.tmp"))
                .run(clock.wallMs(), () -> {});
        int operations = disk.operations();
        assertThat(operations).isGreaterThan(5);
        for (int fault = 0; fault < operations; fault++) {
            disk.fail(fault, 1);
            assertThatThrownBy(snapshots::save)
                    .as("fault at operation %d", fault)
                    .hasMessage("ERR");
            assertThat(figure("rdb_last_bgsave_status")).isEqualTo("err");
            // The last operation forces the folder: the file has its name by then.
            assertThat(saved()).as("fault at operation %d", fault).isEqualTo(fault < operations - 1 ? before : after);
            assertThat(files()).containsExactly("count.rdb", "dump.rdb");
        }
        disk.fail(0, 0);
        snapshots.save();
        assertThat(saved()).isEqualTo(after);
        assertThat(figure("rdb_last_bgsave_status")).isEqualTo("ok");
    }

    private static RdbFormat format() {
        return new RdbFormat(true, true, true, EvictionPolicy.NOEVICTION, RdbFormat.Purpose.SNAPSHOT);
    }

    @Test
    void writesAreRefusedWhileADueSaveFailsAndNoLonger() throws IOException {
        config.set(Map.of("save", "60 1"));
        set("k", "v");
        disk.fail(0, Integer.MAX_VALUE);
        clock.pass(62);
        snapshots.tick();
        awaitEnd();
        assertThat(snapshots.refusal()).isSameAs(CommandError.SAVE_FAILED);
        config.set(Map.of("stop-writes-on-bgsave-error", "no"));
        assertThat(snapshots.refusal()).isNull();
        config.set(Map.of("stop-writes-on-bgsave-error", "yes", "save", ""));
        assertThat(snapshots.refusal()).isNull();
        config.set(Map.of("save", "60 1"));
        disk.fail(0, 0);
        // Not at once: a disk that has just failed is left alone for some seconds.
        snapshots.tick();
        assertThat(disk.operations()).isZero();
        clock.pass(6);
        snapshots.tick();
        awaitEnd();
        assertThat(snapshots.refusal()).isNull();
        assertThat(saved()).hasSize(1);
    }

    @Test
    void aFolderThatIsGoneIsAFaultLikeAnyOther() throws IOException {
        set("k", "v");
        config.set(Map.of("dir", Files.createDirectory(folder.resolve("gone")).toString()));
        Files.delete(folder.resolve("gone"));
        assertThatThrownBy(snapshots::save).isInstanceOf(CommandError.class);
        assertThatThrownBy(() -> snapshots.saveAtEnd(Persistence.AtEnd.SAVE))
                .hasMessage("ERR Errors trying to SHUTDOWN. Check logs.");
        config.set(Map.of("dir", folder.toString()));
        snapshots.save();
        assertThat(saved()).hasSize(1);
    }

    // ---- when

    @Test
    void aSaveComesDueAfterSoManySecondsAndChanges() throws IOException {
        config.set(Map.of("save", "100 2 50 4"));
        set("a", "1");
        clock.pass(200);
        snapshots.tick();
        assertThat(files()).isEmpty();
        set("b", "1");
        snapshots.tick();
        awaitEnd();
        assertThat(saved()).hasSize(2);
        assertThat(figure("rdb_changes_since_last_save")).isEqualTo(0L);
        for (int i = 0; i < 4; i++) {
            set("c" + i, "1");
        }
        clock.pass(49);
        snapshots.tick();
        assertThat(figure("rdb_saves")).isEqualTo(1L);
        clock.pass(3);
        snapshots.tick();
        awaitEnd();
        assertThat(figure("rdb_saves")).isEqualTo(2L);
    }

    @Test
    void theLastSaveIsMadeIfItIsConfiguredOrAsked() throws IOException {
        set("k", "v");
        config.set(Map.of("save", ""));
        snapshots.saveAtEnd(Persistence.AtEnd.IF_CONFIGURED);
        assertThat(files()).isEmpty();
        config.set(Map.of("save", "3600 1"));
        snapshots.saveAtEnd(Persistence.AtEnd.NO_SAVE);
        assertThat(files()).isEmpty();
        snapshots.saveAtEnd(Persistence.AtEnd.IF_CONFIGURED);
        assertThat(saved()).hasSize(1);
        assertThat(engine.pause().isOn(clock.wallMs())).isTrue();
        Files.delete(file());
        config.set(Map.of("save", ""));
        snapshots.saveAtEnd(Persistence.AtEnd.SAVE);
        assertThat(saved()).hasSize(1);
    }

    @Test
    void aServerThatCannotSaveForTheLastTimeGoesOn() {
        set("k", "v");
        disk.fail(0, Integer.MAX_VALUE);
        assertThatThrownBy(() -> snapshots.saveAtEnd(Persistence.AtEnd.SAVE))
                .hasMessage("ERR Errors trying to SHUTDOWN. Check logs.");
        assertThat(engine.pause().isOn(clock.wallMs())).isFalse();
    }

    @Test
    void whatIsFlushedIsNotBroughtBack() throws IOException {
        config.set(Map.of("save", "3600 1"));
        set("k", "v");
        snapshots.save();
        tx.begin(0, clock.wallMs(), true).flushAll();
        tx.end();
        snapshots.flushed(false);
        assertThat(saved()).isEmpty();
    }

    @Test
    void whatIsGivenUpLeavesNoFileAndRefusesNothing() throws IOException {
        set("k", "v");
        assertThatThrownBy(snapshots::cancel).hasMessageContaining("not in progress or scheduled");
        assertThat(snapshots.saveInBackground(true, true)).isEqualTo("Background saving scheduled");
        assertThat(snapshots.cancel()).isEqualTo("Scheduled background saving cancelled");
        snapshots.tick();
        assertThat(files()).isEmpty();
    }

    // ---- loading

    @Test
    void whatWasSavedIsLoadedAtTheNextStart() throws IOException {
        for (int i = 0; i < KEYS; i++) {
            set("key:" + i, "value " + i);
        }
        Map<String, String> before = Content.of(keyspace, clock.wallMs());
        snapshots.reload(new Persistence.Reload(true, true, false));
        assertThat(Content.of(keyspace, clock.wallMs())).isEqualTo(before);
        assertThat(figure("rdb_last_load_keys_loaded")).isEqualTo((long) KEYS);
        assertThat(engine.loading().isOn()).isFalse();
        assertThatThrownBy(() -> snapshots.reload(new Persistence.Reload(false, false, false)))
                .hasMessageContaining("Error trying to load");
        snapshots.reload(new Persistence.Reload(false, false, true));
        assertThat(Content.of(keyspace, clock.wallMs())).isEqualTo(before);
    }
}
