package io.nuthatch.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.testing.GuardedMemory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(GuardedMemory.class)
class HashValueTest {
    private static final int LONGEST = 10_000;
    private static final List<String> KEYS = List.of("a", "b", "c");

    private final StoreSettings settings = new StoreSettings();
    private final Keyspace keyspace = new Keyspace(2, 42, settings);
    private final Random random = new Random();
    private final Tx tx = keyspace.newTx(random);
    private final Bytes key = new Bytes().set(Memory.allocate(LONGEST), 0);
    private final Bytes otherKey = new Bytes().set(Memory.allocate(LONGEST), 0);
    private final Bytes field = new Bytes().set(Memory.allocate(LONGEST), 0);
    private final Bytes value = new Bytes().set(Memory.allocate(LONGEST), 0);

    private static Bytes set(Bytes room, String text) {
        byte[] array = text.getBytes(StandardCharsets.ISO_8859_1);
        Memory.copy(array, 0, room.address(), array.length);
        return room.set(room.address(), array.length);
    }

    private static String text(Bytes bytes) {
        return new String(bytes.toArray(), StandardCharsets.ISO_8859_1);
    }

    @AfterEach
    void everythingIsGivenBack() {
        transact(() -> {
            tx.flush(0);
            tx.flush(1);
        });
        keyspace.collectAll();
        for (int shard = 0; shard < Keyspace.SHARDS; shard++) {
            assertThat(keyspace.shard(shard).slab.usedBytes()).isZero();
        }
    }

    private void transact(Runnable work) {
        tx.begin(0, 0, true).lock(Keyspace.ALL_SHARDS);
        work.run();
        tx.end();
    }

    private @Nullable Entry entry(String name) {
        return tx.find(set(key, name));
    }

    private boolean put(String name, String fieldText, String valueText) {
        Entry entry = entry(name);
        return HashValue.put(
                entry == null ? HashValue.create(tx, key) : entry, set(field, fieldText), set(value, valueText));
    }

    private Map<String, String> content(String name) {
        Entry entry = entry(name);
        Map<String, String> all = new LinkedHashMap<>();
        if (entry != null) {
            HashValue.forEach(
                    entry, (f, v) -> assertThat(all.put(text(f), text(v))).isNull());
            assertThat(HashValue.length(entry)).isEqualTo(all.size());
        }
        return all;
    }

    /// With no, few and many fields allowed in a listpack, with short values and with long ones.
    @ParameterizedTest
    @CsvSource({"0, 64", "20, 64", "512, 64", "512, 5000"})
    void holdsWhatAHashHolds(int maxEntries, int maxValue) {
        settings.hashMaxListpackEntries = maxEntries;
        settings.hashMaxListpackValue = maxValue;
        long seed = System.nanoTime();
        System.out.println("HashValueTest maxEntries=" + maxEntries + " maxValue=" + maxValue + " seed=" + seed);
        random.setSeed(seed);
        Map<String, Map<String, String>> models = new HashMap<>();
        KEYS.forEach(name -> models.put(name, new HashMap<>()));
        for (int step = 0; step < 20_000; step++) {
            boolean growing = step / 4_000 % 2 == 0;
            String name = KEYS.get(random.nextInt(KEYS.size()));
            transact(() -> change(name, models.get(name), growing));
            if (step % 50 == 0) {
                String other = KEYS.get(random.nextInt(KEYS.size()));
                transact(() -> combine(name, other, models));
                transact(() -> assertThat(content(name)).isEqualTo(models.get(name)));
                transact(() -> assertThat(content(other)).isEqualTo(models.get(other)));
            }
        }
    }

    private String randomField() {
        return random.nextBoolean() ? Integer.toString(random.nextInt(400)) : "field:" + random.nextInt(400);
    }

    private String randomValue() {
        return switch (random.nextInt(200)) {
            case 0 -> "x".repeat(random.nextInt(LONGEST));
            case 1 -> "";
            case 2 -> Long.toString(random.nextLong());
            default -> "v".repeat(random.nextInt(30)) + random.nextInt(1000);
        };
    }

    private void change(String name, Map<String, String> model, boolean growing) {
        String fieldText = randomField();
        Entry entry = entry(name);
        assertThat(entry == null).isEqualTo(model.isEmpty());
        if (random.nextInt(10) < (growing ? 8 : 3)) {
            String valueText = randomValue();
            assertThat(put(name, fieldText, valueText)).isEqualTo(model.put(fieldText, valueText) == null);
        } else if (entry != null) {
            Bytes found = HashValue.get(entry, set(field, fieldText));
            assertThat(found == null ? null : text(found)).isEqualTo(model.get(fieldText));
            assertThat(HashValue.remove(entry, field)).isEqualTo(model.remove(fieldText) != null);
            HashValue.settle(entry);
        }
    }

