package io.nuthatch.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.testing.GuardedMemory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(GuardedMemory.class)
class EvictionTest {
    private static final int LIMIT_BYTES = 2 << 20;
    private static final int LARGEST_VALUE_BYTES = 1 << 20;

    private final StoreSettings settings = new StoreSettings();
    private final Keyspace keyspace = new Keyspace(16, 42, settings);
    private final Client client = new Client(7);

    @AfterEach
    void givesAllMemoryBack() {
        client.close();
        keyspace.close();
        assertThat(keyspace.usedBytes()).isZero();
    }

    /// A thread that sends commands, each of which must be let in first.
    private final class Client implements AutoCloseable {
        private final Random random;
        private final Tx tx;
        private final long buffer = Memory.allocate(LARGEST_VALUE_BYTES + 64);
        private final Bytes key = new Bytes();
        private final Bytes value = new Bytes();

        Client(long seed) {
            random = new Random(seed);
            tx = keyspace.newTx(random);
            Memory.fill(buffer, LARGEST_VALUE_BYTES + 64, 'v');
        }

        private Bytes key(String name) {
            byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
            Memory.copy(bytes, 0, buffer + LARGEST_VALUE_BYTES, bytes.length);
            return key.set(buffer + LARGEST_VALUE_BYTES, bytes.length);
        }

        /// Whether there was room.
        boolean set(int db, String name, int valueBytes, long deadlineMs, long nowMs) {
            key(name);
            if (!tx.makeRoom(30 + key.length() + valueBytes, nowMs)) {
                return false;
            }
            tx.begin(db, nowMs, true).lock(1L << Keyspace.shardOf(keyspace.hash(key)));
            StringValue.set(tx, key, value.set(buffer, valueBytes), deadlineMs);
            tx.end();
            return true;
        }

        boolean read(int db, String name, long nowMs) {
            key(name);
            tx.begin(db, nowMs, true).lock(1L << Keyspace.shardOf(keyspace.hash(key)));
            boolean there = tx.read(key) != null;
            tx.end();
            return there;
        }

        @Override
        public void close() {
            Memory.free(buffer, LARGEST_VALUE_BYTES + 64);
        }
    }

    private void limit(EvictionPolicy policy) {
        settings.policy = policy;
        settings.maxMemoryBytes = LIMIT_BYTES;
    }

    @Test
    void withoutEvictionWritesAreRefusedAtTheLimitAndNothingIsLost() {
        limit(EvictionPolicy.NOEVICTION);
        int kept = 0;
        while (client.set(0, "k" + kept, 100, Tx.NO_DEADLINE, 0)) {
            kept++;
        }
        assertThat(keyspace.usedBytes()).isBetween(LIMIT_BYTES * 99L / 100, LIMIT_BYTES * 101L / 100);
        for (int i = 0; i < kept; i++) {
            assertThat(client.read(0, "k" + i, 0)).isTrue();
        }
        settings.maxMemoryBytes = 2L * LIMIT_BYTES;
        assertThat(client.set(0, "k" + kept, 100, Tx.NO_DEADLINE, 0)).isTrue();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.MATCH_ALL, names = "VOLATILE_.*")
    void volatilePoliciesLeaveKeysWithoutDeadlineAndRefuseWhenOnlyThoseAreLeft(EvictionPolicy policy) {
        limit(policy);
        for (int i = 0; i < 3000; i++) {
            assertThat(client.set(i % 16, "lasting" + i, 100, Tx.NO_DEADLINE, 0))
                    .isTrue();
        }
        for (int i = 0; i < 20_000; i++) {
            // A few of them beyond what the wheel can hold.
            long deadlineMs = i % 100 == 0 ? Long.MAX_VALUE : 1_000_000 + i;
            assertThat(client.set(i % 16, "passing" + i, 100, deadlineMs, 0)).isTrue();
        }
        for (int i = 0; i < 3000; i++) {
            assertThat(client.read(i % 16, "lasting" + i, 0)).isTrue();
        }
        assertThat(keyspace.counts().evicted()).isPositive();
        int more = 0;
        while (client.set(0, "more" + more, 100, Tx.NO_DEADLINE, 0)) {
            more++;
        }
        // Those that the wheel cannot hold are found by chance, so a few may be left.
        for (int i = 0; i < 20_000; i++) {
            assertThat(i % 100 != 0 && client.read(i % 16, "passing" + i, 0)).isFalse();
        }
    }

