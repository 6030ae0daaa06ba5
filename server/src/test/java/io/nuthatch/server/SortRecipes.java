package io.nuthatch.server;

import static io.nuthatch.server.Recipe.of;
import static io.nuthatch.server.Recipe.words;

import java.util.ArrayList;
import java.util.List;

/// Random commands that sort lists, sets and sorted sets, by themselves or by other keys.
///
/// The sorted sets have keys that nobody else asks for: Redis makes a small one large when it sorts it. So has text:
/// for ALPHA, Redis takes a zero byte for the end.
final class SortRecipes {
    private static final String SORTED_SET = "sort:zset";
    private static final String TEXT = "sort:text";
    private static final List<String> NUMBERS = List.of("1", "2", "10", "-3", "2.5", "07", "1e2");

    private SortRecipes() {}

    static final List<Recipe> ALL = List.of(
            of(12, draw -> words(draw.oneOf("RPUSH", "SADD"), draw.key(), numbers(draw))),
            of(2, draw -> words("RPUSH", draw.key(), draw.value())),
            of(2, draw -> words("LTRIM", draw.key(), "0", "20")),
            of(3, draw -> words("ZADD", SORTED_SET, String.valueOf(draw.below(9)), number(draw))),
            of(1, draw -> words("ZREM", SORTED_SET, number(draw))),
            of(8, draw -> words("SET", "weight:" + draw.below(20), draw.oneIn(30) ? draw.value() : number(draw))),
            of(6, draw -> words("HSET", "hash:" + draw.below(20), draw.oneOf("w", "v"), number(draw))),
            of(
                            20,
                            draw -> words(
                                    draw.oneOf("SORT", "SORT_RO"),
                                    draw.oneIn(8) ? SORTED_SET : draw.key(),
                                    by(draw),
                                    draw.flags("ASC", "DESC"),
                                    limit(draw),
                                    gets(draw)))
                    .unspoiled(),
            // Of another key, a set, the order would be undefined.
            of(6, draw -> words("SORT", SORTED_SET, "BY", "nosort", draw.flags("DESC"), limit(draw), gets(draw)))
                    .unspoiled(),
            of(3, draw -> words("RPUSH", TEXT, draw.letters(draw.below(5)), number(draw))),
            of(1, draw -> words("LTRIM", TEXT, "1", "30")).unspoiled(),
            of(8, draw -> words("SORT", TEXT, "ALPHA", draw.flags("DESC"), limit(draw)))
                    .unspoiled(),
            of(3, draw -> words("SORT", TEXT, "ALPHA", by(draw), "STORE", draw.key()))
                    .unspoiled(),
            of(8, draw -> words("SORT", draw.key(), by(draw), limit(draw), gets(draw), "STORE", draw.key()))
                    .unspoiled(),
            of(4, draw -> words("LRANGE", draw.key(), "0", "-1")));

    private static String number(Draw draw) {
        return draw.oneIn(3) ? draw.oneOf(NUMBERS) : String.valueOf(draw.below(20));
    }

    private static List<String> numbers(Draw draw) {
        var numbers = new ArrayList<String>();
        do {
            numbers.add(number(draw));
        } while (numbers.size() < 30 && !draw.oneIn(8));
        return numbers;
    }

    private static List<String> by(Draw draw) {
        return switch (draw.below(5)) {
            case 0 -> List.of("BY", "weight:*");
            case 1 -> List.of("BY", "hash:*->w");
            default -> List.of();
        };
    }

    private static List<String> gets(Draw draw) {
        var gets = new ArrayList<String>();
        while (draw.oneIn(3) && gets.size() < 6) {
            gets.add("GET");
            gets.add(draw.oneOf("#", "weight:*", "hash:*->v", "hash:*->w", "*", "none"));
        }
        return gets;
    }

    private static List<String> limit(Draw draw) {
        return draw.oneIn(2) ? List.of() : words("LIMIT", bound(draw), bound(draw));
    }

    private static String bound(Draw draw) {
        return draw.oneIn(12) ? draw.integer() : String.valueOf(draw.below(12) - 2);
    }
}
