package io.nuthatch.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.memory.Lease;
import io.nuthatch.memory.Slab;
import io.nuthatch.memory.testing.GuardedMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The tree never reads a block, so here a block is just a number.
@ExtendWith(GuardedMemory.class)
class CountedTreeTest {
    private record Heavy(long block, int weight) {}

    private final Slab slab = new Slab();
    private final Lease lease = new Lease(slab);
    private final CountedTree tree = new CountedTree(lease);

    @AfterEach
    void everythingIsGivenBack() {
        while (!tree.drain(1000, block -> {})) {
            tree.check();
        }
        tree.check();
        assertThat(lease.usedBytes()).isZero();
        slab.close();
    }

    @Test
    void anOrderedTreeHoldsWhatASortedListHolds() {
        long seed = System.nanoTime();
        System.out.println("CountedTreeTest ordered seed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        List<Long> model = new ArrayList<>();
        for (int step = 0; step < 60_000; step++) {
            boolean growing = step / 15_000 % 2 == 0;
            long block = 1 + random.nextLong(1L << 40);
            int place = placeOf(model, block);
            assertThat(tree.rank(other -> other < block)).isEqualTo(place);
            if (random.nextInt(10) < (growing ? 8 : 1)) {
                if (place == model.size() || model.get(place) != block) {
                    tree.insert(other -> other < block, block, 1);
                    model.add(place, block);
                    assertThat(tree.cursor().block()).isEqualTo(block);
                }
            } else if (place < model.size()) {
                CountedTree.Cursor cursor = tree.cursor();
                assertThat(cursor.seek(other -> other < block)).isTrue();
                assertThat(cursor.block()).isEqualTo(model.get(place));
                cursor.remove();
                model.remove(place);
                expectAt(cursor, model, place);
            }
            if (step % 1_000 == 0) {
                compare(model);
            }
        }
        compare(model);
    }

    private static int placeOf(List<Long> model, long block) {
        int low = 0;
        int high = model.size();
        while (low < high) {
            int middle = low + high >>> 1;
            if (model.get(middle) < block) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private static void expectAt(CountedTree.Cursor cursor, List<Long> model, int place) {
        assertThat(cursor.has()).isEqualTo(place < model.size());
        assertThat(cursor.rank()).isEqualTo(place);
        if (cursor.has()) {
            assertThat(cursor.block()).isEqualTo(model.get(place));
        }
    }

    private void compare(List<Long> model) {
        tree.check();
        assertThat(tree.size()).isEqualTo(model.size());
        assertThat(tree.blocks()).isEqualTo(model.size());
        List<Long> there = new ArrayList<>();
        CountedTree.Cursor cursor = new CountedTree.Cursor(tree);
        for (boolean more = cursor.first(); more; more = cursor.next()) {
            there.add(cursor.block());
        }
        assertThat(there).isEqualTo(model);
        List<Long> back = new ArrayList<>();
        for (boolean more = cursor.last(); more; more = cursor.previous()) {
            back.add(cursor.block());
        }
        assertThat(back.reversed()).isEqualTo(model);
        for (int i = 0; i < model.size(); i += 7) {
            assertThat(cursor.seek((long) i)).isZero();
            assertThat(cursor.block()).isEqualTo(model.get(i));
            assertThat(cursor.rank()).isEqualTo(i);
        }
        assertThat(cursor.seek(-1)).isEqualTo(-1);
        assertThat(cursor.seek(model.size())).isEqualTo(-1);
    }

    @Test
    void aTreeByPositionHoldsWhatAListHolds() {
        long seed = System.nanoTime();
        System.out.println("CountedTreeTest weights seed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        List<Heavy> model = new ArrayList<>();
        CountedTree.Cursor cursor = tree.cursor();
        for (int step = 0; step < 20_000; step++) {
            boolean growing = step / 5_000 % 2 == 0;
            Heavy heavy = new Heavy(step + 1, 1 + random.nextInt(CountedTree.MAX_WEIGHT));
            int place = model.isEmpty() ? 0 : random.nextInt(model.size());
            int dice = random.nextInt(100);
            if (model.isEmpty() || dice < 10) {
                tree.append(heavy.block, heavy.weight);
                model.add(heavy);
            } else {
                int into = random.nextInt(model.get(place).weight);
                assertThat(cursor.seek(weightBefore(model, place) + into)).isEqualTo(into);
                assertThat(cursor.block()).isEqualTo(model.get(place).block);
                assertThat(cursor.weight()).isEqualTo(model.get(place).weight);
                if (dice < (growing ? 60 : 20)) {
                    cursor.insert(heavy.block, heavy.weight);
                    model.add(place, heavy);
                } else if (dice < (growing ? 80 : 30)) {
                    cursor.insertAfter(heavy.block, heavy.weight);
                    model.add(place + 1, heavy);
                } else if (dice < (growing ? 90 : 50)) {
                    cursor.replace(heavy.block, heavy.weight);
                    model.set(place, heavy);
                } else {
                    removeSome(cursor, model, place, 1 + random.nextInt(random.nextInt(40) == 0 ? 500 : 3));
                    continue;
                }
                assertThat(cursor.block()).isEqualTo(heavy.block);
            }
            if (step % 500 == 0) {
                compareHeavy(model);
            }
        }
        compareHeavy(model);
    }

    private static void removeSome(CountedTree.Cursor cursor, List<Heavy> model, int place, int most) {
        List<Long> removed = new ArrayList<>();
        List<Heavy> expected = model.subList(place, Math.min(model.size(), place + most));
        assertThat(cursor.remove(most, removed::add)).isEqualTo(expected.size());
        assertThat(removed).isEqualTo(expected.stream().map(Heavy::block).toList());
        expected.clear();
        assertThat(cursor.has()).isEqualTo(place < model.size());
        if (cursor.has()) {
            assertThat(cursor.block()).isEqualTo(model.get(place).block);
            assertThat(cursor.rank()).isEqualTo(weightBefore(model, place));
        }
    }

    private static long weightBefore(List<Heavy> model, int place) {
        return model.subList(0, place).stream().mapToLong(Heavy::weight).sum();
    }

    private void compareHeavy(List<Heavy> model) {
        tree.check();
        assertThat(tree.size()).isEqualTo(weightBefore(model, model.size()));
        List<Heavy> there = new ArrayList<>();
        CountedTree.Cursor cursor = tree.cursor();
        for (boolean more = cursor.first(); more; more = cursor.next()) {
            there.add(new Heavy(cursor.block(), cursor.weight()));
        }
        assertThat(there).isEqualTo(model);
    }

    @Test
    void aTreeBuiltInOrderIsFull() {
        for (int i = 1; i <= 100_000; i++) {
            tree.append(i, 1);
        }
        tree.check();
        assertThat((double) lease.usedBytes() / 100_000).isLessThan(8.8);
    }

    @Test
    void aTreeBuiltBackwardsIsFull() {
        for (int i = 100_000; i >= 1; i--) {
            long block = i;
            tree.insert(other -> other < block, block, 1);
        }
        tree.check();
        assertThat((double) lease.usedBytes() / 100_000).isLessThan(8.8);
    }

    @Test
    void aTreeBuiltAtRandomIsNearlyFull() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 100_000; i++) {
            long block = 1 + random.nextLong(1L << 47);
            tree.insert(other -> other < block, block, 1);
        }
        tree.check();
        assertThat((double) lease.usedBytes() / 100_000).isLessThan(10.5);
    }

    @Test
    void aSmallTreeIsSmall() {
        tree.append(1, 1);
        assertThat(lease.usedBytes()).isEqualTo(64);
    }

    @Test
    void anEmptyTreeHasNothing() {
        CountedTree.Cursor cursor = tree.cursor();
        assertThat(cursor.first() || cursor.last() || cursor.has() || cursor.seek(block -> true))
                .isFalse();
        assertThat(cursor.seek(0)).isEqualTo(-1);
        assertThat(tree.rank(block -> true)).isZero();
        assertThat(cursor.remove(5, block -> {})).isZero();
    }
}
