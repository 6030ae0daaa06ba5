package io.nuthatch.server;

import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/// Sends the same random commands to two servers, in lock-step, and compares what they reply.
///
/// The commands come in chapters. A chapter starts with empty servers and new connections and depends on nothing
/// but the seed and its own number, so it can be played again by itself. Within a chapter commands go out in
/// batches, which is what makes hundreds of thousands of them affordable.
final class Duel {
    /// Commands in a chapter: enough to build up some state, few enough to search for what mattered.
    static final int CHAPTER_LENGTH = 4_000;

    private static final int BATCH_LENGTH = 200;

    /// One command of so many has a mistake in it.
    private static final int MISTAKES = 25;

    /// A key that has not expired after this long never will.
    private static final long PATIENCE_NS = 5_000_000_000L;

    private static final int HISTORY_SHOWN = 15;

    private final ServerUnderTest reference;
    private final ServerUnderTest candidate;
    private final long seed;

    Duel(ServerUnderTest reference, ServerUnderTest candidate, long seed) {
        this.reference = reference;
        this.candidate = candidate;
        this.seed = seed;
    }

    /// What does not change in a chapter.
    private record Setting(int protocol, Thresholds thresholds) {}

    /// A command as it was drawn.
    private record Drawn(List<String> words, Likeness likeness) {}

    /// Two connections that are at the same point of the same conversation.
    private final class Pair implements AutoCloseable {
        private final RespClient one = RespClient.connect(reference.port());
        private final RespClient other = RespClient.connect(candidate.port());

        private Pair(Setting setting) {
            for (RespClient client : List.of(one, other)) {
                client.call("FLUSHALL");
                client.call("HELLO", String.valueOf(setting.protocol()));
            }
            expectOk(one.call(setting.thresholds().command(ServerKind.REDIS)));
            expectOk(other.call(setting.thresholds().command(ServerKind.NUTHATCH)));
        }

        private static void expectOk(Reply reply) {
            if (!reply.equals(new Reply.Simple("OK"))) {
                throw new IllegalStateException("not set: " + reply);
            }
        }

        /// The number of the first command whose replies differ, and the replies.
        private Optional<Difference> play(List<Drawn> commands) {
            for (Drawn command : commands) {
                one.queue(command.words());
                other.queue(command.words());
            }
            one.flush();
            other.flush();
            Optional<Difference> first = Optional.empty();
            for (int i = 0; i < commands.size(); i++) {
                Reply expected = read(one, reference, commands, i);
                Reply actual = read(other, candidate, commands, i);
                if (first.isEmpty() && !commands.get(i).likeness().test(expected, actual)) {
                    first = Optional.of(new Difference(i, expected, actual));
                }
            }
            return first;
        }

        private Reply read(RespClient client, ServerUnderTest server, List<Drawn> commands, int index) {
            try {
                return client.read();
            } catch (UncheckedIOException silence) {
                throw new IllegalStateException(
                        "seed=%d: %s does not answer: > %s".formatted(seed, server, line(commands.get(index))),
                        silence);
            }
        }

        /// Lets some keys expire on both servers, and waits until both say so.
        private void letExpire(List<String> keys) {
            for (RespClient client : List.of(one, other)) {
                keys.forEach(key -> client.call("PEXPIRE", key, "1"));
            }
            for (RespClient client : List.of(one, other)) {
                long start = System.nanoTime();
                while (!client.call(Recipe.words("EXISTS", keys)).equals(new Reply.Int(0))) {
                    if (System.nanoTime() - start > PATIENCE_NS) {
                        throw new IllegalStateException("keys do not expire: " + keys);
                    }
                }
            }
        }

        @Override
        public void close() {
            one.close();
            other.close();
        }
    }

    private record Difference(int index, Reply expected, Reply actual) {}

    /// Plays a chapter, over RESP2 or RESP3. Empty if all was alike, else a report of the first
    /// difference.
    Optional<String> chapter(int chapter) {
        var draw = new Draw(new Random(seed * 31 + chapter));
        var recipes = Recipes.ofChapter(chapter);
        var setting = new Setting(draw.oneOf(2, 3), Thresholds.draw(draw));
        var played = new ArrayList<Drawn>();
        try (Pair pair = new Pair(setting)) {
            while (played.size() < CHAPTER_LENGTH) {
                if (draw.oneIn(4)) {
                    pair.letExpire(draw.keys());
                }
                List<Drawn> batch = batch(recipes, draw);
                Optional<Difference> difference = pair.play(batch);
                played.addAll(batch);
                if (difference.isPresent()) {
                    int index = played.size() - batch.size() + difference.get().index();
                    return Optional.of(report(chapter, setting, index, played, difference.get()));
                }
            }
        }
        return Optional.empty();
    }

