package io.nuthatch.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.Scratch;
import io.nuthatch.memory.testing.GuardedMemory;
import io.nuthatch.store.Entry;
import io.nuthatch.store.EvictionPolicy;
import io.nuthatch.store.HashValue;
import io.nuthatch.store.Keyspace;
import io.nuthatch.store.StoreSettings;
import io.nuthatch.store.StringValue;
import io.nuthatch.store.Tx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// What a save takes in memory while everything is being changed, and that the file is of the cut all the same.
@ExtendWith(GuardedMemory.class)
class RdbSaveTest {
    private static final RdbFormat FORMAT =
            new RdbFormat(true, true, true, EvictionPolicy.NOEVICTION, RdbFormat.Purpose.SNAPSHOT);
    private static final long NOW_MS = 1_800_000_000_000L;
    private static final int KEYS = 4_000;
    private static final int FIELDS = 6_000;
    private static final int VALUE_BYTES = 300;

    /// Each has just enough fields to go in pieces.
    private static final int HASHES = 150;

    private static final int FEW_FIELDS = 300;

    /// Each is a piece by itself.
    private static final int LONG_KEYS = 100;

    /// Far less than the data, so that it is reached.
    private static final long BOUND_BYTES = 64 * 1024;

    /// A piece for the thread that walks, and one for that which writes.
    private static final long SLACK_BYTES = 4 * 64 * 1024;

    /// How a block of memory that is in no slab is described.
    private static final Pattern BLOCK = Pattern.compile("block of (\\d+) bytes at \\w+(?! from slab)\\b");

    @TempDir
    private Path folder;