    @Test
    void keysWithTheNearestDeadlinesGoFirst() {
        limit(EvictionPolicy.VOLATILE_TTL);
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            order.add(i);
        }
        Collections.shuffle(order, new Random(3));
        for (int i : order) {
            // First soon, then put off: what the wheel knows is out of date.
            assertThat(client.set(0, "k" + i, 100, 10_000, 0)).isTrue();
            assertThat(client.set(0, "k" + i, 100, 1_000_000 + i * 1000L, 0)).isTrue();
        }
        for (int i = 0; i < 10_000 && keyspace.counts().evicted() < 2500; i++) {
            assertThat(client.set(0, "more" + i, 100, Tx.NO_DEADLINE, 0)).isTrue();
        }
        int wrong = 0;
        for (int i = 0; i < 5000; i++) {
            wrong += client.read(0, "k" + i, 0) == i >= keyspace.counts().evicted() ? 0 : 1;
        }
        assertThat(wrong).isLessThan(250);
    }

    @ParameterizedTest
    @EnumSource(names = {"ALLKEYS_LRU", "VOLATILE_LRU"})
    void keysThatHaveNotBeenUsedForLongGoFirst(EvictionPolicy policy) {
        limit(policy);
        int keys = 13_000;
        for (int i = 0; i < keys; i++) {
            client.set(i % 16, "k" + i, 100, 100_000_000 + i % 1000 * 1000L, i);
        }
        for (int i = 0; i < keys; i += 2) {
            client.read(i % 16, "k" + i, 100_000 + i * 10L);
        }
        for (int i = 0; i < 4000; i++) {
            assertThat(client.set(0, "more" + i, 100, Tx.NO_DEADLINE, 300_000)).isTrue();
        }
        long evicted = keyspace.counts().evicted();
        int usedAndGone = 0;
        for (int i = 0; i < keys; i += 2) {
            usedAndGone += client.read(i % 16, "k" + i, 300_000) ? 0 : 1;
        }
        assertThat(evicted).isBetween(1000L, 5000L);
        assertThat(usedAndGone).isLessThan((int) evicted / 20);
    }

    @ParameterizedTest
    @EnumSource(names = {"ALLKEYS_LFU", "VOLATILE_LFU"})
    void keysThatAreSeldomUsedGoFirst(EvictionPolicy policy) {
        limit(policy);
        int keys = 13_000;
        for (int i = 0; i < keys; i++) {
            client.set(i % 16, "k" + i, 100, 100_000_000, 0);
        }
        for (int i = 0; i < keys; i += 2) {
            for (int uses = 0; uses < 20; uses++) {
                client.read(i % 16, "k" + i, 0);
            }
        }
        for (int i = 0; i < 4000; i++) {
            assertThat(client.set(0, "more" + i, 100, Tx.NO_DEADLINE, 0)).isTrue();
        }
        int usedAndGone = 0;
        for (int i = 0; i < keys; i += 2) {
            usedAndGone += client.read(i % 16, "k" + i, 0) ? 0 : 1;
        }
        assertThat(keyspace.counts().evicted()).isBetween(1000L, 5000L);
        assertThat(usedAndGone).isLessThan((int) keyspace.counts().evicted() / 20);
    }

    @Test
    void aLowerLimitIsReachedWithoutACommand() {
        limit(EvictionPolicy.ALLKEYS_RANDOM);
        for (int i = 0; i < 10_000; i++) {
            client.set(i % 16, "k" + i, 100, Tx.NO_DEADLINE, 0);
        }
        settings.maxMemoryBytes = LIMIT_BYTES / 2;
        for (int i = 0; i < 100; i++) {
            keyspace.advance(i);
        }
        assertThat(keyspace.usedBytes()).isLessThanOrEqualTo(LIMIT_BYTES / 2);
    }

    @Test
    void aRequestLargerThanTheLimitIsRefusedAndEvictsNothing() {
        limit(EvictionPolicy.ALLKEYS_LRU);
        settings.maxMemoryBytes = LARGEST_VALUE_BYTES / 2;
        client.set(0, "small", 100, Tx.NO_DEADLINE, 0);
        assertThat(client.set(0, "large", LARGEST_VALUE_BYTES, Tx.NO_DEADLINE, 0))
                .isFalse();
        assertThat(client.read(0, "small", 0)).isTrue();
    }

    /// Several threads write values between 1 byte and 1 MiB, while another one looks at the sum all the time.
    @ParameterizedTest
    @EnumSource(names = {"ALLKEYS_LRU", "ALLKEYS_LFU", "ALLKEYS_RANDOM", "VOLATILE_TTL", "NOEVICTION"})
    void usedMemoryNeverPassesItsLimitByMoreThanOnePercent(EvictionPolicy policy) throws InterruptedException {
        long seed = System.nanoTime();
        System.out.println("EvictionTest seed=" + seed);
        settings.policy = policy;
        settings.maxMemoryBytes = 32L << 20;
        AtomicLong most = new AtomicLong();
        AtomicLong refused = new AtomicLong();
        AtomicBoolean over = new AtomicBoolean();
        List<Thread> writers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            long its = seed + i;
            writers.add(Thread.ofPlatform().start(() -> refused.addAndGet(flood(its))));
        }
        Thread watcher = Thread.ofPlatform().start(() -> {
            while (!over.get()) {
                most.accumulateAndGet(keyspace.usedBytes(), Math::max);
            }
        });
        for (Thread writer : writers) {
            writer.join();
        }
        over.set(true);
        watcher.join();
        // Where all is refused the writers are done before a watcher on a busy machine has looked twice.
        most.accumulateAndGet(keyspace.usedBytes(), Math::max);
        assertThat(most.get()).isBetween(settings.maxMemoryBytes * 9 / 10, settings.maxMemoryBytes * 101 / 100);
        assertThat(refused.get() > 0).isEqualTo(policy == EvictionPolicy.NOEVICTION);
    }

    private long flood(long seed) {
        long refused = 0;
        try (Client mine = new Client(seed)) {
            for (int i = 0; i < 3000; i++) {
                int length = (int) Math.pow(LARGEST_VALUE_BYTES, mine.random.nextDouble());
                String name = "k" + mine.random.nextInt(20_000);
                refused += mine.set(0, name, length, 1_000_000 + i, i) ? 0 : 1;
            }
        }
        return refused;
    }
}