    /// Sends requests that were mutilated on their way, byte by byte the same to both. Empty if all was alike.
    Optional<String> mutilatedRequest(int number) {
        var draw = new Draw(new Random(seed * 37 + number));
        String bytes = Mutilation.requests(draw);
        String expected = allAnswers(reference, bytes);
        String actual = allAnswers(candidate, bytes);
        return expected.equals(actual)
                ? Optional.empty()
                : Optional.of("seed=%d request=%d%n%s%n%s: %s%n%s: %s%n"
                        .formatted(seed, number, quote(bytes), reference, quote(expected), candidate, quote(actual)));
    }

    private static String quote(String bytes) {
        return RedisCliFormat.quote(bytes);
    }

    private static String allAnswers(ServerUnderTest server, String bytes) {
        try (RespClient client = RespClient.connect(server.port())) {
            client.raw(bytes);
            client.finishSending();
            return client.readRaw(Integer.MAX_VALUE, 1).bytes();
        }
    }

    private static List<Drawn> batch(Recipes recipes, Draw draw) {
        var batch = new ArrayList<Drawn>();
        for (int i = 0; i < BATCH_LENGTH; i++) {
            Recipe recipe = recipes.draw(draw);
            List<String> words = recipe.words().apply(draw);
            batch.add(new Drawn(
                    recipe.spoilable() && draw.oneIn(MISTAKES) ? draw.spoil(words) : words, recipe.likeness()));
        }
        return batch;
    }

    private String report(int chapter, Setting setting, int index, List<Drawn> played, Difference difference) {
        List<Drawn> history = played.subList(0, index + 1);
        boolean again = endsInDifference(setting, history);
        var report = new StringBuilder();
        report.append("seed=%d chapter=%d index=%d %s%n".formatted(seed, chapter, index, setting));
        report.append("> ").append(line(played.get(index))).append('\n');
        report.append(reference).append(": ").append(cut(difference.expected().toString()));
        report.append('\n')
                .append(candidate)
                .append(": ")
                .append(cut(difference.actual().toString()));
        report.append(again ? "\nthe shortest history found:\n" : "\nnot alone at fault, but on the same keys:\n");
        for (Drawn command : again ? shorten(setting, history) : onSameKeys(history)) {
            report.append("> ").append(line(command)).append('\n');
        }
        return report.toString();
    }

    /// The last few commands that share a word with the last of all.
    private static List<Drawn> onSameKeys(List<Drawn> history) {
        List<String> words = history.getLast().words();
        List<Drawn> related = history.stream()
                .filter(command -> command.words().stream().skip(1).anyMatch(words::contains))
                .toList();
        return related.subList(Math.max(0, related.size() - HISTORY_SHOWN), related.size());
    }

    /// The fewest commands found that still end in a difference: pieces are left out, ever smaller ones, as long as the
    /// last command is answered differently.
    private List<Drawn> shorten(Setting setting, List<Drawn> history) {
        List<Drawn> shortest = new ArrayList<>(history);
        for (int piece = shortest.size() / 2; piece > 0; piece /= 2) {
            int from = 0;
            while (from + piece < shortest.size()) {
                var without = new ArrayList<>(shortest);
                without.subList(from, from + piece).clear();
                if (endsInDifference(setting, without)) {
                    shortest = without;
                } else {
                    from += piece;
                }
            }
        }
        return shortest;
    }

    private boolean endsInDifference(Setting setting, List<Drawn> commands) {
        try (Pair pair = new Pair(setting)) {
            return pair.play(commands)
                    .map(difference -> difference.index() == commands.size() - 1)
                    .orElse(false);
        }
    }

    private static String line(Drawn command) {
        var line = new StringBuilder();
        command.words()
                .forEach(word -> line.append(cut(RedisCliFormat.quote(word))).append(' '));
        return line.toString();
    }

    private static String cut(String text) {
        return text.length() <= 300 ? text : text.substring(0, 300) + "... (" + text.length() + ")";
    }
}
