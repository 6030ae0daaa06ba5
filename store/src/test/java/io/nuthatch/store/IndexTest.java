package io.nuthatch.store;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Lease;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.Slab;
import io.nuthatch.memory.testing.GuardedMemory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GuardedMemory.class)
class IndexTest {
    /// A block holds its key, 8 bytes, and its hash, 8 bytes, so that a test can choose both.
    private static final int BLOCK_BYTES = 16;

    private static final LongUnaryOperator EVEN = IndexTest::mixed;

    private final Slab slab = new Slab();
    private final Index index = new Index(new Lease(slab), new Index.Layout() {
        @Override
        public long hash(long block) {
            return Memory.getLong(block + 8);
        }

        @Override
        public boolean holds(long block, long keyAddress, int keyLength) {
            return keyLength == 8 && Memory.getLong(block) == Memory.getLong(keyAddress);
        }
    });
    private final Map<Long, Long> model = new HashMap<>();
    private final List<Long> keys = new ArrayList<>();
    private final Bytes key = new Bytes();

    private LongUnaryOperator hash = EVEN;

    private static long mixed(long key) {
        long z = (key + 1) * 0x9E3779B97F4A7C15L;
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }

    @BeforeEach
    void allocateKey() {
        key.set(slab.allocate(8), 8);
    }

    @AfterEach
    void freeAll() {
        index.clear();
        model.values().forEach(block -> slab.free(block, BLOCK_BYTES));
        slab.free(key.address(), 8);
        slab.close();
    }

    @Test
    void randomChangesLeaveWhatAMapWouldHold() {
        long seed = System.nanoTime();
        System.out.println("IndexTest seed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        for (int step = 0; step < 120_000; step++) {
            // Grows to some thousands, shrinks to some, and so on.
            int towards = step % 40_000 < 22_000 ? 70 : 22;
            int dice = random.nextInt(100);
            if (dice < towards) {
                add(random.nextLong(1L << 40));
            } else if (dice < 95) {
                removeAnyOf(random);
            } else {
                moveAnyOf(random);
            }
            if (step % 5_000 == 0) {
                verify();
            }
        }
        while (!model.isEmpty()) {
            removeAnyOf(random);
        }
        assertThat(index.usedBytes()).isZero();
        assertThat(slab.usedBytes()).isEqualTo(16);
    }

    @Test
    void anEmptyIndexHasNothing() {
        assertThat(find(1)).isZero();
        assertThat(index.matching(mixed(1), block -> true)).isZero();
        assertThat(index.random(new SplittableRandom())).isZero();
        assertThat(index.sample(new SplittableRandom(), new long[5], 5)).isZero();
        assertThat(index.scan(0, block -> {})).isZero();
        assertThat(index.touch(1) + index.touchBlock(1)).isZero();
        assertThat(index.drain(1, block -> {})).isTrue();
        assertThatIllegalStateException().isThrownBy(() -> index.remove(1, 8));
    }

    @Test
    void roomThatWasMadeAtOnceIsLikeRoomThatCameByAndBy() {
        for (int expected : new int[] {1, 463, 464, 1_000, 20_000, 100_000}) {
            index.expect(expected);
            fill(20_000);
            index.expect(1_000_000);
            verify();
            assertThat(index.usedBytes()).isLessThan(Math.max(20_000, expected) * 12L);
            emptyAtRandom();
        }
    }

    @Test
    void roomThatNobodyNeedsIsGivenBack() {
        index.expect(10_000);
        index.clear();
        assertThat(index.usedBytes()).isZero();
        index.expect(10_000);
        assertThat(index.drain(1, block -> {})).isTrue();
        assertThat(index.usedBytes()).isZero();
    }

    @Test
    void thousandsOfKeysOfOneHashAreSlowButRight() {
        hash = key -> 0x0123_4567_89AB_CDEFL;
        fill(3_000);
        verify();
        assertThat(index.usedBytes()).isLessThan(3_000 * 16);
        emptyAtRandom();
    }

    @Test
    void keysThatDifferOnlyInTheDirectorysBitsAreSlowButRight() {
        hash = key -> mixed(key) & 0xFFFF_FFFF_0000_0000L;
        fill(5_000);
        verify();
        assertThat(index.usedBytes()).isLessThan(5_000 * 12);
        emptyAtRandom();
    }

    @Test
    void keysThatDifferOnlyInTheirTagsMakeOneLongSegment() {
        hash = key -> mixed(key) & 0xF_FFFFL;
        fill(20_000);
        verify();
        assertThat(index.usedBytes()).isLessThan(20_000 * 13);
        emptyAtRandom();
    }

    @Test
    void aCrowdOfOneHashAmongManyStaysBounded() {
        hash = key -> key < 2_000 ? 42 : mixed(key);
        fill(20_000);
        verify();
        emptyAtRandom();
    }

