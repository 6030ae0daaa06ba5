package io.nuthatch.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.nuthatch.memory.testing.GuardedMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GuardedMemory.class)
class SlabTest {
    /// A live block of the model: its bytes all hold `mark`.
    private record Block(long address, int bytes, byte mark) {}

    private final Usage usage = new Usage();
    private final Slab slab = new Slab(usage);

    @Test
    void classesLoseAtMostAnEighth() {
        assertThat(Slab.roundUp(0)).isEqualTo(16);
        assertThat(Slab.roundUp(16)).isEqualTo(16);
        assertThat(Slab.roundUp(17)).isEqualTo(24);
        assertThat(Slab.roundUp(128)).isEqualTo(128);
        assertThat(Slab.roundUp(129)).isEqualTo(144);
        assertThat(Slab.roundUp(4096)).isEqualTo(4096);
        assertThat(Slab.roundUp(4097)).isEqualTo(Memory.allocationCost(4097));
        for (int bytes = 16; bytes <= Slab.LARGEST_BYTES; bytes++) {
            long given = Slab.roundUp(bytes);
            assertThat(given).isBetween((long) bytes, Math.max(bytes + 7, bytes * 9L / 8));
            assertThat(given % 8).isZero();
            assertThat(Slab.roundUp(given)).isEqualTo(given);
        }
    }

    @Test
    void blocksNeverOverlapAndUsageIsExact() {
        for (boolean raw : new boolean[] {false, true}) {
            long seed = System.nanoTime();
            System.out.println("SlabTest seed=" + seed + " raw=" + raw);
            churn(new SplittableRandom(seed), raw);
        }
    }

    private void churn(SplittableRandom random, boolean raw) {
        List<Block> blocks = new ArrayList<>();
        long used = 0;
        for (int step = 0; step < 40_000; step++) {
            boolean growing = step / 5_000 % 2 == 0;
            if (blocks.isEmpty() || random.nextInt(10) < (growing ? 7 : 3)) {
                int bytes = 1 + random.nextInt(random.nextInt(20) == 0 ? 6000 : 300);
                long address = raw ? slab.allocateRaw(bytes) : slab.allocate(bytes);
                byte mark = (byte) step;
                Memory.fill(address, bytes, mark);
                blocks.add(new Block(address, bytes, mark));
                used += Slab.roundUp(bytes);
            } else {
                Block block = blocks.set(random.nextInt(blocks.size()), blocks.getLast());
                blocks.removeLast();
                used -= Slab.roundUp(block.bytes);
                release(block, raw);
            }
            if (!raw) {
                assertThat(slab.usedBytes()).isEqualTo(used);
                assertThat(usage.bytes()).isBetween(used - Usage.STEP_BYTES, used + Usage.STEP_BYTES);
            }
        }
        blocks.forEach(block -> release(block, raw));
        slab.close();
        assertThat(slab.pageBytes()).isZero();
        assertThat(usage.bytes()).isZero();
    }

    private void release(Block block, boolean raw) {
        for (int i = 0; i < block.bytes; i++) {
            assertThat(Memory.getByte(block.address + i)).isEqualTo(block.mark);
        }
        if (raw) {
            slab.freeRaw(block.address, block.bytes);
        } else {
            slab.free(block.address, block.bytes);
        }
    }

    @Test
    void multiplesOfACacheLineLieOnItsBoundary() {
        for (int bytes = 64; bytes <= Slab.LARGEST_BYTES; bytes += 64) {
            if (Slab.roundUp(bytes) % 64 == 0) {
                long guarded = slab.allocate(bytes);
                long raw = slab.allocateRaw(bytes);
                long second = slab.allocateRaw(bytes);
                assertThat(guarded % 64).isZero();
                assertThat(raw % 64).isZero();
                assertThat(second % 64).isZero();
                slab.free(guarded, bytes);
                slab.freeRaw(raw, bytes);
                slab.freeRaw(second, bytes);
            }
        }
    }

