package io.nuthatch.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Scratch;
import io.nuthatch.memory.testing.GuardedMemory;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GuardedMemory.class)
class KeyReadersTest {
    private final Keyspace keyspace = new Keyspace(1, 7, new StoreSettings());
    private final KeyReaders readers = keyspace.readers();
    private final Tx tx = keyspace.newTx(new SplittableRandom(1));

    @AfterEach
    void close() {
        keyspace.close();
    }

    private boolean add(String key, int reader) {
        try (Scratch name = Scratch.of(key)) {
            tx.begin(0, 0, true).lock(Keyspace.ALL_SHARDS);
            boolean first = readers.add(name.bytes(), keyspace.hash(name.bytes()), reader);
            tx.end();
            return first;
        }
    }

    private Set<Integer> take(String key) {
        var told = new TreeSet<Integer>();
        try (Scratch name = Scratch.of(key)) {
            tx.begin(0, 0, true).lock(Keyspace.ALL_SHARDS);
            readers.take(name.bytes(), (any, reader) -> {
                assertThat(any).isEqualTo(name.bytes());
                assertThat(told.add(reader)).as("told twice: reader=%d", reader).isTrue();
            });
            tx.end();
        }
        return told;
    }

    private void clear() {
        tx.begin(0, 0, true).lock(Keyspace.ALL_SHARDS);
        readers.clear();
        tx.end();
        keyspace.collectAll();
    }

    @Test
    void aKeysReadersAreToldOnce() {
        assertThat(add("k", 1)).isTrue();
        assertThat(add("k", 2)).isFalse();
        assertThat(add("k", 1)).isFalse();
        assertThat(readers.keys()).isEqualTo(1);
        assertThat(readers.items()).isEqualTo(2);
        assertThat(take("k")).containsExactly(1, 2);
        assertThat(take("k")).isEmpty();
        assertThat(readers.keys()).isZero();
        assertThat(readers.items()).isZero();
    }

    @Test
    void agreesWithAPlainMap() {
        long seed = Long.getLong("nuthatch.seed", System.nanoTime());
        var random = new Random(seed);
        Map<String, Set<Integer>> plain = new HashMap<>();
        for (int i = 0; i < 60_000; i++) {
            String key = "k".repeat(random.nextInt(3)) + random.nextInt(40);
            int reader = 1 + random.nextInt(random.nextBoolean() ? 3 : 100);
            switch (random.nextInt(60)) {
                case 0 -> {
                    Set<Integer> expected = plain.remove(key);
                    assertThat(take(key)).as("seed=%d", seed).isEqualTo(expected == null ? Set.of() : expected);
                }
                case 1 -> {
                    if (random.nextInt(100) == 0) {
                        clear();
                        plain.clear();
                    }
                }
                default -> {
                    assertThat(add(key, reader)).as("seed=%d", seed).isEqualTo(!plain.containsKey(key));
                    plain.computeIfAbsent(key, any -> new TreeSet<>()).add(reader);
                }
            }
            assertThat(readers.keys()).as("seed=%d", seed).isEqualTo(plain.size());
            assertThat(readers.items())
                    .as("seed=%d", seed)
                    .isEqualTo(plain.values().stream().mapToInt(Set::size).sum());
        }
    }

    @Test
    void trimmingTellsTheReadersOfWhatIsForgotten() {
        for (int i = 0; i < 10_000; i++) {
            add("key:" + i, 1 + i % 5);
        }
        var told = new TreeSet<String>();
        readers.trim(100, new SplittableRandom(3), (key, reader) -> {
            String name = new String(key.toArray(), StandardCharsets.US_ASCII);
            assertThat(reader).isEqualTo(1 + Integer.parseInt(name.substring(4)) % 5);
            told.add(name);
        });
        assertThat(told).hasSize(9_900);
        assertThat(readers.keys()).isEqualTo(100);
        assertThat(take(told.first())).isEmpty();
    }

    @Test
    void evictingSparesTheKeyThatNeedsTheRoom() {
        add("only", 1);
        tx.begin(0, 0, true).lock(Keyspace.ALL_SHARDS);
        try (Scratch name = Scratch.of("only")) {
            Bytes key = name.bytes();
            assertThat(readers.evictBeside(key, keyspace.hash(key), new SplittableRandom(1), (any, reader) -> {}))
                    .isFalse();
        }
        tx.end();
        assertThat(take("only")).containsExactly(1);
    }

    @Test
    void aKeyOfSixteenBytesTakesThirtyFour() {
        int keys = 300_000;
        for (int i = 0; i < keys; i++) {
            add("key:%012d".formatted(i), 1);
        }
        double bytesAKey = (double) readers.usedBytes() / keys;
        assertThat(bytesAKey).isBetween(32.0, 34.5);
        clear();
        assertThat(readers.usedBytes()).isZero();
    }
}
