package io.nuthatch.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What the journal says of random commands makes the same data of them in a redis-server: clients run them at the same
/// time, in transactions and outside, while keys expire.
///
/// The seed is printed; `-Dnuthatch.seed=<seed>` draws the same commands again, though not their order among clients.
class ReplayHoldsForRedisTest {
    private static final int CHAPTERS = Boolean.getBoolean("nuthatch.long") ? 200 : 10;
    private static final int BATCHES = 30;
    private static final int BATCH_LENGTH = 100;
    private static final int CLIENTS = 3;

    /// After so many both begin anew: a redis-server loads all since then after each chapter.
    private static final int BOOK = 10;

    /// Of the journal, in the message of a failure.
    private static final int LAST_LINES = 500;

    private static final int MOST_SHOWN = 200;

    private final long seed = Long.getLong("nuthatch.seed", System.nanoTime());

    @Test
    void aReplayMakesTheSameData() throws IOException {
        System.out.println("ReplayHoldsForRedisTest seed=" + seed);
        for (int chapter = 0; chapter < CHAPTERS; chapter += BOOK) {
            replay(chapter, Math.min(CHAPTERS, chapter + BOOK));
        }
    }

    private void replay(int firstChapter, int end) throws IOException {
        var written = new StringBuilder();
        try (RealRedis redis = RealRedis.start("--appendonly", "yes");
                InProcessNuthatch nuthatch = InProcessNuthatch.start();
                JournalText journal = new JournalText(nuthatch.engine().journal());
                RespClient replica = RespClient.connect(redis.port())) {
            keepAsItIs(replica);
            for (int chapter = firstChapter; chapter < end; chapter++) {
                play(new Draw(new Random(seed + chapter)), Recipes.ofChapter(chapter), nuthatch);
                written.append(journal.take());
                load(written.toString(), replica);
                List<String> differences =
                        DataSet.of(replica, redis.port()).differences(DataSet.of(nuthatch, redis.port()));
                assertThat(differences)
                        .as(
                                "seed=%d chapter=%d: what redis makes of our journal, and what we hold%n%s",
                                seed, chapter, differences.isEmpty() ? "" : lastLines(written.toString(), differences))
                        .isEmpty();
            }
        }
    }

    /// What the journal says last, of the keys that differ and around them.
    private static String lastLines(String written, List<String> differences) {
        List<String> keys = differences.stream()
                .map(line -> line.substring(line.indexOf('"') + 1, line.indexOf("\": ")))
                .toList();
        List<String> lines = JournalText.lines(written).stream()
                .filter(line -> line.matches("MULTI|EXEC|SELECT .*|FLUSH.*|SWAPDB.*")
                        || keys.stream().anyMatch(line::contains))
                .map(RedisCliFormat::quote)
                .map(line -> line.substring(0, Math.min(line.length(), MOST_SHOWN)))
                .toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
    }

    private static void play(Draw draw, Recipes recipes, ServerUnderTest nuthatch) {
        var clients = new ArrayList<RespClient>();
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(RespClient.connect(nuthatch.port()));
        }
        for (int i = 0; i < BATCHES; i++) {
            var counts = new ArrayList<Integer>();
            clients.forEach(client -> counts.add(queue(draw, recipes, client)));
            clients.forEach(RespClient::flush);
            for (int c = 0; c < CLIENTS; c++) {
                for (int left = counts.get(c); left > 0; left--) {
                    clients.get(c).read();
                }
            }
        }
        clients.forEach(RespClient::close);
    }

    /// @return how many commands
    private static int queue(Draw draw, Recipes recipes, RespClient client) {
        int count = 0;
        while (count < BATCH_LENGTH) {
            boolean transaction = draw.oneIn(10);
            if (transaction) {
                client.queue(List.of("MULTI"));
            }
            int commands = transaction ? 1 + draw.below(8) : 1;
            for (int i = 0; i < commands; i++) {
                client.queue(EffectRecipes.draw(draw, recipes));
            }
            if (transaction) {
                client.queue(List.of("EXEC"));
            }
            count += commands + (transaction ? 2 : 0);
        }
        return count;
    }

    /// A redis-server that has made its log is to add nothing to it: what it removes by itself, of what it loaded for
    /// the chapter before, would otherwise come behind the next.
    private static void keepAsItIs(RespClient redis) {
        assertThat(redis.call("CONFIG", "SET", "appendonly", "no")).isEqualTo(new Reply.Simple("OK"));
    }

    /// Has a redis-server load commands as its append-only file: keys do not expire meanwhile, as they would if a
    /// client sent the commands.
    private static void load(String commands, RespClient redis) throws IOException {
        Reply.Array dir = (Reply.Array) redis.call("CONFIG", "GET", "dir");
        Path file = Path.of(((Reply.Bulk) dir.items().get(1)).text(), "appendonlydir", "appendonly.aof.1.incr.aof");
        Files.writeString(file, commands, ISO_8859_1);
        assertThat(redis.call("DEBUG", "LOADAOF")).isEqualTo(new Reply.Simple("OK"));
    }
}