    private void combine(String from, String to, Map<String, Map<String, String>> models) {
        Entry entry = entry(from);
        if (entry == null || from.equals(to)) {
            return;
        }
        switch (random.nextInt(3)) {
            case 0 -> {
                tx.copy(entry, set(otherKey, to), 0);
                models.put(to, new HashMap<>(models.get(from)));
            }
            case 1 -> {
                tx.rename(entry, set(otherKey, to));
                models.put(to, models.put(from, new HashMap<>()));
            }
            default -> {
                entry.delete();
                models.get(from).clear();
            }
        }
    }

    private String encoding(String name) {
        String[] encoding = new String[1];
        transact(() -> encoding[0] = HashValue.encoding(entry(name)));
        return encoding[0];
    }

    @Test
    void thresholdsAreRedis() {
        for (int i = 0; i < 512; i++) {
            String number = Integer.toString(i);
            transact(() -> put("many", number, "x"));
        }
        transact(() -> put("many", "511", "other"));
        assertThat(encoding("many")).isEqualTo("listpack");
        transact(() -> put("many", "512", "x"));
        assertThat(encoding("many")).isEqualTo("hashtable");
        transact(() -> put("long", "x".repeat(64), "y".repeat(64)));
        assertThat(encoding("long")).isEqualTo("listpack");
        transact(() -> put("long", "f", "y".repeat(65)));
        assertThat(encoding("long")).isEqualTo("hashtable");
        transact(() -> put("name", "x".repeat(65), "y"));
        assertThat(encoding("name")).isEqualTo("hashtable");
    }

    @Test
    void aSmallHashKeepsItsOrder() {
        transact(() -> {
            put("h", "b", "1");
            put("h", "a", "2");
            put("h", "b", "a longer value");
            assertThat(content("h").keySet()).containsExactly("b", "a");
            HashValue.remove(entry("h"), set(field, "b"));
            put("h", "b", "3");
            assertThat(content("h").keySet()).containsExactly("a", "b");
        });
    }

    @Test
    void aScanVisitsAllThatStaysWhileTheHashGrowsAndShrinks() {
        long seed = System.nanoTime();
        System.out.println("HashValueTest scan seed=" + seed);
        random.setSeed(seed);
        transact(() -> {
            for (int i = 0; i < 3000; i++) {
                put("h", "stays" + i, "v" + i);
            }
        });
        Set<String> visited = new HashSet<>();
        long[] cursor = {0};
        int[] added = {0};
        do {
            transact(() -> {
                cursor[0] = HashValue.scan(entry("h"), cursor[0], 10, (f, v) -> visited.add(text(f) + "=" + text(v)));
                for (int i = 0; i < 50; i++) {
                    put("h", "comes" + added[0]++, "v");
                    int goes = random.nextInt(added[0]);
                    HashValue.remove(entry("h"), set(field, "comes" + goes));
                }
            });
        } while (cursor[0] != 0);
        for (int i = 0; i < 3000; i++) {
            assertThat(visited).contains("stays" + i + "=v" + i);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {20, 100, 2000})
    void everyFieldIsAsLikelyToBeDrawn(int size) {
        random.setSeed(1);
        Map<String, Integer> drawn = new HashMap<>();
        int rounds = size * 200;
        transact(() -> {
            for (int i = 0; i < size; i++) {
                put("h", "f" + i, "v");
            }
            Entry entry = entry("h");
            for (int i = 0; i < rounds; i++) {
                HashValue.random(entry, random, (f, v) -> drawn.merge(text(f), 1, Integer::sum));
            }
            for (int i = 0; i < 200; i++) {
                HashValue.sample(entry, size / 2, random, (f, v) -> drawn.merge(text(f), 1, Integer::sum));
            }
        });
        // Chi squared, five standard deviations off at the most.
        double expected = 200 + 100;
        double chi = drawn.values().stream()
                .mapToDouble(count -> (count - expected) * (count - expected) / expected)
                .sum();
        assertThat(drawn).hasSize(size);
        assertThat(chi).isLessThan(size + 5 * Math.sqrt(2.0 * size));
    }

    @Test
    void aSampleHasNoFieldTwice() {
        transact(() -> {
            for (int i = 0; i < 1000; i++) {
                put("h", "f" + i, "v" + i);
            }
            Entry entry = entry("h");
            for (int count : new int[] {1, 10, 300, 400, 1000}) {
                List<String> sample = new ArrayList<>();
                HashValue.sample(entry, count, random, (f, v) -> {
                    assertThat(text(v)).isEqualTo("v" + text(f).substring(1));
                    sample.add(text(f));
                });
                assertThat(sample).hasSize(count).doesNotHaveDuplicates();
            }
        });
    }

    @Test
    void aLargeHashIsFreedInSlices() {
        transact(() -> {
            for (int i = 0; i < 5000; i++) {
                put("h", "f" + i, "v");
            }
            entry("h").delete();
        });
        assertThat(keyspace.counts().pendingFrees()).isEqualTo(1);
        keyspace.collectAll();
        assertThat(keyspace.counts().pendingFrees()).isZero();
    }
}
