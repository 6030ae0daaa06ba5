package io.nuthatch.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.memory.Slab;
import io.nuthatch.memory.testing.GuardedMemory;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GuardedMemory.class)
class TimingWheelTest {
    private static final int SHARD = 41;
    private static final long HOUR_MS = 3_600_000;

    /// What an owner remembers of a key: its deadline and where its entry stands.
    private static final class Key {
        long deadlineMs;
        int position;
    }

    private final Slab slab = new Slab();
    private final TimingWheel wheel = new TimingWheel(slab, SHARD);
    private final Map<Long, Key> keys = new HashMap<>();
    private long nowMs = 1_700_000_000_000L;
    private long taken;

    @BeforeEach
    void standsStill() {
        assertThat(wheel.advance(nowMs, 1, this::take)).isFalse();
    }

    @AfterEach
    void givesAllMemoryBack() {
        wheel.close();
        slab.close();
    }

    private static long hash(int key) {
        return (long) key * 0x9E3779B97F4A7C15L & ~(63L << 20) | (long) SHARD << 20;
    }

    private void set(int key, long deadlineMs) {
        long hash = hash(key);
        Key known = keys.get(hash);
        if (known == null) {
            known = new Key();
            known.position = wheel.add(hash, deadlineMs, nowMs);
            keys.put(hash, known);
        } else if (wheel.firesAfter(known.position, deadlineMs)) {
            wheel.abandon();
            known.position = wheel.add(hash, deadlineMs, nowMs);
        }
        known.deadlineMs = deadlineMs;
    }

    private void delete(int key) {
        if (keys.remove(hash(key)) != null) {
            wheel.abandon();
        }
    }

    private boolean take(long hash, int position) {
        taken++;
        Key key = keys.get(hash);
        if (key == null || key.position != position) {
            return false;
        }
        if (key.deadlineMs <= nowMs) {
            keys.remove(hash);
        } else {
            key.position = wheel.add(hash, key.deadlineMs, nowMs);
        }
        return true;
    }

    private boolean isCurrent(long hash, int position) {
        Key key = keys.get(hash);
        return key != null && key.position == position && !wheel.firesEarly(position, key.deadlineMs);
    }

    private void advanceTo(long timeMs, int slice) {
        nowMs = timeMs;
        boolean more = true;
        while (more) {
            more = wheel.advance(nowMs, slice, this::take);
        }
    }

    @Test
    void keysGoInTimeWhateverHappens() {
        long seed = System.nanoTime();
        System.out.println("TimingWheelTest seed=" + seed);
        Random random = new Random(seed);
        for (int step = 0; step < 30_000; step++) {
            for (int i = random.nextInt(4); i > 0; i--) {
                change(random);
            }
            passTime(random);
            if (random.nextInt(10) == 0) {
                wheel.advance(nowMs, 1, this::take);
                change(random);
            }
            advanceTo(nowMs, 1 + random.nextInt(20));
            wheel.sweep(1 + random.nextInt(100), this::take);
            if (random.nextInt(10) == 0) {
                wheel.draw(random, this::isCurrent, this::take);
                wheel.drawNext(3, random, this::isCurrent, this::take);
            }
            for (Key key : keys.values()) {
                assertThat(key.deadlineMs).isGreaterThan(nowMs - TimingWheel.TICK_MS);
            }
        }
    }

    private void change(Random random) {
        int key = random.nextInt(200);
        if (random.nextInt(4) == 0) {
            delete(key);
        } else {
            set(key, nowMs + 1 + (long) (random.nextDouble() * Math.pow(10, 1 + random.nextInt(12))));
        }
    }

    private void passTime(Random random) {
        switch (random.nextInt(200)) {
            case 0 -> nowMs += (long) (random.nextDouble() * Math.pow(10, random.nextInt(11)));
            case 1 -> nowMs -= (long) (random.nextDouble() * Math.pow(10, random.nextInt(10)));
            default -> nowMs += random.nextInt(12);
        }
    }

