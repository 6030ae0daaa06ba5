package io.nuthatch.demo;

import java.util.ArrayList;
import java.util.List;

/// What was measured once.
///
/// @param name what was done
/// @param records how many values were read and written
/// @param seconds in how many seconds
/// @param users by how many at once
/// @param hits reads that a tier answered; for a tier, that this one answered
/// @param misses reads that none answered; for a tier, that this one was asked for and did not
/// @param writes values written
/// @param speedup how many times as many records a second as the measurement it is compared with; 1 for that one
/// @param tiers the same for each tier that was asked or written
record Measurement(
        String name,
        long records,
        double seconds,
        int users,
        long hits,
        long misses,
        long writes,
        double speedup,
        List<Measurement> tiers) {

    /// How long a user waited for a record.
    double averageMs() {
        return 1_000 * seconds * users / records;
    }

    double hitRatio() {
        return hits + misses == 0 ? 0 : (double) hits / (hits + misses);
    }

    private double recordsPerSecond() {
        return records / seconds;
    }

    /// The same, compared with another; its tiers with the other's tiers of the same name.
    Measurement comparedWith(Measurement base) {
        List<Measurement> compared = new ArrayList<>();
        for (Measurement tier : tiers) {
            Measurement sameTier = base.tiers.stream()
                    .filter(it -> it.name.equals(tier.name))
                    .findFirst()
                    .orElse(tier);
            compared.add(tier.comparedWith(sameTier));
        }
        double times = recordsPerSecond() / base.recordsPerSecond();
        return new Measurement(name, records, seconds, users, hits, misses, writes, times, compared);
    }
}
