package io.nuthatch.server;

import static io.nuthatch.server.Recipe.of;
import static io.nuthatch.server.Recipe.words;

import java.util.ArrayList;
import java.util.List;

/// Random commands on sorted sets, as far as Redis 7.0 knows them.
///
/// Scores are whole numbers and parts of powers of two: Redis 7.0 writes others in seventeen digits. Ranges of members
/// are asked of sorted sets whose scores are all equal: Redis does not say what else they find. There is no -0: Redis
/// forgets its sign wherever a value happens to pass through a listpack.
final class SortedSetRecipes {
    private static final List<String> SCORES =
            List.of("0", "1", "-1", "2", "3", "0.5", "-2.25", "100", "1e3", "inf", "-inf", "+7", "0x10");
    private static final List<String> WEIGHTS = List.of("1", "2", "0.5", "3", "inf", "x");
    private static final List<String> BOUNDS = List.of("-inf", "+inf", "(inf", "(-inf", "", "(", "x", "(nan", " 1");
    private static final List<String> LEX_BOUNDS = List.of("-", "+", "[", "(", "[m", "(m1", "x", "", "[\u00ff", "(5");
    /// Of plain members, which count as a score of 1.
    private static final String SET = "zset:set";

    private static final int MANY = 150;

    private SortedSetRecipes() {}

    static final List<Recipe> ALL = List.of(
            of(20, draw -> words("ZADD", draw.key(), addOptions(draw), pairs(draw, 1 + draw.below(4)))),
            of(3, draw -> words("ZADD", draw.key(), pairs(draw, draw.below(MANY)))),
            of(10, draw -> words("ZADD", lexKey(draw), equalPairs(draw, draw.below(draw.oneIn(5) ? MANY : 6))))
                    .unspoiled(),
            of(6, draw -> words("ZINCRBY", draw.key(), score(draw), member(draw))),
            of(8, draw -> words("ZREM", draw.key(), members(draw))),
            of(4, draw -> words(draw.oneOf("ZCARD", "TYPE"), draw.oneOf(draw.key(), lexKey(draw)))),
            of(3, draw -> words("OBJECT", "ENCODING", lexKey(draw))).unspoiled(),
            of(4, draw -> words("ZSCORE", draw.key(), member(draw))),
            of(4, draw -> words("ZMSCORE", draw.key(), members(draw))),
            of(6, draw -> words(draw.oneOf("ZRANK", "ZREVRANK"), draw.key(), member(draw)))
                    .unspoiled(),
            of(6, draw -> words("ZCOUNT", draw.key(), bound(draw), bound(draw))),
            of(6, draw -> words("ZLEXCOUNT", lexKey(draw), lexBound(draw), lexBound(draw)))
                    .unspoiled(),
            of(8, draw -> words("ZRANGE", draw.key(), rank(draw), rank(draw), draw.flags("REV", "WITHSCORES"))),
            of(
                    8,
                    draw -> words(
                            "ZRANGE",
                            draw.key(),
                            bound(draw),
                            bound(draw),
                            "BYSCORE",
                            draw.flags("REV", "WITHSCORES"),
                            limit(draw))),
            of(
                            8,
                            draw -> words(
                                    "ZRANGE",
                                    lexKey(draw),
                                    lexBound(draw),
                                    lexBound(draw),
                                    "BYLEX",
                                    draw.flags("REV"),
                                    limit(draw)))
                    .unspoiled(),
            of(3, draw -> words("ZREVRANGE", draw.key(), rank(draw), rank(draw), draw.flags("WITHSCORES"))),
            of(
                    4,
                    draw -> words(
                            draw.oneOf("ZRANGEBYSCORE", "ZREVRANGEBYSCORE"),
                            draw.key(),
                            bound(draw),
                            bound(draw),
                            draw.flags("WITHSCORES"),
                            limit(draw))),
            of(
                            4,
                            draw -> words(
                                    draw.oneOf("ZRANGEBYLEX", "ZREVRANGEBYLEX"),
                                    lexKey(draw),
                                    lexBound(draw),
                                    lexBound(draw),
                                    limit(draw)))
                    .unspoiled(),
            of(
                    4,
                    draw -> words(
                            "ZRANGESTORE",
                            draw.key(),
                            draw.key(),
                            bound(draw),
                            bound(draw),
                            "BYSCORE",
                            draw.flags("REV"),
                            limit(draw))),
            of(3, draw -> words("ZRANGESTORE", draw.key(), draw.key(), rank(draw), rank(draw), draw.flags("REV"))),
            of(2, draw -> words("ZREMRANGEBYRANK", draw.key(), rank(draw), rank(draw))),
            of(2, draw -> words("ZREMRANGEBYSCORE", draw.key(), bound(draw), bound(draw))),
            of(2, draw -> words("ZREMRANGEBYLEX", lexKey(draw), lexBound(draw), lexBound(draw)))
                    .unspoiled(),
            of(6, draw -> words(draw.oneOf("ZPOPMIN", "ZPOPMAX"), draw.key(), draw.oneIn(2) ? List.of() : count(draw))),
            of(
                    4,
                    draw -> words(
                            "ZMPOP",
                            keys(draw),
                            draw.oneOf("MIN", "MAX"),
                            draw.oneIn(2) ? List.of() : words("COUNT", count(draw)))),
            of(3, draw -> words("ZRANDMEMBER", draw.key(), draw.oneOf("3", "-3", "0", "100")))
                    .comparedBy(Likeness.SAME_KIND),
            of(
                    10,
                    draw -> words(
                            draw.oneOf("ZUNION", "ZINTER"), keys(draw), aggregate(draw), draw.flags("WITHSCORES"))),
            of(4, draw -> words("ZDIFF", keys(draw), draw.flags("WITHSCORES"))),
            of(5, draw -> words(draw.oneOf("ZUNIONSTORE", "ZINTERSTORE"), draw.key(), keys(draw), aggregate(draw))),
            of(3, draw -> words("ZDIFFSTORE", draw.key(), keys(draw))),
            of(4, draw -> words("ZINTERCARD", keys(draw), draw.oneIn(2) ? List.of() : words("LIMIT", count(draw)))),
            of(3, draw -> words("ZSCAN", draw.key(), "0", "MATCH", draw.oneOf("*", "m*", "*1"), "COUNT", "100000"))
                    .comparedBy(Likeness.UNORDERED)
                    .unspoiled(),
            of(5, draw -> words("SADD", SET, members(draw))));

