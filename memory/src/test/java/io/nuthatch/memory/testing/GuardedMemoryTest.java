package io.nuthatch.memory.testing;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nuthatch.memory.Memory;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GuardedMemoryTest {
    @Test
    void aLeakFailsTheTestAndWhatWasThereBeforeDoesNot() {
        long block = Memory.allocate(10);
        assertThatThrownBy(() -> GuardedMemory.checkSince(Set.of()))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("leaked")
                .hasMessageContaining("block of 10 bytes");
        assertThatCode(() -> GuardedMemory.checkSince(Memory.liveBlocks())).doesNotThrowAnyException();
        Memory.free(block, 10);
    }
}
