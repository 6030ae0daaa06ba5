package io.nuthatch.server;

import static io.nuthatch.server.Recipe.of;
import static io.nuthatch.server.Recipe.words;

import java.util.ArrayList;
import java.util.List;

/// Random commands on hashes. A few fields come again and again; now and then one is longer than a listpack takes.
final class HashRecipes {
    private static final List<String> FIELDS =
            List.of("a", "b", "c", "1", "2", "-7", "01", "9223372036854775807", "", "\u0000\r\n\u00ff", "f".repeat(64));

    /// Nothing else is ever at this key, so its encoding can be asked for.
    private static final String HASH = "hash:hash";

    private static final int MANY = 200;

    private HashRecipes() {}

    static final List<Recipe> ALL = List.of(
            of(20, draw -> words(draw.oneOf("HSET", "HMSET"), draw.key(), pairs(draw))),
            of(5, draw -> words("HSETNX", draw.key(), field(draw), draw.value())),
            of(10, draw -> words(draw.oneOf("HGET", "HEXISTS", "HSTRLEN"), draw.key(), field(draw))),
            of(5, draw -> words("HMGET", draw.key(), fields(draw))),
            of(6, draw -> words("HDEL", draw.key(), fields(draw))),
            of(4, draw -> words("HLEN", draw.key())),
            of(8, draw -> words("HINCRBY", draw.key(), field(draw), draw.integer())),
            of(4, draw -> words("HINCRBYFLOAT", draw.key(), field(draw), draw.decimal())),
            of(4, draw -> words(draw.oneOf("HGETALL", "HKEYS", "HVALS"), draw.key()))
                    .comparedBy(Likeness.UNORDERED),
            of(2, draw -> words("HSCAN", draw.key(), "0", "COUNT", "100000"))
                    .comparedBy(Likeness.UNORDERED)
                    .unspoiled(),
            of(3, draw -> words("HSET", draw.key(), manyPairs(draw))),
            of(
                            3,
                            draw -> words(
                                    "HRANDFIELD",
                                    draw.key(),
                                    String.valueOf(draw.below(30) - 15),
                                    draw.flags("WITHVALUES")))
                    .comparedBy(Likeness.SAME_SIZE),
            of(4, draw -> words("HSET", HASH, pairs(draw))),
            of(2, draw -> words("HSET", HASH, manyPairs(draw))),
            of(1, draw -> words("DEL", HASH)),
            of(4, draw -> words("OBJECT", "ENCODING", HASH)).unspoiled());

    private static String field(Draw draw) {
        return draw.oneIn(20) ? draw.letters(65) : draw.oneIn(3) ? "f" + draw.below(MANY) : draw.oneOf(FIELDS);
    }

    private static List<String> fields(Draw draw) {
        var fields = new ArrayList<String>();
        do {
            fields.add(field(draw));
        } while (fields.size() < 5 && !draw.oneIn(3));
        return fields;
    }

    private static List<String> manyPairs(Draw draw) {
        var pairs = new ArrayList<String>();
        for (int i = draw.below(MANY); i >= 0; i--) {
            pairs.add("f" + draw.below(MANY));
            pairs.add(String.valueOf(i));
        }
        return pairs;
    }

    private static List<String> pairs(Draw draw) {
        var pairs = new ArrayList<String>();
        for (String field : fields(draw)) {
            pairs.add(field);
            pairs.add(draw.value());
        }
        return pairs;
    }
}