    private final long seed = Long.getLong("nuthatch.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final Keyspace from = new Keyspace(16, 1, new StoreSettings());
    private final Keyspace to = new Keyspace(16, 2, new StoreSettings());

    @BeforeEach
    void tellSeed() {
        System.out.println("RdbSaveTest seed=" + seed);
    }

    @AfterEach
    void close() {
        from.close();
        to.close();
    }

    private void set(Tx tx, String name, Random own, int length) {
        byte[] bytes = new byte[length];
        own.nextBytes(bytes);
        try (Scratch key = Scratch.of(name);
                Scratch value = Scratch.of(bytes)) {
            begin(tx, key.bytes());
            StringValue.set(tx, key.bytes(), value.bytes(), Tx.NO_DEADLINE);
            tx.end();
        }
    }

    private void begin(Tx tx, Bytes key) {
        tx.begin(0, NOW_MS, true).lock(1L << Keyspace.shardOf(from.hash(key)));
    }

    private void putField(Tx tx, String name, int field, Random own) {
        try (Scratch key = Scratch.of(name)) {
            begin(tx, key.bytes());
            putFieldLocked(tx, name, field, own);
            tx.end();
        }
    }

    private static void putFieldLocked(Tx tx, String name, int field, Random own) {
        try (Scratch key = Scratch.of(name);
                Scratch bytes = Scratch.of("field:" + field);
                Scratch value = Scratch.of("value:" + own.nextLong())) {
            Entry hash = tx.write(key.bytes());
            HashValue.put(hash == null ? HashValue.create(tx, key.bytes()) : hash, bytes.bytes(), value.bytes());
        }
    }

    private void fill(Tx tx) {
        for (int i = 0; i < KEYS; i++) {
            set(tx, "key:" + i, random, VALUE_BYTES);
        }
        for (int i = 0; i < FIELDS; i++) {
            putField(tx, "one hash", i, random);
            putField(tx, "another hash", i, random);
        }
    }

    @Test
    void whatWaitsForTheDiskHasABoundWhateverIsChanged() throws IOException, InterruptedException {
        Tx tx = from.newTx(random);
        fill(tx);
        Map<String, String> before = Content.of(from, NOW_MS);
        CountDownLatch cut = new CountDownLatch(1);
        AtomicBoolean stop = new AtomicBoolean();
        AtomicReference<Throwable> fault = new AtomicReference<>();
        Thread writer = new Thread(() -> change(cut, stop));
        writer.setUncaughtExceptionHandler((_, failed) -> fault.set(failed));
        writer.start();
        Path file = folder.resolve("dump.rdb");
        RdbSave save = new RdbSave(Disk.REAL, from, FORMAT, file, folder.resolve("temp.rdb"), BOUND_BYTES);
        save.run(NOW_MS, cut::countDown);
        stop.set(true);
        writer.join();
        assertThat(fault.get()).isNull();
        new RdbLoader(to).load(file, new RdbLoader.Options(NOW_MS, false, false, true), _ -> {});
        assertThat(Content.of(to, NOW_MS).equals(before))
                .as("the file is of the cut")
                .isTrue();
        assertThat(Content.of(from, NOW_MS).equals(before))
                .as("nothing has changed")
                .isFalse();
        assertThat(save.peakBytes()).isLessThan(BOUND_BYTES + SLACK_BYTES);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.toList()).isEqualTo(List.of(file));
        }
    }

    /// All fields of many hashes are changed before any of them has its turn: each has a piece under way.
    @Test
    void whatWaitsHasTheSameBoundThoughManyLargeCollectionsWaitForTheirTurn() throws IOException, InterruptedException {
        changeHashes(from.newTx(random), () -> {}, () -> {});
        Map<String, String> before = Content.of(from, NOW_MS);
        CountDownLatch locked = new CountDownLatch(1);
        AtomicReference<Throwable> fault = new AtomicReference<>();
        AtomicLong waiting = new AtomicLong();
        Set<Long> blocks = new HashSet<>();
        Tx tx = from.newTx(random);
        Runnable whenLocked = () -> {
            blocks.addAll(Memory.liveBlocks());
            locked.countDown();
        };
        Thread writer = new Thread(() -> changeHashes(tx, whenLocked, () -> waiting.set(newBytes(blocks))));
        writer.setUncaughtExceptionHandler((_, failed) -> fault.set(failed));
        SpillDisk disk = new SpillDisk();
        disk.afterSizes = () -> {
            writer.start();
            await(locked);
        };
        RdbSave save = new RdbSave(disk, from, FORMAT, file(), folder.resolve("temp.rdb"), BOUND_BYTES);
        save.run(NOW_MS, () -> disk.isPastCut = true);
        writer.join();
        assertThat(fault.get()).isNull();
        new RdbLoader(to).load(file(), new RdbLoader.Options(NOW_MS, false, false, true), _ -> {});
        assertThat(Content.of(to, NOW_MS).equals(before))
                .as("the file is of the cut")
                .isTrue();
        assertThat(Files.size(file())).as("far more than may wait").isGreaterThan(10 * BOUND_BYTES);
        assertThat(save.peakBytes()).isLessThan(BOUND_BYTES + SLACK_BYTES);
        // Room is half as much again as what it holds.
        assertThat(waiting).hasPositiveValue().hasValueLessThan(2 * (BOUND_BYTES + SLACK_BYTES));
        assertOnlyTheFile();
    }

    /// Changes all fields of all hashes in one transaction.
    private void changeHashes(Tx tx, Runnable whenLocked, Runnable atTheEnd) {
        Random own = new Random(seed + 1);
        tx.begin(0, NOW_MS, true).lock(Keyspace.ALL_SHARDS);
        whenLocked.run();
        for (int field = 0; field < FEW_FIELDS; field++) {
            for (int i = 0; i < HASHES; i++) {
                putFieldLocked(tx, "hash:" + i, field, own);
            }
        }
        atTheEnd.run();
        tx.end();
    }

    /// What has been allocated since there were these blocks. Large collections are in slabs; what waits for the disk
    /// is not.
    private static long newBytes(Set<Long> before) {
        return Memory.liveBlocks().stream()
                .filter(block -> !before.contains(block))
                .map(block -> BLOCK.matcher(Memory.describe(block)))
                .filter(Matcher::lookingAt)
                .mapToLong(matcher -> Long.parseLong(matcher.group(1)))
                .sum();
    }

    /// Strings that are changed while a hash is being written, whose pieces must stand together in the file.
    @Test
    void whatComesInTheMiddleOfALargeCollectionStandsBehindIt() throws IOException, InterruptedException {
        fillForSpill();
        Map<String, String> before = Content.of(from, NOW_MS);
        SpillDisk disk = new SpillDisk();
        saveAndChangeInTheMiddle(disk);
        // The strings, and of the hash, before its turn, what stands in front and the field that was changed.
        assertThat(disk.spilled).hasValue(LONG_KEYS + 2);
        new RdbLoader(to).load(file(), new RdbLoader.Options(NOW_MS, false, false, true), _ -> {});
        assertThat(Content.of(to, NOW_MS).equals(before))
                .as("the file is of the cut")
                .isTrue();
        assertOnlyTheFile();
    }

    @Test
    void aSecondFileThatCannotBeWrittenFailsTheSaveAndIsGone() throws IOException, InterruptedException {
        fillForSpill();
        SpillDisk disk = new SpillDisk();
        disk.refuses = true;
        assertThatThrownBy(() -> saveAndChangeInTheMiddle(disk)).isInstanceOf(IOException.class);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).isEmpty();
        }
        Map<String, String> after = Content.of(from, NOW_MS);
        new RdbSave(Disk.REAL, from, FORMAT, file(), folder.resolve("temp.rdb")).run(NOW_MS, () -> {});
        new RdbLoader(to).load(file(), new RdbLoader.Options(NOW_MS, false, false, true), _ -> {});
        assertThat(Content.of(to, NOW_MS).equals(after))
                .as("the next save has everything")
                .isTrue();
        assertOnlyTheFile();
    }

    private void fillForSpill() {
        Tx tx = from.newTx(random);
        for (int i = 0; i < LONG_KEYS; i++) {
            set(tx, "key:" + i, random, RdbKeys.LONG_STRING_BYTES + 1);
        }
        for (int i = 0; i < FIELDS; i++) {
            putField(tx, "one hash", i, random);
        }
    }

    /// The writer has all shards locked before the one that saves is done with a piece of the hash, so that this does
    /// not come to the hash's end before all strings have been changed.
    private void saveAndChangeInTheMiddle(SpillDisk disk) throws IOException, InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch locked = new CountDownLatch(1);
        AtomicReference<Throwable> fault = new AtomicReference<>();
        Thread writer = new Thread(() -> {
            // The hash is the first thing that is written if somebody changes it before anything is walked through.
            putField(from.newTx(random), "one hash", 1, new Random(seed + 2));
            begun.countDown();
            await(disk.inTheMiddle);
            Tx tx = from.newTx(random);
            tx.begin(0, NOW_MS, true).lock(Keyspace.ALL_SHARDS);
            locked.countDown();
            for (int i = 0; i < LONG_KEYS; i++) {
                try (Scratch key = Scratch.of("key:" + i);
                        Scratch value = Scratch.of("changed")) {
                    StringValue.set(tx, key.bytes(), value.bytes(), Tx.NO_DEADLINE);
                }
            }
            tx.end();
        });
        writer.setUncaughtExceptionHandler((_, failed) -> fault.set(failed));
        disk.afterSizes = () -> {
            writer.start();
            await(begun);
        };
        disk.afterPiece = () -> await(locked);
        try {
            new RdbSave(disk, from, FORMAT, file(), folder.resolve("temp.rdb"), 1)
                    .run(NOW_MS, () -> disk.isPastCut = true);
        } finally {
            writer.join();
            assertThat(fault.get()).isNull();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            if (!latch.await(30, TimeUnit.SECONDS)) {
                throw new IllegalStateException("nobody came");
            }
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    private Path file() {
        return folder.resolve("dump.rdb");
    }

    private void assertOnlyTheFile() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.toList()).isEqualTo(List.of(file()));
        }
    }

    /// The system's disk: it tells when the sizes and then the first piece have been written to the first file, and
    /// counts the pieces that go to the second.
    private static final class SpillDisk extends PlainDisk {
        private final CountDownLatch inTheMiddle = new CountDownLatch(1);
        private final AtomicInteger spilled = new AtomicInteger();
        private Runnable afterSizes = () -> {};
        private Runnable afterPiece = () -> {};
        private volatile boolean refuses;

        // Of the thread that saves.
        private boolean isPastCut;
        private int appended;

        @Override
        public Disk.File create(Path path) throws IOException {
            Disk.File file = super.create(path);
            return path.toString().endsWith(".spill") ? new Spill(file) : new First(file);
        }

        private void written() {
            if (isPastCut) {
                appended++;
                if (appended == 1) {
                    afterSizes.run();
                } else if (appended == 2) {
                    inTheMiddle.countDown();
                    afterPiece.run();
                }
            }
        }

        private final class First extends PlainFile {
            First(Disk.File file) {
                super(file);
            }

            @Override
            public void append(Bytes bytes) throws IOException {
                super.append(bytes);
                written();
            }
        }

        private final class Spill extends PlainFile {
            Spill(Disk.File file) {
                super(file);
            }

            @Override
            public void append(Bytes bytes) throws IOException {
                if (refuses && inTheMiddle.getCount() == 0) {
                    throw new IOException("No space left on device");
                }
                super.append(bytes);
                spilled.incrementAndGet();
            }
        }
    }

    private void change(CountDownLatch cut, AtomicBoolean stop) {
        try {
            cut.await();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
        Random own = new Random(seed + 1);
        Tx tx = from.newTx(own);
        for (int i = 0; !stop.get(); i++) {
            set(tx, "key:" + i % KEYS, own, VALUE_BYTES);
            putField(tx, i % 2 == 0 ? "one hash" : "another hash", own.nextInt(FIELDS), own);
        }
    }
}
