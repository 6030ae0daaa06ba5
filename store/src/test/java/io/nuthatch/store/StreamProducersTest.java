package io.nuthatch.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Lease;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.Slab;
import io.nuthatch.memory.testing.GuardedMemory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GuardedMemory.class)
class StreamProducersTest {
    private static final int LONGEST = 100;

    private final Slab slab = new Slab();
    private final Lease lease = new Lease(slab);
    private final Bytes producer = new Bytes().set(Memory.allocate(LONGEST), 0);
    private final Bytes token = new Bytes().set(Memory.allocate(LONGEST), 0);
    private StreamProducers producers = new StreamProducers(lease, 1000, 5);
    private long nowMs = 10_000;

    private static Bytes set(Bytes room, String text) {
        byte[] array = text.getBytes(StandardCharsets.UTF_8);
        Memory.copy(array, 0, room.address(), array.length);
        return room.set(room.address(), array.length);
    }

    @AfterEach
    void everythingIsGivenBack() {
        drain(producers);
        assertThat(lease.usedBytes()).isZero();
        slab.close();
        Memory.free(producer.address(), LONGEST);
        Memory.free(token.address(), LONGEST);
    }

    private static void drain(StreamProducers all) {
        while (!all.drain(3)) {
            Thread.onSpinWait();
        }
    }

    private record Name(String producer, String token, StreamId id) {}

    /// What there is to know, as plainly as it can be said.
    private static final class Model {
        private final List<Name> names = new ArrayList<>();
        private long durationMs = 1000;
        private long most = 5;

        @Nullable
        StreamId find(String producer, String token, long nowMs) {
            names.removeIf(each -> each.id.ms() <= nowMs - durationMs);
            return names.stream()
                    .filter(each -> each.producer.equals(producer) && each.token.equals(token))
                    .map(Name::id)
                    .findAny()
                    .orElse(null);
        }

        void add(Name name) {
            names.add(name);
            List<Name> own = names.stream()
                    .filter(each -> each.producer.equals(name.producer))
                    .toList();
            if (own.size() > most) {
                names.remove(own.getFirst());
            }
        }

        void configure(long newDurationMs, long newMost) {
            if (newDurationMs != durationMs || newMost != most) {
                durationMs = newDurationMs;
                most = newMost;
                names.clear();
            }
        }

        int producers() {
            var found = new HashSet<String>();
            names.forEach(each -> found.add(each.producer));
            return found.size();
        }
    }

    @Test
    void namesAreKeptWhileTheyAreToBe() {
        long seed = System.nanoTime();
        System.out.println("StreamProducersTest seed=" + seed);
        var random = new Random(seed);
        var model = new Model();
        long added = 0;
        for (int step = 0; step < 30_000; step++) {
            nowMs += random.nextInt(60);
            String who = "producer" + random.nextInt(6);
            String what = "x".repeat(random.nextInt(3)) + random.nextInt(9);
            StreamId known = model.find(who, what, nowMs);
            assertThat(producers.find(set(producer, who), set(token, what), nowMs))
                    .isEqualTo(known);
            if (known == null && random.nextInt(3) > 0) {
                var id = new StreamId(nowMs, step);
                model.add(new Name(who, what, id));
                producers.add(producer, token, id);
                added++;
            }
            if (random.nextInt(200) == 0) {
                long durationMs = random.nextInt(2) == 0 ? 1000 : 300;
                long most = 1L + random.nextInt(5);
                model.configure(durationMs, most);
                producers.configure(durationMs, most);
            }
            if (random.nextInt(200) == 0) {
                StreamProducers copy = producers.copy(lease);
                drain(producers);
                producers = copy;
            }
            assertThat(producers.tokenCount()).isEqualTo(model.names.size());
            assertThat(producers.producerCount()).isEqualTo(model.producers());
            assertThat(producers.added()).isEqualTo(added);
        }
    }

    @Test
    void contentIsAToken() {
        var id = new StreamId(nowMs, 1);
        producers.add(set(producer, "p"), producers.contentToken(1, 2), id);
        assertThat(producers.find(producer, producers.contentToken(1, 2), nowMs)).isEqualTo(id);
        assertThat(producers.find(producer, producers.contentToken(2, 1), nowMs)).isNull();
    }
}
