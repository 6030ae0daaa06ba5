package io.nuthatch.resp;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.testing.GuardedMemory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
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
    void aCopyHasTheSameWordsHoweverTheyCame() throws ProtocolError {
        String many = "*2000\r\n" + "$3\r\nabc\r\n".repeat(2000);
        for (String wire : new String[] {"*2\r\n$4\r\nPING\r\n$0\r\n\r\n", "SET  k 'a b'\r\n", many}) {
            byte[] bytes = wire.getBytes(StandardCharsets.ISO_8859_1);
            long at = Memory.allocate(bytes.length);
            Memory.copy(bytes, 0, at, bytes.length);
            RespReader reader = new RespReader(1 << 20);
            reader.open(at, at + bytes.length);
            assertThat(reader.read(request)).isTrue();
            long room = request.copyBytes();
            long block = Memory.allocate(room);
            Request copy = new Request();
            copy.copy(request, block);
            List<String> words = words(request);
            String sent = request.asSent(new Bytes()) ? wire : "";
            request.clear();
            Memory.fill(at, bytes.length, 0);
            assertThat(words(copy)).isEqualTo(words);
            Bytes window = new Bytes();
            assertThat(copy.asSent(window) ? window.toString() : "").isEqualTo(sent);
            copy.release();
            Memory.free(at, bytes.length);
            Memory.free(block, room);
        }
    }

    private static List<String> words(Request request) {
        List<String> words = new ArrayList<>();
        for (int i = 0; i < request.count(); i++) {
            words.add(request.word(i).toString());
        }
        return words;
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