    @Test
    void hashesOfZerosAndOnesAreHashesLikeOthers() {
        hash = key -> key % 2 == 0 ? 0 : -1;
        fill(100);
        verify();
    }

    @Test
    void costIsUnderTenBytesAnEntryOnAverageAndNeverFarAbove() {
        int most = 100_000;
        long blocks = slab.allocate((long) most * BLOCK_BYTES);
        double sum = 0;
        int samples = 0;
        for (int key = 1; key <= most; key++) {
            long block = blocks + (key - 1L) * BLOCK_BYTES;
            Memory.putLong(block + 8, mixed(key));
            index.insert(mixed(key), block);
            if (key >= 10_000 && key % 500 == 0) {
                double cost = (double) index.usedBytes() / key;
                assertThat(cost).as("size=%d", key).isLessThan(10.5);
                sum += cost;
                samples++;
            }
        }
        assertThat(sum / samples).isLessThan(10);
        slab.free(blocks, (long) most * BLOCK_BYTES);
    }

    @Test
    void scanVisitsOnceWhatStandsStill() {
        fill(10_000);
        List<Long> visited = new ArrayList<>();
        long cursor = 0;
        do {
            cursor = index.scan(cursor, visited::add);
        } while (cursor != 0);
        assertThat(visited).hasSameSizeAs(model.values()).containsExactlyInAnyOrderElementsOf(model.values());
    }

    @Test
    void scanMissesNothingThatStaysWhileTheIndexGrowsAndShrinks() {
        long seed = System.nanoTime();
        System.out.println("IndexTest scan seed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 30; round++) {
            int before = 1 << random.nextInt(14);
            for (int i = 0; i < before; i++) {
                add(random.nextLong());
            }
            Set<Long> stayed = new HashSet<>(model.values());
            Set<Long> visited = new HashSet<>();
            boolean growing = random.nextBoolean();
            long cursor = 0;
            do {
                cursor = index.scan(cursor, visited::add);
                for (int changes = random.nextInt(60); changes > 0; changes--) {
                    if (growing ? random.nextInt(10) < 9 : model.size() < 2) {
                        add(random.nextLong());
                    } else {
                        stayed.remove(removeAnyOf(random));
                    }
                }
                growing ^= random.nextInt(200) == 0;
            } while (cursor != 0 && model.size() < 30_000);
            if (cursor == 0) {
                assertThat(visited).containsAll(stayed);
            }
            while (model.size() > 10) {
                removeAnyOf(random);
            }
        }
    }

