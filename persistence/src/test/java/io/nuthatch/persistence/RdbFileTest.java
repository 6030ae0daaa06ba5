package io.nuthatch.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.memory.Scratch;
import io.nuthatch.memory.testing.GuardedMemory;
import io.nuthatch.store.EvictionPolicy;
import io.nuthatch.store.Keyspace;
import io.nuthatch.store.StoreSettings;
import io.nuthatch.store.StringValue;
import io.nuthatch.store.Tx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
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
    private final RandomKeys keys = new RandomKeys(random, NOW_MS);
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
            keys.put(tx, random.nextInt(3) * 7, "key:" + i);
        }
        Path file = save(PLAIN);
        RdbLoader.Outcome outcome = load(file);
        assertThat(outcome.loaded()).isEqualTo(KEYS);
        assertThat(outcome.bytes()).isEqualTo(Files.size(file));
        assertThat(Content.of(to, NOW_MS)).isEqualTo(Content.of(from, NOW_MS));
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

    /// Before version 5 there was no checksum, which is the file's last eight bytes.
    @Test
    void allVersionsAreRead() throws IOException {
        Tx tx = from.newTx(random);
        keys.put(tx, 0, "key");
        byte[] bytes = Files.readAllBytes(save(PLAIN));
        for (int version = 1; version <= 12; version++) {
            byte[] other = Arrays.copyOf(bytes, bytes.length - (version < 5 ? Long.BYTES : 0));
            other[7] = (byte) ('0' + version / 10);
            other[8] = (byte) ('0' + version % 10);
            Path file = Files.write(folder.resolve("version-" + version), other);
            try (Keyspace fresh = new Keyspace(16, version, new StoreSettings())) {
                var options = new RdbLoader.Options(NOW_MS, false, false, false);
                assertThat(new RdbLoader(fresh).load(file, options, _ -> {}).loaded())
                        .as("version=%d", version)
                        .isOne();
            }
        }
    }

    private Path save(RdbFormat format) throws IOException {
        Path file = folder.resolve("dump.rdb");
        new RdbSave(Disk.REAL, from, format, file, folder.resolve("temp.rdb")).run(NOW_MS - 10, () -> {});
        return file;
    }

    private RdbLoader.Outcome load(Path file) throws IOException {
        return new RdbLoader(to).load(file, new RdbLoader.Options(NOW_MS, false, false, true), bytes -> {});
    }
}
