package io.nuthatch.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.engine.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Random data goes from a redis-server to Nuthatch and back, each time as the file that the one has saved and the
/// other loads at its start; and so does what only large collections are saved as.
///
/// The seed is printed; `-Dnuthatch.seed=<seed>` draws the same commands again.
class SnapshotFilesHoldForRedisTest {
    private static final int CHAPTERS = Boolean.getBoolean("nuthatch.long") ? 60 : 4;
    private static final int COMMANDS = 1_500;
    private static final int LARGE = 3_000;

    private final long seed = Long.getLong("nuthatch.seed", System.nanoTime());

    @TempDir
    private Path folder;

    @Test
    void whatOneSavesTheOtherLoads() throws IOException {
        System.out.println("SnapshotFilesHoldForRedisTest seed=" + seed);
        for (int chapter = 0; chapter < CHAPTERS; chapter++) {
            try (RealRedis redis = RealRedis.start("--dir", folder.toString(), "--dbfilename", "a" + chapter);
                    RespClient client = RespClient.connect(redis.port())) {
                play(new Draw(new Random(seed + chapter)), Recipes.ofChapter(chapter), client);
                DataSet original = DataSet.of(client, redis.port());
                assertThat(original.keys())
                        .as("seed=%d chapter=%d", seed, chapter)
                        .isNotEmpty();
                assertThat(client.call("SAVE")).isEqualTo(new Reply.Simple("OK"));
                assertThat(throughNuthatch(redis, chapter))
                        .as("seed=%d chapter=%d", seed, chapter)
                        .isEqualTo(original);
                assertThat(inRedis("b" + chapter))
                        .as("seed=%d chapter=%d", seed, chapter)
                        .isEqualTo(original);
            }
        }
    }

    private static void play(Draw draw, Recipes recipes, RespClient client) {
        for (int i = 0; i < COMMANDS; i++) {
            List<String> words = EffectRecipes.draw(draw, recipes);
            if (!words.getFirst().startsWith("FLUSH")) {
                client.call(words);
            }
        }
    }

    /// Loads file `a`, saves file `b`, in the background or not.
    private DataSet throughNuthatch(RealRedis redis, int chapter) throws IOException {
        Config config = new Config();
        config.set(Map.of("dir", folder.toString(), "dbfilename", "a" + chapter));
        try (InProcessNuthatch nuthatch = InProcessNuthatch.start(config);
                RespClient client = RespClient.connect(nuthatch.port())) {
            DataSet loaded = DataSet.of(nuthatch, redis.port());
            save(client, "b" + chapter);
            return loaded;
        }
    }

    private void save(RespClient client, String name) throws IOException {
        assertThat(client.call("SAVE")).isEqualTo(new Reply.Simple("OK"));
        String saved = ((Reply.Bulk) ((Reply.Array) client.call("CONFIG", "GET", "dbfilename"))
                        .items()
                        .get(1))
                .text();
        Files.move(folder.resolve(saved), folder.resolve(name));
    }

    private DataSet inRedis(String name) {
        try (RealRedis redis = RealRedis.start("--dir", folder.toString(), "--dbfilename", name);
                RespClient client = RespClient.connect(redis.port())) {
            return DataSet.of(client, redis.port());
        }
    }

    @Test
    void functionsAreLeftOutAndTheRestIsLoaded(@TempDir Path dir) {
        try (RealRedis redis = RealRedis.start("--dir", dir.toString());
                RespClient client = RespClient.connect(redis.port())) {
            String library = "#!lua name=mylib\nredis.register_function('f', function() return 1 end)";
            assertThat(client.call("FUNCTION", "LOAD", library)).isEqualTo(new Reply.Bulk("mylib"));
            client.call("SET", "k", "v");
            assertThat(client.call("SAVE")).isEqualTo(new Reply.Simple("OK"));
        }
        Config config = new Config();
        config.set(Map.of("dir", dir.toString()));
        try (InProcessNuthatch nuthatch = InProcessNuthatch.start(config);
                RespClient client = RespClient.connect(nuthatch.port())) {
            assertThat(client.call("GET", "k")).isEqualTo(new Reply.Bulk("v"));
            assertThat(client.call("DBSIZE")).isEqualTo(new Reply.Int(1));
        }
    }

    @Test
    void largeCollectionsGoInPieces() throws IOException {
        Config config = new Config();
        config.set(Map.of("dir", folder.toString()));
        DataSet original;
        try (RealRedis redis = RealRedis.start();
                InProcessNuthatch nuthatch = InProcessNuthatch.start(config);
                RespClient client = RespClient.connect(nuthatch.port())) {
            Random random = new Random(seed);
            for (int i = 0; i < LARGE; i++) {
                String word = "word:" + random.nextInt();
                client.call("RPUSH", "list", word, String.valueOf(random.nextInt()));
                client.call("SADD", "set", word);
                client.call("HSET", "hash", word, "of " + word);
                client.call("ZADD", "sorted", String.valueOf(random.nextGaussian()), word);
                client.call("XADD", "stream", "*", "word", word);
            }
            client.call("XGROUP", "CREATE", "stream", "readers", "0");
            client.call("XGROUP", "CREATE", "stream", "idle", "$");
            for (String consumer : List.of("one", "other", "third")) {
                String count = String.valueOf(LARGE / 4);
                client.call("XREADGROUP", "GROUP", "readers", consumer, "COUNT", count, "STREAMS", "stream", ">");
            }
            client.call("XAUTOCLAIM", "stream", "readers", "claimer", "0", "0", "COUNT", "300", "JUSTID");
            client.call("SET", "string", "much ".repeat(100_000));
            original = DataSet.of(nuthatch, redis.port());
            save(client, "large");
        }
        assertThat(original.keys()).hasSize(6);
        assertThat(inRedis("large")).isEqualTo(original);
    }
}
