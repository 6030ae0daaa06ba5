package io.nuthatch.memory;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.memory.testing.GuardedMemory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GuardedMemory.class)
class BytesTest {
    @Test
    void aWindowComparesByContent() {
        long block = Memory.allocate(6);
        Memory.copy("GetgET".getBytes(UTF_8), 0, block, 6);
        Bytes first = new Bytes().set(block, 3);
        Bytes second = new Bytes().set(block + 3, 3);
        assertThat(first).isNotEqualTo(second).hasToString("Get");
        assertThat(first.is("get")).isTrue();
        assertThat(second.is("get")).isTrue();
        assertThat(second.is("getx")).isFalse();
        assertThat(second.set(first)).isEqualTo(first).hasSameHashCodeAs(first);
        Memory.free(block, 6);
    }
}
