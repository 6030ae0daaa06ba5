package io.nuthatch.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What the journal says of random commands on fields that expire makes the same hashes of them on another server.
/// Redis 7.0, which the other replays are held against, does not know them.
class FieldReplayTest {
    private static final int ROUNDS = Boolean.getBoolean("nuthatch.long") ? 400 : 20;
    private static final int ROUND_LENGTH = 500;
    private static final int FIELDS = 12;

    /// What is set to expire soonest in one round has done so after the next.
    private static final Duration PAUSE = Duration.ofSeconds(60);

    private final long seed = Long.getLong("nuthatch.seed", System.nanoTime());
    private final Draw draw = new Draw(new Random(seed));

    @Test
    void aReplayMakesTheSameHashes() {
        System.out.println("FieldReplayTest seed=" + seed);
        try (InProcessNuthatch primary = InProcessNuthatch.start();
                InProcessNuthatch replica = InProcessNuthatch.start();
                JournalText journal = new JournalText(primary.engine().journal());
                RespClient client = RespClient.connect(primary.port());
                RespClient other = RespClient.connect(replica.port())) {
            for (int round = 0; round < ROUNDS; round++) {
                play(client);
                replay(journal.take(), other);
                assertThat(content(other)).as("seed=%d round=%d", seed, round).isEqualTo(content(client));
                primary.letPass(PAUSE);
                replica.letPass(PAUSE);
            }
        }
    }

    private static void replay(String commands, RespClient client) {
        client.raw(commands);
        client.queue(List.of("ECHO", "the end"));
        client.flush();
        Reply reply = client.read();
        while (!reply.equals(new Reply.Bulk("the end"))) {
            assertThat(reply).isNotInstanceOf(Reply.Failure.class);
            reply = client.read();
        }
    }

    private void play(RespClient client) {
        for (int i = 0; i < ROUND_LENGTH; i++) {
            client.queue(command());
        }
        client.flush();
        for (int i = 0; i < ROUND_LENGTH; i++) {
            assertThat(client.read().toString()).doesNotContain("internal");
        }
    }

    private List<String> command() {
        return switch (draw.below(10)) {
            case 0 -> Recipe.words("HSET", key(), field(), draw.letters(draw.oneIn(30) ? 70 : 5));
            case 1 ->
                Recipe.words(
                        "HSETEX", key(), draw.flags("FNX", "FXX"), time(), "FIELDS", "2", field(), "1", field(), "2");
            case 2 -> Recipe.words("HGETEX", key(), draw.oneIn(4) ? List.of("PERSIST") : time(), fields());
            case 3 -> Recipe.words("HINCRBY", key(), field(), "3");
            case 4 -> Recipe.words("HINCRBYFLOAT", key(), field(), "0.5");
            case 5 -> Recipe.words("HPERSIST", key(), fields());
            case 6 -> Recipe.words(draw.oneOf("COPY", "RENAME"), key(), key());
            case 7 -> Recipe.words("HGETDEL", key(), fields());
            default -> Recipe.words("HPEXPIRE", key(), milliseconds(), draw.flags("NX", "GT"), fields());
        };
    }

    private String key() {
        return "h" + draw.below(4);
    }

    private String field() {
        return "f" + draw.below(FIELDS);
    }

    private List<String> fields() {
        return Recipe.words("FIELDS", "2", field(), field());
    }

    private List<String> time() {
        return draw.oneIn(5) ? List.of("PXAT", "1") : List.of("PX", milliseconds());
    }

    private String milliseconds() {
        return draw.oneOf("0", "100000", "200000", "2000000");
    }

    private static List<Reply> content(RespClient client) {
        var content = new ArrayList<Reply>();
        for (int key = 0; key < 4; key++) {
            for (int field = 0; field < FIELDS; field++) {
                content.add(client.call("HGET", "h" + key, "f" + field));
                content.add(client.call("HPEXPIRETIME", "h" + key, "FIELDS", "1", "f" + field));
            }
        }
        return content;
    }
}
