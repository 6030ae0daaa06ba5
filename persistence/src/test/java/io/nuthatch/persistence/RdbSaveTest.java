package io.nuthatch.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.memory.Bytes;
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
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
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

    /// Far less than the data, so that it is reached.
    private static final long BOUND_BYTES = 64 * 1024;

    /// A piece for the thread that walks, and one for that which writes.
    private static final long SLACK_BYTES = 4 * 64 * 1024;

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
        try (Scratch key = Scratch.of(name);
                Scratch bytes = Scratch.of("field:" + field);
                Scratch value = Scratch.of("value:" + own.nextLong())) {
            begin(tx, key.bytes());
            Entry hash = tx.write(key.bytes());
            HashValue.put(hash == null ? HashValue.create(tx, key.bytes()) : hash, bytes.bytes(), value.bytes());
            tx.end();
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
