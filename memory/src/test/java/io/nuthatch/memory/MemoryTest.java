package io.nuthatch.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.nuthatch.memory.testing.GuardedMemory;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GuardedMemory.class)
@SuppressWarnings("restricted")
class MemoryTest {
    @Test
    void numbersAreReadAsTheyWereWritten() {
        long block = Memory.allocate(32);
        Memory.putByte(block, 0x180);
        Memory.putShort(block + 1, 0xBEEF);
        Memory.putInt(block + 3, 0xCAFEBABE);
        Memory.putLong(block + 7, 0x0123456789ABCDEFL);
        assertThat(Memory.getByte(block)).isEqualTo((byte) 0x80);
        assertThat(Memory.getShort(block + 1)).isEqualTo((short) 0xBEEF);
        assertThat(Memory.getInt(block + 3)).isEqualTo(0xCAFEBABE);
        assertThat(Memory.getLong(block + 7)).isEqualTo(0x0123456789ABCDEFL);
        Memory.free(block, 32);
    }

    @Test
    void overlappingRangesAreCopiedWhole() {
        long block = Memory.allocate(10);
        Memory.copy(new byte[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, 0, block, 10);
        Memory.copy(block, block + 2, 8);
        byte[] after = new byte[10];
        Memory.copy(block, after, 0, 10);
        assertThat(after).containsExactly(0, 1, 0, 1, 2, 3, 4, 5, 6, 7);
        Memory.free(block, 10);
    }

    @Test
    void mismatchNamesTheFirstDifference() {
        long block = Memory.allocate(40);
        Memory.fill(block, 40, 7);
        assertThat(Memory.mismatch(block, block + 20, 20)).isEqualTo(-1);
        Memory.putByte(block + 33, 8);
        assertThat(Memory.mismatch(block, block + 20, 20)).isEqualTo(13);
        assertThat(Memory.mismatch(block, block + 20, 13)).isEqualTo(-1);
        Memory.free(block, 40);
    }

    @Test
    void reallocationKeepsTheContent() {
        long block = Memory.allocate(100);
        Memory.fill(block, 100, 7);
        long larger = Memory.reallocate(block, 100, 300_000);
        assertThat(Memory.getByte(larger + 99)).isEqualTo((byte) 7);
        long smaller = Memory.reallocate(larger, 300_000, 50);
        assertThat(Memory.getByte(smaller + 49)).isEqualTo((byte) 7);
        Memory.free(smaller, 50);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    @SuppressWarnings("restricted") // It asks malloc itself.
    void allocationCostIsWhatMallocTakes() throws Throwable {
        Linker linker = Linker.nativeLinker();
        MethodHandle usableSize = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("malloc_usable_size"),
                FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
        for (long bytes : new long[] {1, 24, 25, 40, 41, 4097, 10_000, 100_000, 131_000, 200_000, 1 << 20, 5_000_001}) {
            long block = Memory.allocateRaw(bytes);
            long usable = (long) usableSize.invokeExact(block);
            LibC.free(block);
            // A mapped block has a header of 16 bytes, others share 8 with their neighbour. A block that was
            // split off a freed one may be 16 bytes larger than it need be.
            assertThat(Memory.allocationCost(bytes)).as("bytes=%d", bytes).isBetween(usable + 8 - 16, usable + 16);
        }
    }

    @Test
    void guardsFindAnOverrun() {
        long block = Memory.allocate(10);
        Memory.putByte(block + 10, 1);
        assertThatIllegalStateException()
                .isThrownBy(Memory::checkGuards)
                .withMessageContaining("overrun past its end at offset 10");
        assertThatIllegalStateException()
                .isThrownBy(() -> Memory.free(block, 10))
                .withMessageContaining("overrun past its end at offset 10");
    }

    @Test
    void guardsFindAnUnderrun() {
        long block = Memory.allocate(10);
        Memory.putByte(block - 1, 1);
        assertThatIllegalStateException()
                .isThrownBy(() -> Memory.free(block, 10))
                .withMessageContaining("overrun before its start at offset -1");
    }

    @Test
    void guardsFindADoubleFree() {
        long block = Memory.allocate(10);
        Memory.free(block, 10);
        assertThatIllegalStateException()
                .isThrownBy(() -> Memory.free(block, 10))
                .withMessageContaining("freed twice, or never allocated");
    }

    @Test
    void guardsFindAWrongSize() {
        long block = Memory.allocate(10);
        assertThatIllegalStateException()
                .isThrownBy(() -> Memory.free(block, 11))
                .withMessageContaining("freed with a wrong size: bytes=11");
    }

    @Test
    void guardsFindAWriteAfterFree() {
        long block = Memory.allocate(10);
        Memory.free(block, 10);
        Memory.putByte(block + 3, 1);
        assertThatIllegalStateException()
                .isThrownBy(MemoryTest::turnQuarantineOver)
                .withMessageContaining("written to after it was freed at offset 3");
        turnQuarantineOver();
    }

    private static void turnQuarantineOver() {
        for (int i = 0; i < 100; i++) {
            Memory.free(Memory.allocate(1), 1);
        }
    }

    @Test
    void guardsKnowWhatIsLive() {
        long block = Memory.allocate(10);
        assertThat(Memory.liveBlocks()).contains(block);
        assertThat(Memory.describe(block)).contains("10 bytes", "not freed");
        Memory.free(block, 10);
        assertThat(Memory.liveBlocks()).doesNotContain(block);
    }

    @Test
    void freshAndFreedBlocksReadAsNonsense() {
        long block = Memory.allocate(8);
        assertThat(Memory.getLong(block)).isEqualTo(0xCDCDCDCDCDCDCDCDL);
        Memory.free(block, 8);
        assertThat(Memory.getLong(block)).isEqualTo(0xDDDDDDDDDDDDDDDDL);
    }
}
