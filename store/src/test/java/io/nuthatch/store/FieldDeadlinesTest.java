package io.nuthatch.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.testing.GuardedMemory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(GuardedMemory.class)
class FieldDeadlinesTest {
    private static final List<String> KEYS = List.of("a", "b", "c");
    private static final int LONGEST = 1_000;
    private static final int STEPS = Boolean.getBoolean("nuthatch.long") ? 600_000 : 30_000;

    private record Timed(String value, long deadlineMs) {}

    private final StoreSettings settings = new StoreSettings();
    private final Keyspace keyspace = new Keyspace(2, 42, settings);
    private final Random random = new Random();
    private final Tx tx = keyspace.newTx(random);
    private final Bytes key = new Bytes().set(Memory.allocate(LONGEST), 0);
    private final Bytes otherKey = new Bytes().set(Memory.allocate(LONGEST), 0);
    private final Bytes field = new Bytes().set(Memory.allocate(LONGEST), 0);
    private final Bytes value = new Bytes().set(Memory.allocate(LONGEST), 0);
    private final List<KeyEvent> events = new ArrayList<>();
    private long nowMs = 1_000_000;

    {
        keyspace.listen(new KeyListener() {
            @Override
            public void happened(int shard, int db, Bytes key, KeyEvent event) {
                events.add(event);
            }

            @Override
            public void replaced(int shard, int db, Predicate<Bytes> concerns) {}
        });
    }

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
        transact(() -> tx.flush(0));
        keyspace.collectAll();
        for (int shard = 0; shard < Keyspace.SHARDS; shard++) {
            assertThat(keyspace.shard(shard).slab.usedBytes()).isZero();
        }
    }

    private void transact(Runnable work) {
        tx.begin(0, nowMs, true).lock(Keyspace.ALL_SHARDS);
        work.run();
        tx.end();
    }

    private @Nullable Entry entry(String name) {
        return tx.find(set(key, name));
    }

    private void put(String name, String fieldText, String valueText, HashValue.Deadline deadline) {
        Entry entry = entry(name);
        HashValue.put(
                entry == null ? HashValue.create(tx, key) : entry,
                set(field, fieldText),
                set(value, valueText),
                deadline);
    }

    private void fill(String name, int count, long deadlineMs) {
        transact(() -> {
            for (int i = 0; i < count; i++) {
                put(name, "f" + i, "v" + i, HashValue.Deadline.DROPPED);
                HashValue.deadlineMs(entry(name), set(field, "f" + i), deadlineMs);
            }
        });
    }

    private Map<String, Timed> content(String name) {
        Entry entry = entry(name);
        Map<String, Timed> all = new HashMap<>();
        if (entry != null) {
            HashValue.forEachTimed(
                    entry,
                    (f, v, deadlineMs) -> assertThat(all.put(text(f), new Timed(text(v), deadlineMs)))
                            .isNull());
            assertThat(HashValue.length(entry)).isEqualTo(all.size());
            long next = all.values().stream()
                    .mapToLong(Timed::deadlineMs)
                    .filter(deadlineMs -> deadlineMs != Tx.NO_DEADLINE)
                    .min()
                    .orElse(Tx.NO_DEADLINE);
            assertThat(HashValue.nextDeadlineMs(entry))
                    .satisfiesAnyOf(
                            noted -> assertThat(noted).isEqualTo(next),
                            noted -> assertThat(noted).as("hidden").isLessThanOrEqualTo(nowMs));
        }
        return all;
    }

    /// With hashes that are small, grow large, and are large from the start.
    @ParameterizedTest
    @ValueSource(ints = {512, 20, 0})
    void fieldsExpireAsTheirDeadlinesSay(int maxEntries) {
        settings.hashMaxListpackEntries = maxEntries;
        long seed = Long.getLong("nuthatch.seed", System.nanoTime());
        System.out.println("FieldDeadlinesTest maxEntries=" + maxEntries + " seed=" + seed);
        random.setSeed(seed);
        Map<String, Map<String, Timed>> models = new HashMap<>();
        KEYS.forEach(name -> models.put(name, new HashMap<>()));
        for (int step = 0; step < STEPS; step++) {
            String name = KEYS.get(random.nextInt(KEYS.size()));
            transact(() -> change(name, models.get(name)));
            if (random.nextInt(20) == 0) {
                pass(models);
            }
            if (step % 50 == 0) {
                String other = KEYS.get(random.nextInt(KEYS.size()));
                transact(() -> combine(name, other, models));
                for (String each : KEYS) {
                    transact(() -> assertThat(content(each)).as("seed=%d", seed).isEqualTo(models.get(each)));
                }
            }
        }
    }

    /// Lets time pass, with the wheel or without it.
    private void pass(Map<String, Map<String, Timed>> models) {
        nowMs += random.nextInt(random.nextInt(10) == 0 ? 3_000 : 20);
        models.values()
                .forEach(model -> model.values()
                        .removeIf(timed -> timed.deadlineMs != Tx.NO_DEADLINE && timed.deadlineMs <= nowMs));
        if (random.nextBoolean()) {
            keyspace.advance(nowMs);
        }
    }

    private void change(String name, Map<String, Timed> model) {
        String fieldText = random.nextInt(3) == 0 ? "" + random.nextInt(60) : "field" + random.nextInt(60);
        Entry entry = entry(name);
        assertThat(entry == null).isEqualTo(model.isEmpty());
        Timed old = model.get(fieldText);
        switch (random.nextInt(10)) {
            case 0, 1 -> {
                put(name, fieldText, "v" + random.nextInt(1_000), HashValue.Deadline.DROPPED);
                model.put(fieldText, new Timed(text(value), Tx.NO_DEADLINE));
            }
            case 2 -> {
                put(name, fieldText, "w".repeat(random.nextInt(50)), HashValue.Deadline.KEPT);
                model.put(fieldText, new Timed(text(value), old == null ? Tx.NO_DEADLINE : old.deadlineMs));
            }
            case 3 -> {
                if (entry != null) {
                    assertThat(HashValue.remove(entry, set(field, fieldText)))
                            .isEqualTo(model.remove(fieldText) != null);
                    HashValue.settle(entry);
                }
            }
            default -> {
                if (entry != null && old != null) {
                    assertThat(HashValue.deadlineMs(entry, set(field, fieldText)))
                            .isEqualTo(old.deadlineMs);
                    long deadlineMs = random.nextInt(5) == 0
                            ? Tx.NO_DEADLINE
                            : nowMs + 1 + random.nextInt(random.nextBoolean() ? 100 : 5_000);
                    HashValue.deadlineMs(entry, field, deadlineMs);
                    model.put(fieldText, new Timed(old.value, deadlineMs));
                }
            }
        }
    }

    private void combine(String from, String to, Map<String, Map<String, Timed>> models) {
        Entry entry = entry(from);
        if (entry == null || from.equals(to)) {
            return;
        }
        switch (random.nextInt(4)) {
            case 0 -> {
                tx.copy(entry, set(otherKey, to), 0);
                models.put(to, new HashMap<>(models.get(from)));
            }
            case 1 -> {
                tx.rename(entry, set(otherKey, to));
                models.put(to, models.put(from, new HashMap<>()));
            }
            case 2 -> entry.deadlineMs(random.nextBoolean() ? Tx.NO_DEADLINE : Long.MAX_VALUE - random.nextInt(2));
            default -> {
                entry.delete();
                models.get(from).clear();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 3_000})
    void whatIsDueGoesWithoutBeingAskedFor(int count) {
        fill("h", count, nowMs + 100);
        transact(() -> put("h", "stays", "v", HashValue.Deadline.DROPPED));
        transact(() -> assertThat(tx.sizeWithFields(0)).isEqualTo(1));
        events.clear();
        keyspace.advance(nowMs + 99);
        assertThat(keyspace.counts().expiredFields()).isZero();
        for (int i = 0; i < 5; i++) {
            keyspace.advance(nowMs + 105 + i * TimingWheel.TICK_MS);
        }
        assertThat(keyspace.counts().expiredFields()).isEqualTo(count);
        assertThat(events).contains(KeyEvent.HEXPIRED).doesNotContain(KeyEvent.DEL);
        transact(() -> {
            assertThat(HashValue.length(entry("h"))).isEqualTo(1);
            assertThat(tx.sizeWithFields(0)).isZero();
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 3_000})
    void theKeyGoesWithItsLastField(int count) {
        fill("h", count, nowMs + 100);
        events.clear();
        keyspace.advance(nowMs + 105);
        transact(() -> assertThat(tx.size(0)).isZero());
        assertThat(events).containsExactly(KeyEvent.HEXPIRED, KeyEvent.DEL);
    }

    /// Far more than a command removes by itself.
    @Test
    void whatIsDueIsHiddenUntilItIsRemoved() {
        fill("h", 5_000, nowMs + 100);
        transact(() -> IntStream.range(0, 10).forEach(i -> put("h", "stays" + i, "v", HashValue.Deadline.DROPPED)));
        nowMs += 100;
        transact(() -> {
            Entry entry = entry("h");
            assertThat(HashValue.length(entry)).isEqualTo(10);
            assertThat(content("h")).hasSize(10);
            assertThat(HashValue.get(entry, set(field, "f4000"))).isNull();
            assertThat(HashValue.remove(entry, set(field, "f4001"))).isFalse();
            List<String> seen = new ArrayList<>();
            HashValue.random(entry, random, (f, _) -> seen.add(text(f)));
            HashValue.sample(entry, 2, random, (f, _) -> seen.add(text(f)));
            HashValue.sample(entry, 9, random, (f, _) -> seen.add(text(f)));
            assertThat(seen).hasSize(12).allMatch(name -> name.startsWith("stays"));
            assertThat(HashValue.put(entry, set(field, "f4002"), set(value, "new")))
                    .isTrue();
            assertThat(HashValue.length(entry)).isEqualTo(11);
        });
        assertThat(keyspace.counts().expiredFields()).isBetween(1L, 4_000L);
    }

    /// A command that only reads removes what is due, and the snapshot has it nevertheless.
    @ParameterizedTest
    @ValueSource(ints = {10, 3_000})
    void aSnapshotHasWhatExpiresWhileItIsTaken(int count) {
        fill("h", count, nowMs + 100);
        transact(() -> put("h", "stays", "v", HashValue.Deadline.DROPPED));
        Map<String, String> seen = new HashMap<>();
        try (Snapshot snapshot = keyspace.cut(new Seeing(seen), nowMs, () -> {})) {
            nowMs += 100;
            tx.begin(0, nowMs, true).readOnly();
            tx.lock(Keyspace.ALL_SHARDS);
            assertThat(HashValue.get(entry("h"), set(field, "f0"))).isNull();
            tx.end();
            keyspace.advance(nowMs + 5);
            while (snapshot.advance()) {
                keyspace.advance(nowMs + 5);
            }
        }
        assertThat(seen).hasSize(count + 1).containsEntry("f0", "v0").containsEntry("stays", "v");
    }

    /// Notes the fields of what it is handed.
    private record Seeing(Map<String, String> seen) implements Snapshot.Receiver {
        @Override
        public void whole(int shard, int db, Entry entry) {
            HashValue.forEach(entry, (f, v) -> seen.put(text(f), text(v)));
        }

        @Override
        public Snapshot.Pieces inPieces(int shard, int db, Entry entry, long count) {
            return new Snapshot.Pieces() {
                @Override
                public void field(Bytes f, Bytes v, long deadlineMs) {
                    seen.put(text(f), text(v));
                }

                @Override
                public void turn() {}

                @Override
                public void end() {}

                @Override
                public void member(Bytes member) {
                    throw new IllegalStateException("not of a hash: " + member);
                }

                @Override
                public void member(Bytes member, double score) {
                    member(member);
                }

                @Override
                public void listpack(Bytes listpack) {
                    member(listpack);
                }

                @Override
                public void node(StreamId first, Bytes listpack) {
                    member(listpack);
                }

                @Override
                public Snapshot.Kept keepListpack(Bytes listpack) {
                    throw new IllegalStateException("not of a hash: " + listpack);
                }

                @Override
                public Snapshot.Kept keepNode(StreamId first, Bytes listpack) {
                    return keepListpack(listpack);
                }

                @Override
                public void kept(Snapshot.Kept kept) {
                    throw new IllegalStateException("nothing was kept");
                }

                @Override
                public StreamParts stream() {
                    throw new IllegalStateException("no stream");
                }
            };
        }
    }

    @Test
    void onlyAHashThatHasHadDeadlinesPaysForThem() {
        transact(() -> {
            put("h", "field", "value", HashValue.Deadline.DROPPED);
            int block = Record.blockBytes(entry("h").at);
            assertThat(block).isEqualTo(8 + "h".length() + Listpack.EMPTY_BYTES + 2 * 7);
            HashValue.deadlineMs(entry("h"), set(field, "field"), nowMs + 10_000);
            assertThat(Record.blockBytes(entry("h").at)).isEqualTo(block + 8 + Listpack.entryBytes(nowMs + 10_000));
        });
    }
}
