package io.nuthatch.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.nuthatch.memory.testing.GuardedMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GuardedMemory.class)
class LeaseTest {
    private record Block(long address, int bytes) {}

    private final Usage usage = new Usage();
    private final Slab first = new Slab(usage);
    private final Slab second = new Slab(usage);

    @Test
    void blocksAndTheirChargeFollowTheLease() {
        Lease lease = new Lease(first);
        long small = lease.allocate(100);
        long large = lease.allocate(10_000);
        Memory.fill(small, 100, 7);
        lease.moveTo(second);
        assertThat(first.usedBytes()).isZero();
        assertThat(second.usedBytes()).isEqualTo(lease.usedBytes()).isEqualTo(104 + Slab.roundUp(10_000));
        small = lease.reallocate(small, 100, 200);
        assertThat(Memory.getByte(small + 99)).isEqualTo((byte) 7);
        lease.free(small, 200);
        lease.free(large, 10_000);
        assertThat(lease.usedBytes()).isZero();
        second.close();
        first.close();
        assertThat(usage.bytes()).isZero();
    }

    @Test
    void blocksFreedElsewhereAreUsedAgainBeforeAnotherPageIsTaken() {
        List<Long> blocks = new ArrayList<>();
        for (int i = 0; i < PagePool.PAGE_BYTES / 64; i++) {
            blocks.add(first.allocateRaw(64));
        }
        long pages = first.pageBytes();
        blocks.forEach(block -> second.freeRaw(block, 64));
        assertThat(first.hasFreedElsewhere()).isTrue();
        assertThat(blocks).contains(first.allocateRaw(64));
        assertThat(first.pageBytes()).isEqualTo(pages);
        assertThat(first.hasFreedElsewhere()).isFalse();
        assertThatIllegalStateException().isThrownBy(first::close).withMessageContaining("live blocks of others");
    }

    @Test
    void threadsFreeEachOthersBlocks() throws InterruptedException {
        long seed = System.nanoTime();
        System.out.println("LeaseTest seed=" + seed);
        AtomicReference<List<Block>> fromFirst = new AtomicReference<>(List.of());
        AtomicReference<List<Block>> fromSecond = new AtomicReference<>(List.of());
        Thread one = Thread.ofPlatform().start(() -> exchange(first, seed, fromFirst, fromSecond));
        Thread other = Thread.ofPlatform().start(() -> exchange(second, seed + 1, fromSecond, fromFirst));
        one.join();
        other.join();
        fromFirst.get().forEach(block -> second.free(block.address, block.bytes));
        fromSecond.get().forEach(block -> first.free(block.address, block.bytes));
        first.handOn(first.usedBytes(), second);
        assertThat(second.usedBytes()).isZero();
        second.close();
        first.reclaim();
        first.close();
        assertThat(usage.bytes()).isZero();
        assertThat(first.pageBytes() + second.pageBytes()).isZero();
    }

    /// Allocates, and frees what the other thread has allocated.
    private static void exchange(
            Slab slab, long seed, AtomicReference<List<Block>> mine, AtomicReference<List<Block>> theirs) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 300; round++) {
            List<Block> blocks = new ArrayList<>(mine.getAndSet(List.of()));
            for (int i = 0; i < 50; i++) {
                int bytes = 1 + random.nextInt(300);
                long block = slab.allocate(bytes);
                Memory.fill(block, bytes, round);
                blocks.add(new Block(block, bytes));
            }
            mine.set(blocks);
            for (Block block : theirs.getAndSet(List.of())) {
                slab.free(block.address, block.bytes);
            }
        }
    }
}
