package io.nuthatch.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.memory.Memory;
import io.nuthatch.memory.testing.GuardedMemory;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GuardedMemory.class)
class IntsetTest {
    private long at = Memory.allocate(Intset.EMPTY_BYTES);
    private int bytes = Intset.EMPTY_BYTES;

    private void resize(int newBytes) {
        at = Memory.reallocate(at, bytes, newBytes);
        bytes = newBytes;
    }

    private boolean add(long value) {
        int index = Intset.find(at, value);
        if (index >= 0) {
            return false;
        }
        resize(Intset.bytesWith(at, value));
        Intset.insert(at, -1 - index, value);
        assertThat(Intset.bytes(at)).isEqualTo(bytes);
        return true;
    }

    private boolean remove(long value) {
        int index = Intset.find(at, value);
        if (index < 0) {
            return false;
        }
        Intset.remove(at, index);
        resize(Intset.bytes(at));
        return true;
    }

    private String hex() {
        byte[] array = new byte[bytes];
        Memory.copy(at, array, 0, bytes);
        return HexFormat.of().formatHex(array);
    }

    @Test
    void holdsWhatASortedSetHolds() {
        long seed = System.nanoTime();
        System.out.println("IntsetTest seed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 100; round++) {
            Intset.create(at);
            resize(Intset.EMPTY_BYTES);
            TreeSet<Long> model = new TreeSet<>();
            for (int step = 0; step < 300; step++) {
                long value = random.nextLong() >> random.nextInt(step < 100 ? 50 : step < 200 ? 33 : 1, 64);
                if (random.nextInt(3) > 0) {
                    assertThat(add(value)).isEqualTo(model.add(value));
                } else {
                    assertThat(remove(value)).isEqualTo(model.remove(value));
                }
                assertThat(Intset.contains(at, value)).isEqualTo(model.contains(value));
            }
            List<Long> values = new ArrayList<>();
            for (int i = 0; i < Intset.count(at); i++) {
                values.add(Intset.value(at, i));
            }
            assertThat(values).isEqualTo(List.copyOf(model));
            assertThat(Intset.isValid(at, bytes)).isEqualTo(!model.isEmpty());
        }
        Memory.free(at, bytes);
    }

    @Test
    void theFormatIsRedis() {
        Intset.create(at);
        add(5);
        add(-1);
        assertThat(hex()).isEqualTo("0200000002000000ffff0500");
        add(65_536);
        assertThat(hex()).isEqualTo("0400000003000000ffffffff0500000000000100");
        add(1L << 32);
        assertThat(hex()).isEqualTo("0800000004000000ffffffffffffffff050000000000000000000100000000000000000001000000");
        Memory.free(at, bytes);
    }

    @Test
    void corruptBytesAreRefused() {
        Intset.create(at);
        for (long value : new long[] {1, 2, 300, 70_000}) {
            add(value);
        }
        assertThat(Intset.isValid(at, bytes)).isTrue();
        assertThat(Intset.isValid(at, bytes - 1)).isFalse();
        assertThat(Intset.isValid(at, 7)).isFalse();
        Memory.putInt(at + 4, -1);
        assertThat(Intset.isValid(at, bytes)).isFalse();
        Memory.putInt(at + 4, 4);
        Memory.putInt(at + 8, 2);
        assertThat(Intset.isValid(at, bytes)).isFalse();
        Memory.free(at, bytes);
    }
}
