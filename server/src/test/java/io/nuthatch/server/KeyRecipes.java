package io.nuthatch.server;

import static io.nuthatch.server.Recipe.of;
import static io.nuthatch.server.Recipe.words;

import java.util.List;

/// Random commands on keys of any type, on their deadlines and on databases.
final class KeyRecipes {
    private KeyRecipes() {}

    static final List<Recipe> ALL = List.of(
            of(6, draw -> words(draw.oneOf("DEL", "UNLINK"), draw.keys())),
            of(5, draw -> words("EXISTS", draw.keys())),
            of(2, draw -> words("TOUCH", draw.keys())),
            of(3, draw -> words("TYPE", draw.key())),
            of(5, draw -> words("RENAME", draw.key(), draw.key())),
            of(4, draw -> words("RENAMENX", draw.key(), draw.key())),
            of(6, draw -> words("COPY", draw.key(), draw.key(), copyOptions(draw))),
            of(4, draw -> words("MOVE", draw.key(), draw.database())),
            of(5, draw -> words("EXPIRE", draw.key(), draw.seconds(), conditions(draw))),
            of(5, draw -> words("PEXPIRE", draw.key(), draw.milliseconds(), conditions(draw))),
            of(5, draw -> words("EXPIREAT", draw.key(), draw.instant(), conditions(draw))),
            of(5, draw -> words("PEXPIREAT", draw.key(), draw.instantMs(), conditions(draw))),
            of(2, draw -> words(draw.oneOf("EXPIREAT", "PEXPIREAT"), draw.key(), draw.pastInstant(), conditions(draw))),
            of(10, draw -> words(draw.oneOf("TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME"), draw.key()))
                    .comparedBy(Likeness.NEAR),
            of(4, draw -> words("PERSIST", draw.key())),
            of(8, draw -> words("OBJECT", "ENCODING", draw.key())).comparedBy(Likeness.ENCODING),
            of(2, draw -> words("OBJECT", draw.oneOf("IDLETIME", "FREQ", "NOSUCH"), draw.key()))
                    .comparedBy(Likeness.NEAR),
            of(4, draw -> words("DBSIZE")),
            of(1, draw -> words("RANDOMKEY")).comparedBy(Likeness.SAME_KIND),
            of(3, draw -> words("KEYS", draw.pattern())).comparedBy(Likeness.UNORDERED),
            of(3, draw -> words("SCAN", "0", "COUNT", "1000", scanOptions(draw)))
                    .comparedBy(Likeness.UNORDERED)
                    .unspoiled(),
            of(5, draw -> words("SELECT", draw.database())),
            of(1, draw -> words("SWAPDB", draw.database(), draw.database())),
            of(1, draw -> words(draw.oneOf("FLUSHDB", "FLUSHALL"), flushOptions(draw))),
            of(1, draw -> words("MEMORY", "USAGE", draw.key())).comparedBy(Likeness.SAME_KIND));

    private static List<String> copyOptions(Draw draw) {
        return switch (draw.below(6)) {
            case 0, 1 -> List.of("REPLACE");
            case 2 -> List.of("DB", draw.database());
            case 3 -> List.of("DB", draw.database(), "REPLACE");
            default -> List.of();
        };
    }

    private static List<String> conditions(Draw draw) {
        return switch (draw.below(12)) {
            case 0 -> List.of("NX");
            case 1 -> List.of("XX");
            case 2 -> List.of("GT");
            case 3 -> List.of("LT");
            case 4 -> List.of("XX", "GT");
            case 5 -> List.of("LT", "XX");
            case 6 -> List.of(draw.oneOf("NX", "GT"), draw.oneOf("LT", "XX"));
            default -> List.of();
        };
    }

    private static List<String> scanOptions(Draw draw) {
        return switch (draw.below(4)) {
            case 0 -> List.of("MATCH", draw.pattern());
            case 1 -> List.of("TYPE", draw.oneOf("string", "STRING", "list", "set", "hash", "zset"));
            default -> List.of();
        };
    }

    private static List<String> flushOptions(Draw draw) {
        return switch (draw.below(4)) {
            case 0 -> List.of("SYNC");
            case 1 -> List.of("ASYNC");
            case 2 -> List.of("FOO");
            default -> List.of();
        };
    }
}