    @Test
    void emptyPagesGoBackToThePool() {
        long before = PagePool.inUseBytes();
        List<Long> blocks = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            blocks.add(slab.allocateRaw(100));
        }
        assertThat(slab.pageBytes()).isBetween(10_000L * 104, 10_000L * 104 + 2 * PagePool.PAGE_BYTES);
        assertThat(PagePool.inUseBytes() - before).isEqualTo(slab.pageBytes());
        blocks.forEach(block -> slab.freeRaw(block, 100));
        assertThat(slab.pageBytes()).isZero();
        assertThat(PagePool.inUseBytes()).isEqualTo(before);
        slab.close();
    }

    @Test
    void blocksOfSparsePagesAreToldFromThoseOfFullOnesAndOfTheOneBeingFilled() {
        List<Long> blocks = new ArrayList<>();
        int inPage = PagePool.PAGE_BYTES / 128;
        for (int i = 0; i < 3 * inPage; i++) {
            blocks.add(slab.allocateRaw(128));
        }
        assertThat(slab.spareBytes()).isZero();
        assertThat(blocks).noneMatch(slab::isSparse);
        for (int i = 0; i < inPage / 2; i++) {
            slab.freeRaw(blocks.removeFirst(), 128);
        }
        assertThat(blocks).noneMatch(slab::isSparse);
        slab.freeRaw(blocks.removeLast(), 128);
        assertThat(slab.spareBytes()).isEqualTo((inPage / 2 + 1) * 128L);
        assertThat(blocks.stream().filter(slab::isSparse)).hasSize(inPage / 2);
        assertThat(slab.isSparse(Memory.allocateForever(5000))).isFalse();
        blocks.forEach(block -> slab.freeRaw(block, 128));
        assertThat(slab.spareBytes()).isZero();
        slab.close();
    }

    @Test
    void freedBlocksAreUsedBeforeFreshMemory() {
        long first = slab.allocateRaw(40);
        long second = slab.allocateRaw(40);
        slab.freeRaw(first, 40);
        assertThat(slab.allocateRaw(33)).isEqualTo(first);
        slab.freeRaw(first, 40);
        slab.freeRaw(second, 40);
        slab.close();
    }

    @Test
    void reallocationKeepsTheContentInEverySize() {
        int[] sizes = {10, 16, 17, 4096, 4097, 300_000, 600_000, 5000, 100};
        long block = slab.allocate(sizes[0]);
        Memory.fill(block, 10, 7);
        for (int i = 1; i < sizes.length; i++) {
            block = slab.reallocate(block, sizes[i - 1], sizes[i]);
            assertThat(slab.usedBytes()).isEqualTo(Slab.roundUp(sizes[i]));
            assertThat(Memory.getByte(block + 9)).isEqualTo((byte) 7);
        }
        slab.free(block, 100);
    }

    @Test
    void theSlackOfABlockIsItsOwners() {
        long block = slab.allocate(17);
        Memory.fill(block, Slab.capacity(17), 7);
        assertThat(slab.reallocate(block, 17, 24)).isEqualTo(block);
        slab.free(block, 24);
    }

    @Test
    void guardsFindAnOverrun() {
        long block = slab.allocate(24);
        Memory.putByte(block + 24, 0);
        assertThatIllegalStateException()
                .isThrownBy(() -> slab.free(block, 24))
                .withMessageContaining("overrun past its end at offset 24");
    }

    @Test
    void guardsFindAWrongSizeAndADoubleFree() {
        long block = slab.allocate(24);
        slab.free(block, 24);
        assertThatIllegalStateException().isThrownBy(() -> slab.free(block, 24)).withMessageContaining("freed twice");
        long other = slab.allocate(24);
        assertThatIllegalStateException().isThrownBy(() -> slab.free(other, 25)).withMessageContaining("wrong size");
    }

    @Test
    void guardsFindABlockOfAnotherSlab() {
        long block = slab.allocate(24);
        assertThatIllegalStateException()
                .isThrownBy(() -> new Slab().free(block, 24))
                .withMessageContaining("freed to another owner");
    }

    @Test
    void guardsFindAWriteAfterFree() {
        long block = slab.allocate(24);
        slab.free(block, 24);
        Memory.putByte(block + 16, 0);
        assertThatIllegalStateException()
                .isThrownBy(slab::close)
                .withMessageContaining("written to after it was freed at offset 16");
    }

    @Test
    void aSlabWithLiveBlocksCannotBeClosed() {
        long block = slab.allocate(24);
        assertThatIllegalStateException().isThrownBy(slab::close).withMessageContaining("live blocks: bytes=24");
        slab.free(block, 24);
        slab.close();
    }
}
