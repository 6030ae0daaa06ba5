package io.nuthatch.resp;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.memory.testing.GuardedMemory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GuardedMemory.class)
class RequestTest {
    private final Request request = new Request();

    @Test
    void keepsAnyNumberOfWords() {
        int count = 5 * Request.KEPT_WORDS;
        for (int i = 0; i < count; i++) {
            request.add(1_000_000L + i, i);
        }
        request.shift(500);
        assertThat(request.count()).isEqualTo(count);
        for (int i = 0; i < count; i++) {
            assertThat(request.word(i).address()).isEqualTo(1_000_500L + i);
            assertThat(request.word(i).length()).isEqualTo(i);
        }
        request.clear();
        assertThat(request.count()).isZero();
    }

    @Test
    void takesWordsAgainAfterItHasGivenUpVeryMany() {
        for (int i = 0; i < 2 * Request.KEPT_WORDS; i++) {
            request.add(i, 1);
        }
        request.release();
        request.clear();
        request.add(7, 2);
        assertThat(request.count()).isOne();
        assertThat(request.word(0).length()).isEqualTo(2);
    }
}
