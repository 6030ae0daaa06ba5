package io.nuthatch.server;

import static io.nuthatch.server.Recipe.of;
import static io.nuthatch.server.Recipe.words;

import java.util.ArrayList;
import java.util.List;

/// Random commands on sets. A set's members are small numbers, large ones, or text, so that there are sets of integers
/// alone, and others.
///
/// What is popped at random is popped from a set of its own, whose members are never added again: only their number is
/// compared.
final class SetRecipes {
    private static final String POOL = "set:pool";
    private static final int MANY = 200;

    private SetRecipes() {}

    static final List<Recipe> ALL = List.of(
            of(20, draw -> words("SADD", draw.key(), members(draw, 6))),
            of(3, draw -> words("SADD", draw.key(), members(draw, MANY))),
            of(8, draw -> words("SREM", draw.key(), members(draw, 8))),
            of(6, draw -> words("SCARD", draw.key())),
            of(10, draw -> words("SISMEMBER", draw.key(), member(draw, draw.below(4)))),
            of(6, draw -> words("SMISMEMBER", draw.key(), members(draw, 8))),
            of(6, draw -> words("SMEMBERS", draw.key())).comparedBy(Likeness.UNORDERED),
            of(8, draw -> words("SMOVE", draw.key(), draw.key(), member(draw, draw.below(4)))),
            of(12, draw -> words(draw.oneOf("SINTER", "SUNION", "SDIFF"), draw.keys()))
                    .comparedBy(Likeness.UNORDERED),
            of(12, draw -> words(draw.oneOf("SINTERSTORE", "SUNIONSTORE", "SDIFFSTORE"), draw.key(), draw.keys())),
            of(6, draw -> words("SINTERCARD", numbered(draw), draw.oneIn(2) ? List.of() : words("LIMIT", count(draw)))),
            of(4, draw -> words("SSCAN", draw.key(), "0", "MATCH", draw.oneOf("*", "m*", "*1"), "COUNT", "100000"))
                    .comparedBy(Likeness.UNORDERED)
                    .unspoiled(),
            of(3, draw -> words("SRANDMEMBER", draw.key(), draw.oneIn(2) ? List.of() : small(draw)))
                    .comparedBy(Likeness.SAME_SIZE),
            of(3, draw -> words("SRANDMEMBER", draw.key(), "100000"))
                    .comparedBy(Likeness.UNORDERED)
                    .unspoiled(),
            of(1, draw -> words("SPOP", draw.key(), draw.oneOf("100000", "0", "-1", "x")))
                    .comparedBy(Likeness.UNORDERED)
                    .unspoiled(),
            of(3, draw -> words("SADD", POOL, draw.letters(20), draw.letters(20), draw.letters(20)))
                    .unspoiled(),
            of(3, draw -> words("SPOP", POOL, draw.oneIn(2) ? List.of() : String.valueOf(draw.below(4))))
                    .comparedBy(Likeness.SAME_SIZE)
                    .unspoiled(),
            of(2, draw -> words("SCARD", POOL)));

    private static String member(Draw draw, int kind) {
        return switch (kind) {
            case 0 -> String.valueOf(draw.below(draw.oneIn(3) ? 1_000 : 20));
            case 1 -> String.valueOf((long) (draw.below(9) - 4) << 8 * draw.below(8));
            case 2 -> "m" + draw.below(draw.oneIn(3) ? 400 : 15);
            default -> draw.value();
        };
    }

    /// Mostly all of one kind.
    private static List<String> members(Draw draw, int most) {
        int kind = draw.below(draw.oneIn(6) ? 4 : 3);
        int count = 1 + draw.below(most);
        var members = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            members.add(member(draw, kind));
        }
        return members;
    }

    private static List<String> numbered(Draw draw) {
        List<String> keys = draw.keys();
        return words(draw.oneIn(20) ? draw.integer() : String.valueOf(keys.size()), keys);
    }

    private static String small(Draw draw) {
        return String.valueOf(draw.below(30) - 15);
    }

    private static String count(Draw draw) {
        return draw.oneIn(8) ? draw.integer() : String.valueOf(draw.below(12));
    }
}
