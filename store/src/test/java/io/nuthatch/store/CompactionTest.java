package io.nuthatch.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
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
class CompactionTest {
    private static final int BUFFER_BYTES = 8192;

    private final Keyspace keyspace = new Keyspace(16, 42, new StoreSettings());
    private final Random random = new Random(7);
    private final Tx tx = keyspace.newTx(random);
    private final long buffer = Memory.allocate(2 * BUFFER_BYTES);

    @AfterEach
    void givesAllMemoryBack() {
        Memory.free(buffer, 2 * BUFFER_BYTES);
        keyspace.close();
    }

    private Bytes bytes(String text, long at) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        Memory.copy(bytes, 0, at, bytes.length);
        return new Bytes().set(at, bytes.length);
    }

    private void set(int db, String key, String value, long deadlineMs) {
        tx.begin(db, 0, true).lock(Keyspace.ALL_SHARDS);
        StringValue.set(tx, bytes(key, buffer), bytes(value, buffer + BUFFER_BYTES), deadlineMs);
        tx.end();
    }

    private String get(int db, String key) {
        tx.begin(db, 0, true).lock(Keyspace.ALL_SHARDS);
        String value =
                Objects.requireNonNull(tx.find(bytes(key, buffer))).value().toString();
        tx.end();
        return value;
    }

    private void delete(int db, String key) {
        tx.begin(db, 0, true).lock(Keyspace.ALL_SHARDS);
        Objects.requireNonNull(tx.find(bytes(key, buffer))).delete();
        tx.end();
    }

    private long pageBytes() {
        long bytes = 0;
        for (int i = 0; i < Keyspace.SHARDS; i++) {
            bytes += keyspace.shard(i).slab.pageBytes();
        }
        return bytes;
    }

    private int compact() {
        int calls = 0;
        while (keyspace.compact()) {
            calls++;
        }
        return calls;
    }

    /// Guarded memory holds the last freed blocks back, and with them their pages: others take their place.
    private void releaseQuarantine() {
        for (int i = 0; i < 10_000; i++) {
            set(0, "other" + i, "x", Tx.NO_DEADLINE);
            delete(0, "other" + i);
        }
    }

    @Test
    void pagesBecomeFreeWhenKeysHaveGoneAndTheOthersStayAsTheyWere() {
        Map<String, String> values = new HashMap<>();
        for (int i = 0; i < 60_000; i++) {
            String value = "v" + i + "x".repeat(i % 1000 == 0 ? 6000 : 64);
            set(i % 2, "key" + i, value, i % 3 == 0 ? 1_000_000 : Tx.NO_DEADLINE);
            values.put("key" + i, value);
        }
        for (int i = 0; i < 60_000; i++) {
            if (random.nextInt(4) > 0) {
                delete(i % 2, "key" + i);
                values.remove("key" + i);
            }
        }
        long sparse = pageBytes();
        long used = keyspace.usedBytes();
        assertThat(compact()).isPositive();
        releaseQuarantine();
        assertThat(pageBytes()).isLessThan(sparse * 3 / 5);
        assertThat(keyspace.usedBytes()).isEqualTo(used);
        values.forEach((key, value) ->
                assertThat(get(Integer.parseInt(key.substring(3)) % 2, key)).isEqualTo(value));
        keyspace.advance(2_000_000);
        tx.begin(0, 0, true);
        assertThat(tx.size(0) + tx.size(1))
                .isEqualTo(values.keySet().stream()
                        .filter(key -> Integer.parseInt(key.substring(3)) % 3 != 0)
                        .count());
        tx.end();
    }

    @Test
    void aStoreThatIsFullIsLeftAlone() {
        for (int i = 0; i < 60_000; i++) {
            set(0, "key" + i, "x".repeat(64), Tx.NO_DEADLINE);
        }
        compact();
        assertThat(keyspace.compacted()).isLessThan(6000);
        long moved = keyspace.compacted();
        compact();
        assertThat(keyspace.compacted()).isEqualTo(moved);
    }
}
