package io.nuthatch.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Scratch;
import io.nuthatch.memory.testing.GuardedMemory;
import io.nuthatch.store.Entry;
import io.nuthatch.store.EvictionPolicy;
import io.nuthatch.store.HashValue;
import io.nuthatch.store.Keyspace;
import io.nuthatch.store.ListValue;
import io.nuthatch.store.SetValue;
import io.nuthatch.store.SortedSetDraft;
import io.nuthatch.store.StoreSettings;
import io.nuthatch.store.StringValue;
import io.nuthatch.store.Tx;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// What is saved comes back, whatever it is; in guarded memory.
@ExtendWith(GuardedMemory.class)
class RdbFileTest {
    private static final RdbFormat PLAIN =
            new RdbFormat(true, true, true, EvictionPolicy.NOEVICTION, RdbFormat.Purpose.SNAPSHOT);
    private static final long NOW_MS = 1_800_000_000_000L;
    private static final int KEYS = 500;

    @TempDir
    private Path folder;

    private final long seed = Long.getLong("nuthatch.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final Keyspace from = new Keyspace(16, 1, new StoreSettings());
    private final Keyspace to = new Keyspace(16, 2, new StoreSettings());

    @BeforeEach
    void tellSeed() {
        System.out.println("RdbFileTest seed=" + seed);
    }

    @AfterEach
    void close() {
        from.close();
        to.close();
    }

    @Test
    void whatIsSavedComesBack() throws IOException {
        Tx tx = from.newTx(random);
        for (int i = 0; i < KEYS; i++) {
            put(tx, random.nextInt(3) * 7, "key:" + i);
        }
        Path file = save(PLAIN);
        RdbLoader.Outcome outcome = load(file);
        assertThat(outcome.loaded()).isEqualTo(KEYS);
        assertThat(outcome.bytes()).isEqualTo(Files.size(file));
        assertThat(content(to)).isEqualTo(content(from));
    }

    @Test
    void keysWhoseTimeHasComeAreLeftOutUnlessALogFollows() throws IOException {
        Tx tx = from.newTx(random);
        try (Scratch key = Scratch.of("gone")) {
            tx.begin(0, NOW_MS - 10, true).lock(Keyspace.ALL_SHARDS);
            StringValue.set(tx, key.bytes(), key.bytes(), NOW_MS - 5);
            tx.end();
        }
        Path file = save(PLAIN);
        assertThat(load(file)).isEqualTo(new RdbLoader.Outcome(0, 1, 0, Files.size(file)));
        var options = new RdbLoader.Options(NOW_MS, true, false, true);
        assertThat(new RdbLoader(to).load(file, options, bytes -> {}).loaded()).isOne();
    }

    private Path save(RdbFormat format) throws IOException {
        Path file = folder.resolve("dump.rdb");
        new RdbSave(Disk.REAL, from, format, file, folder.resolve("temp.rdb")).run(NOW_MS - 10, () -> {});
        return file;
    }

    private RdbLoader.Outcome load(Path file) throws IOException {
        return new RdbLoader(to).load(file, new RdbLoader.Options(NOW_MS, false, false, true), bytes -> {});
    }

    private void put(Tx tx, int db, String name) {
        try (Scratch key = Scratch.of(name)) {
            tx.begin(db, NOW_MS, true).lock(Keyspace.ALL_SHARDS);
            int size = random.nextInt(20) == 0 ? 1 + random.nextInt(1500) : 1 + random.nextInt(20);
            Bytes bytes = key.bytes();
            switch (random.nextInt(5)) {
                case 0 -> putString(tx, bytes);
                case 1 -> {
                    Entry list = ListValue.create(tx, bytes);
                    for (int i = 0; i < size; i++) {
                        with(text(), text -> {
                            ListValue.expect(list, text.length(), 1);
                            ListValue.push(list, ListValue.End.TAIL, text);
                        });
                    }
                }
                case 2 -> {
                    Entry[] set = new Entry[1];
                    for (int i = 0; i < size; i++) {
                        with(text(), text -> {
                            set[0] = set[0] == null ? SetValue.create(tx, bytes, text, 1) : set[0];
                            SetValue.add(set[0], text);
                        });
                    }
                }
                case 3 -> {
                    Entry hash = HashValue.create(tx, bytes);
                    for (int i = 0; i < size; i++) {
                        with(text(), field -> with(text(), value -> HashValue.put(hash, field, value)));
                    }
                }
                default -> {
                    try (SortedSetDraft draft = SortedSetDraft.of(tx, bytes)) {
                        for (int i = 0; i < size; i++) {
                            with(text(), member -> draft.put(member, score()));
                        }
                        draft.store(bytes);
                    }
                }
            }
            if (random.nextInt(4) == 0) {
                tx.find(bytes).deadlineMs(NOW_MS + 1 + random.nextInt(1_000_000));
            }
            tx.end();
        }
    }

    private double score() {
        return switch (random.nextInt(5)) {
            case 0 -> Double.NEGATIVE_INFINITY;
            case 1 -> random.nextGaussian();
            default -> random.nextInt(100);
        };
    }

    private void putString(Tx tx, Bytes key) {
        with(text(), text -> StringValue.set(tx, key, text, Tx.NO_DEADLINE));
    }

    private static void with(byte[] text, java.util.function.Consumer<Bytes> use) {
        try (Scratch bytes = Scratch.of(text)) {
            use.accept(bytes.bytes());
        }
    }

    /// Numbers, noise, and text that can be compressed.
    private byte[] text() {
        return switch (random.nextInt(4)) {
            case 0 -> String.valueOf(random.nextLong() >> random.nextInt(64)).getBytes(StandardCharsets.US_ASCII);
            case 1 -> noise(1 + random.nextInt(100), 256);
            case 2 -> noise(1 + random.nextInt(random.nextInt(100) == 0 ? 100_000 : 300), 3);
            default -> noise(1 + random.nextInt(12), 10);
        };
    }

    private byte[] noise(int length, int alphabet) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) random.nextInt(alphabet);
        }
        return bytes;
    }

    /// Every key with its deadline and its value, in an order of its own.
    static Map<String, String> content(Keyspace keyspace) {
        Map<String, String> content = new TreeMap<>();
        Tx tx = keyspace.newTx(new Random(1));
        Bytes window = new Bytes();
        for (int db = 0; db < keyspace.databases(); db++) {
            int number = db;
            tx.begin(db, NOW_MS, false);
            tx.keys(entry -> content.put(
                    number + "/" + entry.key(window),
                    entry.deadlineMs() + " " + entry.type() + " " + Content.of(entry)));
            tx.end();
        }
        return content;
    }
}
