package io.nuthatch.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Measures both servers in turn, round by round: redis, Nuthatch, redis, Nuthatch, ... And the options that
/// say how long.
///
/// Both run all the time; the one that is not measured gets no request.
final class Turns {
    @Mixin
    private final Rounds rounds = new Rounds();

    @Option(names = "--ramp", description = "Seconds before each round. Default: ${DEFAULT-VALUE}")
    private double rampSeconds = 0.3;

    /// One round of one server.
    interface Round<T> {
        /// @param number of the round, the same for both servers; the warm-up is number 0
        /// @param rampMs for which it is to run before it is measured
        /// @param ms for which it is measured then
        T run(ServerProcess server, int number, long rampMs, long ms);
    }

    /// What the rounds of a case showed; those of one number belong together.
    record Sides<T>(List<T> redis, List<T> nuthatch) {
        double ofRedis(ToDoubleFunction<T> figure) {
            return Spread.of(redis, figure).median();
        }

        double ofNuthatch(ToDoubleFunction<T> figure) {
            return Spread.of(nuthatch, figure).median();
        }

        /// Nuthatch's figure by redis's.
        Spread ratio(ToDoubleFunction<T> figure) {
            return Spread.ofRatios(nuthatch, redis, figure);
        }
    }

    /// Measures one case.
    ///
    /// @param name of the case, for those who watch
    /// @param perSecond what of a round they are told
    <T> Sides<T> measure(
            String name,
            ServerProcess redis,
            ServerProcess nuthatch,
            Round<T> round,
            ToDoubleFunction<T> perSecond,
            Output output) {
        round.run(redis, 0, 0, ms(rounds.warmupSeconds()));
        round.run(nuthatch, 0, 0, ms(rounds.warmupSeconds()));
        Sides<T> sides = new Sides<>(new ArrayList<>(), new ArrayList<>());
        for (int i = 1; i <= rounds.count(); i++) {
            sides.redis.add(round.run(redis, i, ms(rampSeconds), ms(rounds.seconds())));
            sides.nuthatch.add(round.run(nuthatch, i, ms(rampSeconds), ms(rounds.seconds())));
            output.progress(
                    "%s, round %d of %d: redis %,.0f/s, nuthatch %,.0f/s",
                    name,
                    i,
                    rounds.count(),
                    perSecond.applyAsDouble(sides.redis.getLast()),
                    perSecond.applyAsDouble(sides.nuthatch.getLast()));
        }
        return sides;
    }

    int rounds() {
        return rounds.count();
    }

    /// Of each round.
    double seconds() {
        return rounds.seconds();
    }

    private static long ms(double seconds) {
        return Math.round(seconds * 1000);
    }
}
