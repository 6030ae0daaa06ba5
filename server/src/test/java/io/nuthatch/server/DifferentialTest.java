package io.nuthatch.server;

import static org.assertj.core.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/// Nuthatch answers random commands as Redis does: right ones and wrong ones, over RESP2 and RESP3.
///
/// Each family has a file of recipes for its commands ([Recipes] lists them). What Nuthatch does as Redis 8 or Valkey 9
/// do, other than Redis 7.0, is left out there; the stories tell of it.
///
/// A difference is printed with its seed; `-Dnuthatch.seed=<seed>` plays the same commands again. With
/// `-Dnuthatch.long=true` it goes on for ten times as long.
class DifferentialTest {
    /// Of 4,000 commands each: more than a million in all.
    private static final int CHAPTERS = 300;

    private static final int MUTILATED_REQUESTS = 3_000;
    private static final int LONG_FACTOR = 10;

    /// After so many differences the rest would hardly be news.
    private static final int DIFFERENCES_SHOWN = 10;

    @Test
    void randomCommandsAreAnsweredAlike() {
        compare(CHAPTERS, Duel::chapter);
    }

    @Test
    void mutilatedRequestsAreAnsweredAlike() {
        compare(MUTILATED_REQUESTS, Duel::mutilatedRequest);
    }

    private static void compare(int rounds, BiFunction<Duel, Integer, Optional<String>> round) {
        long seed = Long.getLong("nuthatch.seed", System.nanoTime());
        int all = Boolean.getBoolean("nuthatch.long") ? rounds * LONG_FACTOR : rounds;
        List<String> differences = new ArrayList<>();
        try (ServerUnderTest redis = ServerKind.REDIS.start();
                ServerUnderTest nuthatch = ServerKind.NUTHATCH.start()) {
            var duel = new Duel(redis, nuthatch, seed);
            for (int i = 0; i < all && differences.size() < DIFFERENCES_SHOWN; i++) {
                round.apply(duel, i).ifPresent(differences::add);
            }
        }
        if (!differences.isEmpty()) {
            fail(String.join("\n", differences));
        }
    }
}
