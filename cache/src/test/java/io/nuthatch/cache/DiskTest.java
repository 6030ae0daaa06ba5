package io.nuthatch.cache;

import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nuthatch.cache.Lookup.Hit;
import io.nuthatch.cache.Lookup.Miss;
import io.nuthatch.cache.Lookup.Stale;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The tier in a file: what outlives the process, what does not, and how large it grows.
class DiskTest {
    private static final Guard PATIENT = Guard.DEFAULT.timeout(ofSeconds(20));

    @TempDir
    private Path folder;

    private final ManualTime time = new ManualTime(System.currentTimeMillis());

    private CacheBuilder<String, String> builder() {
        return Cache.<String, String>builder("words")
                .values(String.class)
                .policy(Policy.ofTtl(ofMinutes(10)).staleFor(ofMinutes(10)))
                .disk(Disk.in(folder).guard(PATIENT))
                .time(time);
    }

    @Test
    void entriesOutliveTheProcess() {
        try (Cache<String, String> cache = builder().build()) {
            cache.put("a", "kept");
            cache.put("b", "removed");
            cache.remove("b");
            cache.with(cache.policy().tags("red")).put("c", "tagged");
            cache.put("n", null);
            cache.invalidateTag("red");
        }
        time.advance(ofSeconds(20));
        try (Cache<String, String> cache = builder().build()) {
            assertThat(cache.lookup("a")).isEqualTo(new Hit<>("kept", "disk", ofSeconds(20), ofSeconds(580)));
            assertThat(cache.lookup("b")).isEqualTo(new Miss<>());
            assertThat(cache.lookup("c")).isEqualTo(new Miss<>());
            assertThat(cache.lookup("n")).isInstanceOf(Lookup.Negative.class);
            assertThat(cache.stats().tier("disk").entries()).isEqualTo(2);
            assertThat(cache.stats().tier("disk").bytes()).isPositive();
        }
        time.advance(ofMinutes(11));
        try (Cache<String, String> cache = builder().build()) {
            assertThat(cache.lookup("a")).isInstanceOf(Stale.class);
            time.advance(ofMinutes(10));
            assertThat(cache.lookup("a")).isEqualTo(new Miss<>());
        }
    }

    @Test
    void whatIsGoneLeavesTheFileAsOtherThingsAreWritten() {
        try (Cache<String, String> cache = builder().build()) {
            for (int i = 0; i < 100; i++) {
                cache.with(cache.policy().tags("t" + i)).put("old" + i, "v");
            }
            time.advance(ofMinutes(21));
            for (int i = 0; i < 50; i++) {
                cache.put("new" + i, "v");
            }
            assertThat(cache.stats().tier("disk").entries()).isEqualTo(50);
        }
    }

    @Test
    void theBoundIsKeptByWhatWouldBeGoneFirst() {
        try (Cache<String, String> cache =
                builder().disk(Disk.in(folder).maxBytes(100_000).guard(PATIENT)).build()) {
            cache.with(Policy.ofTtl(ofMinutes(1))).put("brief", "v".repeat(1_000));
            for (int i = 0; i < 200; i++) {
                cache.put("k" + i, "v".repeat(1_000));
                time.advance(ofSeconds(1));
            }
            assertThat(cache.stats().tier("disk").bytes()).isBetween(90_000L, 100_000L);
            cache.clear();
            assertThat(cache.stats().tier("disk").bytes()).isZero();
            assertThat(cache.stats().tier("disk").entries()).isZero();
        }
    }

    @Test
    void aFileIsUsedByOneProcessOnly() {
        try (Cache<String, String> cache = builder().build()) {
            assertThatThrownBy(() -> builder().build())
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageStartingWith("disk: ")
                    .hasMessageEndingWith("is used by another process; give each process a directory of its own");
            cache.put("a", "b");
        }
    }

    @Test
    void aFileThatCannotBeReadIsPutAside() throws IOException {
        Path file = folder.resolve("words.mv");
        Files.writeString(file, "no store at all".repeat(1_000));
        try (Cache<String, String> cache = builder().build()) {
            cache.put("a", "b");
            assertThat(cache.stats().tier("disk").entries()).isEqualTo(1);
        }
        assertThat(folder.resolve("words.mv.damaged")).exists();
    }

    @Test
    void aDirectoryThatIsNoneIsRefused() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        assertThatThrownBy(() -> builder().disk(file).build())
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("disk: cannot use ");
    }

    @Test
    void whereMemoryFollowsAServerWhatAnEarlierProcessKeptIsStale() {
        try (RedisProcess redis = RedisProcess.start()) {
            Redis options = Redis.at(redis.uri()).guard(PATIENT);
            try (Cache<String, String> cache =
                    builder().time(Time.system()).redis(options).build()) {
                cache.put("a", "x");
                assertThat(cache.lookup("a")).isInstanceOf(Hit.class);
            }
            redis.call("DEL", "words:a");
            try (Cache<String, String> cache =
                    builder().time(Time.system()).redis(options).build()) {
                assertThat(cache.lookup("a"))
                        .as("nobody knows why redis lacks it")
                        .isInstanceOf(Stale.class);
                assertThat(cache.get("a", key -> "loaded")).isEqualTo("loaded");
            }
        }
    }

    /// A process that writes until it is killed, and says after each write what it has written.
    static final class Victim {
        public static void main(String[] arguments) {
            try (Cache<String, String> cache = Cache.<String, String>builder("words")
                    .values(String.class)
                    .disk(Path.of(arguments[0]))
                    .build()) {
                cache.put("removed", "must not come back");
                for (int i = 0; ; i++) {
                    cache.put("k" + i % 1_000, "v" + i);
                    if (i == 500) {
                        cache.remove("removed");
                    }
                    System.out.println(i);
                }
            }
        }
    }

    @Test
    void aKilledProcessLeavesAFileThatCanBeRead() throws Exception {
        for (int round = 0; round < 3; round++) {
            List<String> command = List.of(
                    ProcessHandle.current().info().command().orElseThrow(),
                    "-cp",
                    System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
                            + ":"
                            + System.getProperty("jdk.module.path", ""),
                    Victim.class.getName(),
                    folder.toString());
            Process victim = new ProcessBuilder(command)
                    .redirectError(folder.resolve("errors").toFile())
                    .start();
            try (BufferedReader said =
                    new BufferedReader(new InputStreamReader(victim.getInputStream(), StandardCharsets.UTF_8))) {
                for (int i = 0; i < 5_000 + 1_000 * round; i++) {
                    assertThat(said.readLine()).as(() -> errors()).isNotNull();
                }
            } finally {
                victim.destroyForcibly().waitFor();
            }
            try (Cache<String, String> cache = builder().time(Time.system()).build()) {
                assertThat(cache.lookup("removed")).isEqualTo(new Miss<>());
                assertThat(cache.stats().tier("disk").entries()).isPositive();
                assertThat(cache.stats().undecodable()).isZero();
            }
        }
        assertThat(folder.resolve("words.mv.damaged")).doesNotExist();
    }

    private String errors() {
        try {
            return Files.readString(folder.resolve("errors"));
        } catch (IOException e) {
            return e.toString();
        }
    }
}
