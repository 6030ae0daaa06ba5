package io.nuthatch.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class PrefixesTest {
    private final Prefixes<String> prefixes = new Prefixes<>();

    private static ByteString bytes(String text) {
        return new ByteString(text.getBytes(StandardCharsets.US_ASCII));
    }

    private List<String> of(String text) {
        var found = new ArrayList<String>();
        prefixes.forEachOf(bytes(text), (prefix, value) -> found.add(value));
        return found;
    }

    @Test
    void findsThePrefixesOfATextTheShortestFirst() {
        for (String each : List.of("user:", "", "user:1", "item:", "user:10")) {
            prefixes.getOrAdd(bytes(each), () -> each);
        }
        assertThat(of("user:1")).containsExactly("", "user:", "user:1");
        assertThat(of("user")).containsExactly("");
        prefixes.remove(bytes("user:"));
        assertThat(of("user:10")).containsExactly("", "user:1", "user:10");
    }

    @Test
    void agreesWithAPlainSet() {
        long seed = Long.getLong("nuthatch.seed", System.nanoTime());
        var random = new Random(seed);
        var plain = new TreeSet<String>();
        for (int i = 0; i < 20_000; i++) {
            String text = text(random);
            switch (random.nextInt(3)) {
                case 0 -> {
                    plain.add(text);
                    assertThat(prefixes.getOrAdd(bytes(text), () -> text)).isEqualTo(text);
                }
                case 1 -> {
                    plain.remove(text);
                    prefixes.remove(bytes(text));
                }
                default ->
                    assertThat(of(text))
                            .as("seed=%d", seed)
                            .containsExactlyElementsOf(
                                    plain.stream().filter(text::startsWith).toList());
            }
            assertThat(prefixes.size()).as("seed=%d", seed).isEqualTo(plain.size());
            assertThat(prefixes.isEmpty()).as("seed=%d", seed).isEqualTo(plain.isEmpty());
        }
    }

    private static String text(Random random) {
        var text = new StringBuilder();
        for (int i = random.nextInt(6); i > 0; i--) {
            text.append((char) ('a' + random.nextInt(2)));
        }
        return text.toString();
    }
}
