package io.nuthatch.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.Usage;
import io.nuthatch.memory.testing.GuardedMemory;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GuardedMemory.class)
class KeyspaceTest {
    private final StoreSettings settings = new StoreSettings();
    private final Keyspace keyspace = new Keyspace(16, 42, settings);
    private final Random random = new Random(7);
    private final Tx tx = keyspace.newTx(random);

    @AfterEach
    void givesAllMemoryBack() {
        keyspace.close();
        assertThat(keyspace.usedBytes()).isZero();
    }

    private static Bytes bytes(String text) {
        byte[] array = text.getBytes(StandardCharsets.ISO_8859_1);
        long address = Memory.allocate(Math.max(1, array.length));
        Memory.copy(array, 0, address, array.length);
        return new Bytes().set(address, array.length);
    }

    private void set(String key, String value, long deadlineMs, long nowMs) {
        Bytes k = bytes(key);
        Bytes v = bytes(value);
        tx.begin(0, nowMs, true).lock(Keyspace.ALL_SHARDS);
        StringValue.set(tx, k, v, deadlineMs);
        tx.end();
        free(k);
        free(v);
    }

    private static void free(Bytes bytes) {
        Memory.free(bytes.address(), Math.max(1, bytes.length()));
    }

    private String get(String key, long nowMs) {
        Bytes k = bytes(key);
        tx.begin(0, nowMs, true).lock(Keyspace.ALL_SHARDS);
        Entry entry = tx.find(k);
        String value = entry == null ? "(none)" : new String(entry.value().toArray(), StandardCharsets.ISO_8859_1);
        tx.end();
        free(k);
        return value;
    }

    @Test
    void keepsWhatAPlainMapKeeps() {
        long seed = System.nanoTime();
        System.out.println("KeyspaceTest seed=" + seed);
        Random moves = new Random(seed);
        Map<String, String> model = new HashMap<>();
        for (int i = 0; i < 30_000; i++) {
            String key = "k" + moves.nextInt(500) + "x".repeat(moves.nextInt(20) == 0 ? 300 : 0);
            switch (moves.nextInt(4)) {
                case 0 -> {
                    String value = moves.nextBoolean()
                            ? Long.toString(moves.nextLong())
                            : "v".repeat(moves.nextInt(moves.nextInt(10) == 0 ? 9000 : 100));
                    set(key, value, moves.nextBoolean() ? Tx.NO_DEADLINE : 1_000_000, 1);
                    model.put(key, value);
                }
                case 1 -> append(key, "tail" + i, model);
                case 2 -> delete(key, model);
                default -> assertThat(get(key, 1)).isEqualTo(model.getOrDefault(key, "(none)"));
            }
        }
        model.forEach((key, value) -> assertThat(get(key, 1)).isEqualTo(value));
        tx.begin(0, 1, true);
        assertThat(tx.size(0)).isEqualTo(model.size());
        tx.end();
    }

    private void append(String key, String tail, Map<String, String> model) {
        if (!model.containsKey(key)) {
            return;
        }
        Bytes k = bytes(key);
        Bytes t = bytes(tail);
        tx.begin(0, 1, true).lock(Keyspace.ALL_SHARDS);
        StringValue.append(Objects.requireNonNull(tx.find(k)), t);
        tx.end();
        free(k);
        free(t);
        model.merge(key, tail, String::concat);
    }

    private void delete(String key, Map<String, String> model) {
        Bytes k = bytes(key);
        tx.begin(0, 1, true).lock(Keyspace.ALL_SHARDS);
        Entry entry = tx.find(k);
        assertThat(entry != null).isEqualTo(model.remove(key) != null);
        if (entry != null) {
            entry.delete();
        }
        tx.end();
        free(k);
    }

    @Test
    void expiredKeyIsGoneForEveryReader() {
        set("a", "1", 1000, 0);
        assertThat(get("a", 999)).isEqualTo("1");
        assertThat(get("a", 1000)).isEqualTo("(none)");
    }

    @Test
    void keysGoByThemselvesWhenTheirTimeComes() {
        for (int i = 0; i < 1000; i++) {
            set("k" + i, "v", 1000 + i, 0);
        }
        keyspace.advance(1500);
        tx.begin(0, 1500, true);
        assertThat(tx.size(0)).isBetween(490L, 510L);
        tx.end();
        keyspace.advance(2100);
        tx.begin(0, 2100, true);
        assertThat(tx.size(0)).isZero();
        tx.end();
    }

    @Test
    void flushedMemoryComesBack() {
        long before = keyspace.usedBytes();
        for (int i = 0; i < 5000; i++) {
            set("k" + i, "v".repeat(i % 5000), i % 2 == 0 ? Tx.NO_DEADLINE : 1_000_000, 0);
        }
        tx.begin(0, 0, true);
        assertThat(tx.flush(0)).isEqualTo(5000);
        tx.end();
        keyspace.collectAll();
        assertThat(keyspace.usedBytes() - before).isLessThan(64 * 1024);
    }

    @Test
    void whatAFlushDropsIsFreeWhenItIsCollected() {
        for (int i = 0; i < 5_000; i++) {
            set("k" + i, i % 100 == 0 ? "v".repeat(300_000) : "v", i % 2 == 0 ? 1_000_000 : Tx.NO_DEADLINE, 1);
        }
        tx.begin(0, 1, true);
        assertThat(tx.flushAll()).isEqualTo(5_000);
        assertThat(tx.size(0)).isZero();
        tx.end();
        assertThat(keyspace.counts().pendingFrees()).isPositive();
        keyspace.collectAll();
        assertThat(keyspace.counts().pendingFrees()).isZero();
        // Each shard may be a step behind with what it publishes.
        assertThat(keyspace.usedBytes()).isBetween(0L, (long) Keyspace.SHARDS * Usage.STEP_BYTES);
    }

    @Test
    void aFlushLeavesTheOtherDatabasesAlone() {
        set("a", "1", Tx.NO_DEADLINE, 1);
        tx.begin(1, 1, true);
        assertThat(tx.flush(1)).isZero();
        tx.end();
        assertThat(get("a", 1)).isEqualTo("1");
    }

    @Test
    void lookingAtAKeyIsNoUseOfIt() {
        set("a", "1", Tx.NO_DEADLINE, 1_000);
        Bytes key = bytes("a");
        tx.begin(0, 9_000, true).lock(Keyspace.ALL_SHARDS);
        assertThat(Objects.requireNonNull(tx.look(key)).idleSeconds()).isEqualTo(8);
        assertThat(Objects.requireNonNull(tx.read(key)).idleSeconds()).isZero();
        tx.end();
        free(key);
        assertThat(keyspace.counts().hits()).isEqualTo(2);
    }
}
