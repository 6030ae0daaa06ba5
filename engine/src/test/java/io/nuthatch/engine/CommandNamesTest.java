package io.nuthatch.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.memory.Scratch;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CommandNamesTest {
    /// Of each length up to nine, with other characters than letters, and such that differ in little.
    private static final List<String> NAMES = List.of(
            "a",
            "b",
            "ab",
            "get",
            "set",
            "incr",
            "incrb",
            "decr",
            "mget",
            "gets",
            "exists",
            "getset",
            "hincrby",
            "sismember",
            "smembers",
            "zinterstore",
            "sort_ro",
            "restore-asking",
            "v1",
            "eval2");

    private final CommandTable table = new CommandTable(List.of(Family.of(
            "letters",
            Set.of("string"),
            NAMES.stream()
                    .map(name ->
                            Command.row(name.toUpperCase(Locale.ROOT)).answers((args, session, reply) -> reply.ok()))
                    .toArray(Command[]::new))));

    private @Nullable String find(byte[] name) {
        try (Scratch scratch = Scratch.of(name)) {
            Command command = table.find(scratch.bytes());
            return command == null ? null : command.name();
        }
    }

    private @Nullable String find(String name) {
        return find(name.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Test
    void findsACommandWhateverTheCase() {
        for (String name : NAMES) {
            assertThat(find(name)).isEqualTo(name);
            assertThat(find(name.toUpperCase(Locale.ROOT))).isEqualTo(name);
            assertThat(find(name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1)))
                    .isEqualTo(name);
        }
    }

    @Test
    void findsNothingElse() {
        for (String name : NAMES) {
            for (String other : List.of(name + "\0", name + " ", "\0" + name, name + "x".repeat(60), name + "x")) {
                assertThat(find(other)).as(other).isIn(other, null);
            }
        }
        assertThat(find("")).isNull();
        assertThat(find("sort\u007fro")).isNull();
        assertThat(find("restore\rasking")).isNull();
        assertThat(find("v\u0011")).isNull();
    }

    @Test
    void tellsApartNamesThatDifferInAByte() {
        long seed = Long.getLong("nuthatch.seed", System.nanoTime());
        var random = new Random(seed);
        var byName = new TreeMap<String, String>();
        NAMES.forEach(name -> byName.put(name, name));
        for (int i = 0; i < 100_000; i++) {
            byte[] name = NAMES.get(random.nextInt(NAMES.size())).getBytes(StandardCharsets.US_ASCII);
            name[random.nextInt(name.length)] = (byte) random.nextInt(256);
            String lower = lower(name);
            assertThat(find(name))
                    .as("seed=%d, name=%s", seed, Arrays.toString(name))
                    .isEqualTo(byName.get(lower));
        }
    }

    private static String lower(byte[] name) {
        var lower = new StringBuilder();
        for (byte each : name) {
            lower.append((char) (each >= 'A' && each <= 'Z' ? each + 'a' - 'A' : each & 0xff));
        }
        return lower.toString();
    }
}
