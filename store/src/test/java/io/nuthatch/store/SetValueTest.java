package io.nuthatch.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.testing.GuardedMemory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(GuardedMemory.class)
class SetValueTest {
    private static final int LONGEST = 1000;
    private static final List<String> KEYS = List.of("a", "b", "c", "d");

    private final StoreSettings settings = new StoreSettings();
    private final Keyspace keyspace = new Keyspace(2, 42, settings);
    private final Random random = new Random();
    private final Tx tx = keyspace.newTx(random);
    private final Bytes key = new Bytes().set(Memory.allocate(LONGEST), 0);
    private final Bytes otherKey = new Bytes().set(Memory.allocate(LONGEST), 0);
    private final Bytes member = new Bytes().set(Memory.allocate(LONGEST), 0);

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

    private boolean add(String name, String text) {
        Entry entry = tx.find(set(key, name));
        return SetValue.add(entry == null ? SetValue.create(tx, key, set(member, text), 1) : entry, set(member, text));
    }

    private Set<String> members(String name) {
        Entry entry = tx.find(set(key, name));
        List<String> all = new ArrayList<>();
        if (entry != null) {
            SetView.of(entry).forEach(found -> all.add(text(found)));
            assertThat(SetValue.size(entry)).isEqualTo(all.size());
        }
        assertThat(all).doesNotHaveDuplicates();
        return new HashSet<>(all);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5, 100, 600})
    void holdsWhatASetHolds(int texts) {
        long seed = System.nanoTime();
        System.out.println("SetValueTest texts=" + texts + " seed=" + seed);
        random.setSeed(seed);
        Map<String, Set<String>> models = new HashMap<>();
        KEYS.forEach(name -> models.put(name, new HashSet<>()));
        for (int step = 0; step < 20_000; step++) {
            boolean growing = step / 4_000 % 2 == 0;
            String name = KEYS.get(random.nextInt(KEYS.size()));
            transact(() -> change(name, models.get(name), texts, growing));
            if (step % 50 == 0) {
                String other = KEYS.get(random.nextInt(KEYS.size()));
                transact(() -> combine(name, other, models));
                transact(() -> assertThat(members(name)).isEqualTo(models.get(name)));
                transact(() -> assertThat(members(other)).isEqualTo(models.get(other)));
            }
        }
    }

    private String randomText(int texts) {
        return random.nextInt(650) < texts
                ? "x".repeat(random.nextInt(100) == 0 ? random.nextInt(100) : 3) + random.nextInt(300)
                : Long.toString(random.nextInt(1000) * (random.nextInt(4) == 0 ? 10_000_000_000L : 1));
    }

    private void change(String name, Set<String> model, int texts, boolean growing) {
        String text = randomText(texts);
        Entry entry = tx.find(set(key, name));
        assertThat(entry == null).isEqualTo(model.isEmpty());
        if (random.nextInt(10) < (growing ? 8 : 3)) {
            assertThat(add(name, text)).isEqualTo(model.add(text));
        } else if (entry != null && random.nextBoolean()) {
            SetValue.pop(entry, popped -> assertThat(model.remove(text(popped))).isTrue());
            SetValue.settle(entry);
        } else if (entry != null) {
            assertThat(SetValue.contains(entry, set(member, text))).isEqualTo(model.contains(text));
            assertThat(SetValue.remove(entry, member)).isEqualTo(model.remove(text));
            SetValue.settle(entry);
        }
    }

    private void combine(String from, String to, Map<String, Set<String>> models) {
        Entry entry = tx.find(set(key, from));
        if (entry == null || from.equals(to)) {
            return;
        }
        switch (random.nextInt(3)) {
            case 0 -> {
                tx.copy(entry, set(otherKey, to), 0);
                models.put(to, new HashSet<>(models.get(from)));
            }
            case 1 -> {
                tx.rename(entry, set(otherKey, to));
                models.put(to, models.put(from, new HashSet<>()));
            }
            default -> {
                Entry other = tx.find(set(otherKey, to));
                try (SetResult result = new SetResult(tx, set(otherKey, to))) {
                    SetView.of(entry).forEach(result::add);
                    if (other != null) {
                        SetView.of(other).forEach(result::add);
                    }
                    models.get(to).addAll(models.get(from));
                    assertThat(result.store()).isEqualTo(models.get(to).size());
                }
            }
        }
    }

    private String encoding(String name) {
        String[] encoding = new String[1];
        transact(() -> encoding[0] = SetValue.encoding(tx.find(set(key, name))));
        return encoding[0];
    }

    @Test
    void thresholdsAreRedis() {
        for (int i = 0; i < 512; i++) {
            String number = Integer.toString(i);
            transact(() -> add("ints", number));
            transact(() -> add("words", "w" + Integer.parseInt(number) % 128));
        }
        assertThat(encoding("ints")).isEqualTo("intset");
        assertThat(encoding("words")).isEqualTo("listpack");
        transact(() -> add("ints", "512"));
        transact(() -> add("words", "w128"));
        assertThat(encoding("ints")).isEqualTo("hashtable");
        assertThat(encoding("words")).isEqualTo("hashtable");
        transact(() -> add("mixed", "1"));
        transact(() -> add("mixed", "x"));
        assertThat(encoding("mixed")).isEqualTo("listpack");
        transact(() -> add("mixed", "x".repeat(65)));
        assertThat(encoding("mixed")).isEqualTo("hashtable");
    }

    @Test
    void aScanVisitsAllThatStaysWhileTheSetGrowsAndShrinks() {
        long seed = System.nanoTime();
        System.out.println("SetValueTest scan seed=" + seed);
        random.setSeed(seed);
        transact(() -> {
            for (int i = 0; i < 3000; i++) {
                add("s", "stays" + i);
            }
        });
        Set<String> visited = new HashSet<>();
        long[] cursor = {0};
        int[] added = {0};
        do {
            transact(() -> {
                cursor[0] = SetView.of(tx.find(set(key, "s"))).scan(cursor[0], 10, found -> visited.add(text(found)));
                for (int i = 0; i < 50; i++) {
                    add("s", "comes" + added[0]++);
                }
            });
        } while (cursor[0] != 0);
        for (int i = 0; i < 3000; i++) {
            assertThat(visited).contains("stays" + i);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {20, 100, 2000})
    void everyMemberIsAsLikelyToBeDrawn(int size) {
        random.setSeed(1);
        Map<String, Integer> drawn = new HashMap<>();
        int rounds = size * 200;
        transact(() -> {
            for (int i = 0; i < size; i++) {
                add("s", size == 20 ? Integer.toString(i) : "m" + i);
            }
            SetView view = SetView.of(tx.find(set(key, "s")));
            for (int i = 0; i < rounds; i++) {
                drawn.merge(text(view.random(random)), 1, Integer::sum);
            }
            for (int i = 0; i < 200; i++) {
                view.sample(size / 2, random, found -> drawn.merge(text(found), 1, Integer::sum));
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
    void aSampleHasNoMemberTwice() {
        transact(() -> {
            for (int i = 0; i < 1000; i++) {
                add("s", "m" + i);
            }
            SetView view = SetView.of(tx.find(set(key, "s")));
            for (int count : new int[] {1, 10, 300, 400, 999}) {
                Set<String> sample = new HashSet<>();
                view.sample(
                        count,
                        random,
                        found -> assertThat(sample.add(text(found))).isTrue());
                assertThat(sample).hasSize(count);
            }
        });
    }

    @Test
    void aSetIsEmptiedByPops() {
        int size = 20_000;
        Set<String> popped = new HashSet<>();
        transact(() -> {
            for (int i = 0; i < size; i++) {
                add("s", "m" + i);
            }
            Entry entry = tx.find(set(key, "s"));
            for (int i = 0; i < size; i++) {
                SetValue.pop(entry, found -> popped.add(text(found)));
            }
            SetValue.settle(entry);
            assertThat(tx.find(set(key, "s"))).isNull();
        });
        assertThat(popped).hasSize(size);
    }

    @Test
    void aLargeSetIsFreedInSlices() {
        transact(() -> {
            for (int i = 0; i < 5000; i++) {
                add("s", "m" + i);
            }
            tx.find(set(key, "s")).delete();
        });
        assertThat(keyspace.counts().pendingFrees()).isEqualTo(1);
        keyspace.collectAll();
        assertThat(keyspace.counts().pendingFrees()).isZero();
    }
}