    /// Of a sorted set whose scores are all equal. A range by members of another is not defined: what Redis finds there
    /// hangs on the heights it drew for its skip list. So a range by members never has a mistake, which could lead it
    /// to another key.
    private static String lexKey(Draw draw) {
        return "zset:lex" + draw.below(2);
    }

    /// A number of keys, and the keys.
    private static List<String> keys(Draw draw) {
        var keys = new ArrayList<String>();
        do {
            keys.add(draw.oneIn(6) ? SET : draw.key());
        } while (keys.size() < 4 && !draw.oneIn(3));
        return words(draw.oneIn(30) ? draw.integer() : String.valueOf(keys.size()), keys);
    }

    private static String member(Draw draw) {
        return switch (draw.below(10)) {
            case 0 -> String.valueOf(draw.below(30));
            case 1 -> draw.oneIn(20) ? draw.letters(64 + draw.below(3)) : "";
            default -> "m" + draw.below(draw.oneIn(3) ? 400 : 15);
        };
    }

    private static List<String> members(Draw draw) {
        var members = new ArrayList<String>();
        do {
            members.add(member(draw));
        } while (members.size() < 6 && !draw.oneIn(3));
        return members;
    }

    private static String score(Draw draw) {
        return draw.oneIn(3) ? draw.oneOf(SCORES) : String.valueOf(draw.below(20));
    }

    private static List<String> pairs(Draw draw, int count) {
        var pairs = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            pairs.add(score(draw));
            pairs.add(member(draw));
        }
        return pairs;
    }

    private static List<String> equalPairs(Draw draw, int count) {
        var pairs = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            pairs.add("0");
            pairs.add(member(draw));
        }
        return pairs;
    }

    private static List<String> addOptions(Draw draw) {
        return draw.oneIn(2) ? List.of() : draw.flags("NX", "XX", "GT", "LT", "CH", "INCR");
    }

    private static String rank(Draw draw) {
        return draw.oneIn(15) ? draw.integer() : String.valueOf(draw.below(60) - 30);
    }

    private static String bound(Draw draw) {
        return draw.oneIn(6) ? draw.oneOf(BOUNDS) : (draw.oneIn(3) ? "(" : "") + (draw.below(24) - 3);
    }

    private static String lexBound(Draw draw) {
        return draw.oneIn(3) ? draw.oneOf(LEX_BOUNDS) : draw.oneOf("[", "(") + member(draw);
    }

    private static List<String> limit(Draw draw) {
        return draw.oneIn(2) ? List.of() : words("LIMIT", rankLike(draw), rankLike(draw));
    }

    private static String rankLike(Draw draw) {
        return draw.oneIn(12) ? draw.integer() : String.valueOf(draw.below(12) - 2);
    }

    private static String count(Draw draw) {
        return draw.oneIn(8) ? draw.integer() : String.valueOf(draw.below(8));
    }

    private static List<String> aggregate(Draw draw) {
        return switch (draw.below(5)) {
            case 0 -> List.of("AGGREGATE", draw.oneOf("SUM", "MIN", "MAX", "min", "AVG"));
            case 1 -> words("WEIGHTS", draw.oneOf(WEIGHTS), draw.oneOf(WEIGHTS));
            case 2 -> words("WEIGHTS", draw.oneOf(WEIGHTS), "AGGREGATE", draw.oneOf("MIN", "MAX"));
            default -> List.of();
        };
    }
}
