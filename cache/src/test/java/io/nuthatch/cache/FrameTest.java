package io.nuthatch.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nuthatch.cache.Entry.Life;
import io.nuthatch.cache.Frame.Kind;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FrameTest {
    private static final Life LIFE = new Life(1, 2, Long.MAX_VALUE);

    @Test
    void whatIsWrittenIsRead() {
        for (Kind kind : Kind.values()) {
            for (String validator : new String[] {null, "", "etag-ü"}) {
                Frame frame = new Frame(kind, LIFE, Set.of("red", "grün"), validator, 3, new byte[] {1, 2, 3});
                Frame read = Frame.parse(frame.toBytes());
                assertThat(read).usingRecursiveComparison().isEqualTo(frame);
            }
        }
    }

    @Test
    void theLayoutIsWhatItIs() {
        byte[] bytes = new Frame(Kind.VALUE, LIFE, Set.of("t"), "v", 0, new byte[] {9}).toBytes();
        assertThat(Arrays.copyOf(bytes, bytes.length - 4)).isEqualTo(new byte[] {
            (byte) 0xCA,
            1,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            1,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            2,
            0x7F,
            -1,
            -1,
            -1,
            -1,
            -1,
            -1,
            -1,
            0,
            1,
            0,
            1,
            'v',
            0,
            1,
            't',
            9
        });
    }

    @Test
    void everyDamagedByteIsSeen() {
        byte[] bytes = new Frame(Kind.VALUE, LIFE, Set.of("t"), "v", 0, new byte[20]).toBytes();
        for (int i = 0; i < bytes.length; i++) {
            byte[] damaged = bytes.clone();
            damaged[i] ^= 0x10;
            assertThatThrownBy(() -> Frame.parse(damaged)).isInstanceOf(BadFrameException.class);
            byte[] cut = Arrays.copyOf(bytes, i);
            assertThatThrownBy(() -> Frame.parse(cut)).isInstanceOf(BadFrameException.class);
        }
    }

    @Test
    void anotherVersionIsRefusedByItsNumber() {
        byte[] bytes = new Frame(Kind.VALUE, LIFE, Set.of(), null, 0, new byte[0]).toBytes();
        bytes[1] = 2;
        assertThatThrownBy(() -> Frame.parse(bytes)).hasMessage("an entry of version 2, this is version 1");
    }

    @Test
    void randomBytesAreRefusedOrRead() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 10_000; i++) {
            byte[] bytes = new byte[random.nextInt(200)];
            random.nextBytes(bytes);
            if (bytes.length > 1) {
                bytes[0] = Frame.MAGIC;
                bytes[1] = Frame.VERSION;
            }
            assertThatThrownBy(() -> Frame.parse(bytes)).as("seed " + seed).isInstanceOf(BadFrameException.class);
        }
    }
}
