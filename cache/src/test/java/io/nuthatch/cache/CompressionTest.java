package io.nuthatch.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nuthatch.cache.Compression.Dictionary;
import io.nuthatch.cache.Compression.Packed;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CompressionTest {
    private static final int MAX = 1 << 20;

    private final Dictionary dictionary = Dictionary.train(Codec.string(), people(0));

    /// Short values that are alike.
    private static List<String> people(int from) {
        return IntStream.range(from, from + 2_000)
                .mapToObj(i ->
                        "{\"id\":" + i * 7_919 + ",\"name\":\"person number " + i + "\",\"city\":\"Saint-Étienne-du-"
                                + (i % 97) + "\",\"active\":" + (i % 3 == 0) + ",\"roles\":[\"reader\",\"writer\"]}")
                .toList();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] noise(int size) {
        byte[] noise = new byte[size];
        new Random(1).nextBytes(noise);
        return noise;
    }

    @Test
    void eachReadsWhatEachHasWritten() {
        List<Compression> all = List.of(
                Compression.none(),
                Compression.lz4(),
                Compression.zstd(),
                Compression.zstd(19),
                Compression.zstd(dictionary),
                Compression.auto());
        byte[] raw = bytes("the same again and ".repeat(100));
        for (Compression writer : all) {
            Packed packed = writer.pack(raw);
            for (Compression reader : List.of(Compression.zstd(dictionary), writer)) {
                assertThat(reader.unpack(packed.packing(), packed.bytes(), MAX)).isEqualTo(raw);
            }
        }
        assertThat(Compression.lz4().pack(raw).bytes().length).isLessThan(100);
    }

    @Test
    void whatGainsLessThanATenthStaysRaw() {
        byte[] noise = noise(10_000);
        for (Compression compression :
                List.of(Compression.lz4(), Compression.zstd(), Compression.zstd(dictionary), Compression.auto())) {
            Packed packed = compression.pack(noise);
            assertThat(packed.packing()).isEqualTo(Packing.RAW);
            assertThat(packed.bytes()).isSameAs(noise);
        }
        assertThat(Compression.zstd().pack(bytes("short")).packing()).isEqualTo(Packing.RAW);
    }

    @Test
    void aDictionaryMakesShortValuesSmaller() {
        byte[] value = bytes(people(50_000).get(7));
        int plain = Compression.zstd().pack(value).bytes().length;
        int trained = Compression.zstd(dictionary).pack(value).bytes().length;
        assertThat(trained).isLessThan(plain / 2);
    }

    @Test
    void anOldDictionaryIsStillRead() {
        byte[] value = bytes(people(50_000).get(7));
        Packed packed = Compression.zstd(dictionary).pack(value);
        Dictionary kept = Dictionary.of(dictionary.bytes());
        Dictionary newer = Dictionary.train(Codec.string(), people(100_000));
        assertThat(Compression.zstd(newer, kept).unpack(packed.packing(), packed.bytes(), MAX))
                .isEqualTo(value);
        assertThatThrownBy(() -> Compression.zstd(newer).unpack(packed.packing(), packed.bytes(), MAX))
                .isInstanceOf(BadFrameException.class)
                .hasMessageStartingWith("packed with a dictionary that was not given");
    }

    @Test
    void automaticChoiceFollowsTheValues() {
        Compression auto = Compression.auto();
        byte[] text = bytes(String.join("", people(0).subList(0, 50)));
        for (int i = 0; i < Compression.SAMPLE_EVERY; i++) {
            assertThat(auto.pack(text).packing()).as("text").isEqualTo(Packing.ZSTD);
        }
        byte[] noise = noise(5_000);
        for (int i = 0; i < Compression.SAMPLE_EVERY; i++) {
            assertThat(auto.pack(noise).packing()).as("noise").isEqualTo(Packing.RAW);
        }
        byte[] zeros = new byte[100];
        for (int i = 0; i < Compression.SAMPLE_EVERY; i++) {
            assertThat(auto.pack(zeros).packing()).as("zeros").isNotEqualTo(Packing.RAW);
        }
    }

    @Test
    void brokenAndBoundlessBytesAreRefused() {
        Compression compression = Compression.zstd(dictionary);
        byte[] raw = bytes("again and ".repeat(1_000));
        for (Compression writer : List.of(Compression.lz4(), Compression.zstd(), compression)) {
            Packed packed = writer.pack(raw);
            assertThatThrownBy(() -> compression.unpack(packed.packing(), packed.bytes(), raw.length - 1))
                    .isInstanceOf(BadFrameException.class)
                    .hasMessageContaining("is the most");
            byte[] cut = java.util.Arrays.copyOf(packed.bytes(), packed.bytes().length - 3);
            assertThatThrownBy(() -> compression.unpack(packed.packing(), cut, MAX))
                    .isInstanceOf(BadFrameException.class);
            for (int size = 0; size < 10; size++) {
                byte[] stump = java.util.Arrays.copyOf(packed.bytes(), size);
                assertThatThrownBy(() -> compression.unpack(packed.packing(), stump, MAX))
                        .isInstanceOf(BadFrameException.class);
            }
        }
        assertThatThrownBy(() -> compression.unpack(99, raw, MAX)).hasMessage("packed in an unknown way: 99");
    }

    @Test
    void levelsAndSamplesThatMakeNoSenseAreRefused() {
        assertThatThrownBy(() -> Compression.zstd(0))
                .hasMessageStartingWith("compression: zstd has levels 1 to 22, not 0");
        assertThatThrownBy(() -> Dictionary.train(Codec.string(), List.of("one")))
                .hasMessageStartingWith("compression: no dictionary can be learned from 1 values");
    }

    @Test
    void figuresTellWhatCompressionGains() {
        FakeTier tier = new FakeTier("far");
        try (Cache<Integer, String> cache = Cache.<Integer, String>builder("people")
                .values(String.class)
                .compression(Compression.zstd(dictionary))
                .tier(tier)
                .build()) {
            List<String> people = people(50_000);
            for (int i = 0; i < 100; i++) {
                cache.put(i, people.get(i));
            }
            assertThat(cache.stats().tier("far").compressionRatio()).isGreaterThan(1.5);
            cache.with(cache.policy()).expire(1);
        }
        try (Cache<Integer, String> cache = Cache.<Integer, String>builder("people")
                .values(String.class)
                .compression(Compression.zstd(dictionary))
                .tier(tier)
                .build()) {
            assertThat(cache.get(7)).isEqualTo(people(50_000).get(7));
        }
    }
}