    @Test
    void anyCursorLeadsToTheEnd() {
        fill(2_000);
        for (long cursor : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE, 1, 0xF_FFFF, 1L << 49}) {
            int steps = 0;
            for (long at = index.scan(cursor, block -> {}); at != 0; at = index.scan(at, block -> {})) {
                assertThat(++steps).isLessThan(2_000);
            }
        }
    }

    @Test
    void anIndexThatHasLostMostOfItsEntriesIsSmallAgain() {
        long seed = System.nanoTime();
        System.out.println("IndexTest shrinking seed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        fill(50_000);
        while (model.size() > 200) {
            removeAnyOf(random);
        }
        verify();
        assertThat(index.usedBytes()).isLessThan(200 * 24);
    }

    @Test
    void everyBlockIsAsLikelyToBeDrawnWhateverTheIndexHasLost() {
        fill(20_000);
        SplittableRandom random = new SplittableRandom(11);
        // Unevenly: nine tenths of one half, and one tenth of the other.
        for (long key : List.copyOf(keys)) {
            if (random.nextInt(10) < (hash.applyAsLong(key) < 0 ? 9 : 1)) {
                long block = requireNonNull(model.remove(key));
                index.remove(hash.applyAsLong(key), block);
                slab.free(block, BLOCK_BYTES);
            }
        }
        keys.retainAll(model.keySet());
        Map<Long, Integer> drawn = new HashMap<>();
        int size = model.size();
        for (int i = 0; i < size * 40; i++) {
            drawn.merge(index.randomEvenly(random), 1, Integer::sum);
        }
        double chi = model.values().stream()
                .mapToDouble(block -> drawn.getOrDefault(block, 0))
                .map(count -> (count - 40) * (count - 40) / 40)
                .sum();
        // Chi squared, five standard deviations off at the most.
        assertThat(chi).isLessThan(size + 5 * Math.sqrt(2.0 * size));
    }

    @Test
    void randomBlocksAreSpreadAboutEvenly() {
        fill(2_000);
        SplittableRandom random = new SplittableRandom(7);
        Map<Long, Integer> drawn = new HashMap<>();
        for (int i = 0; i < 200_000; i++) {
            drawn.merge(index.random(random), 1, Integer::sum);
        }
        assertThat(drawn.keySet()).containsExactlyInAnyOrderElementsOf(model.values());
        assertThat(drawn.values()).allMatch(times -> times > 40 && times < 190);
    }

    @Test
    void randomFindsTheLastOfMany() {
        fill(20_000);
        SplittableRandom random = new SplittableRandom(7);
        while (model.size() > 1) {
            removeAnyOf(random);
        }
        assertThat(index.random(random)).isEqualTo(model.values().iterator().next());
    }

    @Test
    void aSampleIsARunOfDifferentBlocks() {
        fill(5_000);
        SplittableRandom random = new SplittableRandom(7);
        long[] blocks = new long[16];
        Set<Long> seen = new HashSet<>();
        for (int i = 0; i < 15_000; i++) {
            int found = index.sample(random, blocks, 10);
            assertThat(found).isEqualTo(10);
            Set<Long> sample = new HashSet<>();
            for (int at = 0; at < found; at++) {
                sample.add(blocks[at]);
            }
            assertThat(sample).hasSize(10);
            seen.addAll(sample);
        }
        assertThat(seen).containsExactlyInAnyOrderElementsOf(model.values());
    }

    @Test
    void matchingOffersEveryBlockOfTheHash() {
        hash = key -> key % 500 == 0 ? 99 : mixed(key);
        fill(3_000);
        Set<Long> offered = new HashSet<>();
        assertThat(index.matching(99, block -> !offered.add(block))).isZero();
        for (long key : keys) {
            if (key % 500 == 0) {
                assertThat(offered).contains(model.get(key));
            }
        }
        long wanted = requireNonNull(model.get(keys.getFirst()));
        assertThat(index.matching(hash.applyAsLong(keys.getFirst()), block -> block == wanted))
                .isEqualTo(wanted);
    }

    @Test
    void drainHandsOutEverythingInSlices() {
        fill(7_000);
        List<Long> handedOut = new ArrayList<>();
        int slices = 1;
        while (!index.drain(100, handedOut::add)) {
            slices++;
        }
        assertThat(handedOut).hasSize(7_000).containsExactlyInAnyOrderElementsOf(model.values());
        assertThat(slices).isBetween(70, 72);
        assertThat(index.size()).isZero();
        assertThat(index.usedBytes()).isZero();
        index.insert(mixed(1), model.values().iterator().next());
        assertThat(index.size()).isOne();
    }

    @Test
    void touchingMayGoAnywhereAtAnyTime() throws InterruptedException {
        Thread toucher = Thread.ofPlatform().start(() -> {
            SplittableRandom random = new SplittableRandom(3);
            long sum = 0;
            while (!Thread.interrupted()) {
                long hash = random.nextLong();
                sum += index.touch(hash) + index.touchBlock(hash);
            }
            assertThat(sum).isNotEqualTo(1);
        });
        SplittableRandom random = new SplittableRandom(4);
        for (int round = 0; round < 5; round++) {
            fill(10_000);
            while (!model.isEmpty()) {
                removeAnyOf(random);
            }
        }
        toucher.interrupt();
        toucher.join();
    }

    private void fill(int count) {
        for (long key = 0; key < count; key++) {
            add(key);
        }
    }

    private void add(long key) {
        if (model.containsKey(key)) {
            return;
        }
        long block = newBlock(key);
        assertThat(find(key)).isZero();
        index.insert(hash.applyAsLong(key), block);
        model.put(key, block);
        keys.add(key);
        assertThat(find(key)).isEqualTo(block);
    }

    private long newBlock(long key) {
        long block = slab.allocate(BLOCK_BYTES);
        Memory.putLong(block, key);
        Memory.putLong(block + 8, hash.applyAsLong(key));
        return block;
    }

    private long removeAnyOf(SplittableRandom random) {
        if (keys.isEmpty()) {
            return 0;
        }
        int at = random.nextInt(keys.size());
        long key = keys.set(at, keys.getLast());
        keys.removeLast();
        long block = requireNonNull(model.remove(key));
        index.remove(hash.applyAsLong(key), block);
        assertThat(find(key)).isZero();
        slab.free(block, BLOCK_BYTES);
        return block;
    }

    private void moveAnyOf(SplittableRandom random) {
        if (keys.isEmpty()) {
            return;
        }
        long key = keys.get(random.nextInt(keys.size()));
        long moved = newBlock(key);
        long old = requireNonNull(model.put(key, moved));
        index.replace(hash.applyAsLong(key), old, moved);
        slab.free(old, BLOCK_BYTES);
        assertThat(find(key)).isEqualTo(moved);
    }

    private void emptyAtRandom() {
        SplittableRandom random = new SplittableRandom(5);
        while (!model.isEmpty()) {
            removeAnyOf(random);
            if (model.size() % 1_000 == 0) {
                verify();
            }
        }
    }

    private long find(long key) {
        Memory.putLong(this.key.address(), key);
        return index.find(hash.applyAsLong(key), this.key);
    }

    private void verify() {
        assertThat(index.size()).isEqualTo(model.size());
        model.forEach((key, block) -> assertThat(find(key)).as("key=%d", key).isEqualTo(block));
    }
}