    @Test
    void keyGoesAtTheFirstTickNotBeforeItsDeadline() {
        for (int wait = 1; wait < 5000; wait++) {
            set(wait, nowMs + wait);
        }
        long start = nowMs;
        for (int passed = 0; passed < 5004; passed++) {
            advanceTo(start + passed, 1000);
            assertThat(keys.size()).isBetween(4999 - passed, Math.max(0, 4999 - passed + TimingWheel.TICK_MS - 1));
        }
    }

    @Test
    void keysSetAndDeletedAllTheTimeTakeNoMemory() {
        long mostBytes = 0;
        set(0, nowMs + HOUR_MS);
        for (int i = 0; i < 100_000; i++) {
            delete(1);
            set(1, nowMs + HOUR_MS);
            nowMs += i % 50 == 0 ? 1 : 0;
            wheel.sweep(10, this::take);
            mostBytes = Math.max(mostBytes, slab.usedBytes());
        }
        assertThat(mostBytes).isLessThan(40_000);
        assertThat(keys).hasSize(2);
        advanceTo(nowMs + HOUR_MS + TimingWheel.TICK_MS, 100);
        assertThat(keys).isEmpty();
        assertThat(wheel.size()).isZero();
        assertThat(slab.usedBytes()).isZero();
    }

    @Test
    void deadlineThatIsPutOffTouchesNoWheel() {
        set(1, nowMs + 1000);
        long bytes = slab.usedBytes();
        for (int i = 1; i < 10_000; i++) {
            set(1, nowMs + 1000 + i);
        }
        assertThat(wheel.size()).isEqualTo(1);
        assertThat(slab.usedBytes()).isEqualTo(bytes);
    }

    @Test
    void aSliceIsAboutAsLongAsItWasAskedFor() {
        for (int i = 0; i < 10_000; i++) {
            set(i, nowMs + 1000);
        }
        nowMs += 2000;
        long slices = 0;
        for (boolean more = true; more; slices++) {
            taken = 0;
            more = wheel.advance(nowMs, 100, this::take);
            assertThat(taken).isLessThan(200);
        }
        assertThat(slices).isGreaterThan(50);
        assertThat(keys).isEmpty();
    }

    @Test
    void anEntryTakesLessThanNineBytesWhereThereAreMany() {
        for (int i = 0; i < 100_000; i++) {
            set(i, nowMs + 60_000);
        }
        assertThat(slab.usedBytes() / 100_000.0).isLessThan(9);
    }

    @Test
    void drawingShowsEveryEntryAndNoStaleOneForLong() {
        for (int i = 0; i < 2000; i++) {
            set(i, nowMs + 1 + i * 1000L);
            if (i % 2 == 0) {
                delete(i);
            }
        }
        Random random = new Random(1);
        Set<Long> seen = new HashSet<>();
        for (int i = 0; i < 300_000; i++) {
            wheel.draw(
                    random,
                    (hash, position) -> {
                        seen.add(hash);
                        return isCurrent(hash, position);
                    },
                    this::take);
        }
        assertThat(seen).containsAll(keys.keySet());
        assertThat(wheel.size()).isEqualTo(1000);
    }

    @Test
    void whatComesRoundNextIsDrawnEvenIfDeadlinesWerePutOff() {
        for (int i = 0; i < 1000; i++) {
            set(i, nowMs + 100);
            set(i, nowMs + 10 * HOUR_MS);
        }
        set(1000, nowMs + HOUR_MS);
        Random random = new Random(1);
        Set<Long> seen = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            seen.clear();
            wheel.drawNext(
                    1,
                    random,
                    (hash, position) -> {
                        seen.add(hash);
                        return isCurrent(hash, position);
                    },
                    this::take);
        }
        assertThat(seen).containsExactly(hash(1000));
    }
}
