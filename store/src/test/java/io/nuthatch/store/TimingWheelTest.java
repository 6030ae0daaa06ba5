package io.nuthatch.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.memory.Slab;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TimingWheelTest {
    /// What an owner remembers of a key: its deadline and where its entry stands.
    private static final class Key {
        long deadlineMs;
        int position;
    }

    @Test
    void everyKeyComesRoundWithinTwoTicksOfItsDeadline() {
        long seed = System.nanoTime();
        System.out.println("TimingWheelTest seed=" + seed);
        Random random = new Random(seed);
        Slab slab = new Slab();
        TimingWheel wheel = new TimingWheel(slab);
        Map<Long, Key> model = new HashMap<>();
        long[] now = {1_700_000_000_000L};
        for (int step = 0; step < 20_000; step++) {
            change(random, wheel, model, now[0]);
            now[0] += random.nextInt(100) == 0 ? random.nextInt(5_000_000) : random.nextInt(12);
            while (wheel.advance(now[0], 7, (hash, position) -> due(wheel, model, hash, position, now[0]))) {}
            if (wheel.needsSweep()) {
                wheel.sweep((hash, position) -> model.containsKey(hash) && model.get(hash).position == position);
            }
            for (Key key : model.values()) {
                assertThat(key.deadlineMs).isGreaterThan(now[0] - 2 * TimingWheel.TICK_MS);
            }
        }
        wheel.close();
        slab.close();
    }

    private static void change(Random random, TimingWheel wheel, Map<Long, Key> model, long nowMs) {
        long hash = random.nextInt(200);
        Key key = model.get(hash);
        long deadlineMs = nowMs + 1 + (long) (random.nextDouble() * Math.pow(10, 1 + random.nextInt(12)));
        if (key == null) {
            key = new Key();
            key.position = wheel.add(hash, deadlineMs, nowMs);
            model.put(hash, key);
        } else if (random.nextInt(4) == 0) {
            model.remove(hash);
            wheel.abandon();
        } else if (wheel.firesAfter(key.position, deadlineMs)) {
            wheel.abandon();
            key.position = wheel.add(hash, deadlineMs, nowMs);
        }
        key.deadlineMs = deadlineMs;
    }

    private static void due(TimingWheel wheel, Map<Long, Key> model, long hash, int position, long nowMs) {
        Key key = model.get(hash);
        if (key == null || key.position != position) {
            return;
        }
        if (key.deadlineMs <= nowMs) {
            model.remove(hash);
        } else {
            key.position = wheel.add(hash, key.deadlineMs, nowMs);
        }
    }
}
