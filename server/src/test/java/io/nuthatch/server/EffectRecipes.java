package io.nuthatch.server;

import static io.nuthatch.server.Recipe.of;
import static io.nuthatch.server.Recipe.words;

import java.util.ArrayList;
import java.util.List;

/// Random commands that change something, of all types: those of the other recipes, and those that are journaled in
/// other words than their own.
final class EffectRecipes {
    private static final List<Recipe> OWN = List.of(
            of(6, draw -> words("SADD", draw.key(), values(draw))),
            of(6, draw -> words("SREM", draw.key(), values(draw))),
            of(6, draw -> words("SPOP", draw.key())),
            of(6, draw -> words("SPOP", draw.key(), String.valueOf(draw.below(4)))),
            of(3, draw -> words("SMOVE", draw.key(), draw.key(), small(draw))),
            of(3, draw -> words(draw.oneOf("SUNIONSTORE", "SINTERSTORE", "SDIFFSTORE"), draw.key(), draw.keys())),
            of(9, draw -> words(draw.oneOf("LPUSH", "RPUSH"), draw.key(), values(draw))),
            of(6, draw -> words(draw.oneOf("LPOP", "RPOP"), draw.key(), String.valueOf(draw.below(4)))),
            of(3, draw -> words("LMPOP", "2", draw.key(), draw.key(), draw.oneOf("LEFT", "RIGHT"), "COUNT", "2")),
            of(3, draw -> words("LMOVE", draw.key(), draw.key(), draw.oneOf("LEFT", "RIGHT"), "LEFT")),
            of(2, draw -> words("LINSERT", draw.key(), draw.oneOf("BEFORE", "AFTER"), small(draw), draw.value())),
            of(2, draw -> words("LSET", draw.key(), draw.offset(), draw.value())),
            of(2, draw -> words("LTRIM", draw.key(), draw.offset(), draw.offset())),
            of(2, draw -> words("LREM", draw.key(), draw.offset(), small(draw))),
            of(8, draw -> words("ZADD", draw.key(), scored(draw))),
            of(5, draw -> words("ZINCRBY", draw.key(), draw.decimal(), small(draw))),
            of(3, draw -> words("ZREM", draw.key(), values(draw))),
            of(3, draw -> words(draw.oneOf("ZPOPMIN", "ZPOPMAX"), draw.key())),
            of(2, draw -> words("ZMPOP", "2", draw.key(), draw.key(), draw.oneOf("MIN", "MAX"), "COUNT", "2")),
            of(2, draw -> words("ZUNIONSTORE", draw.key(), "2", draw.key(), draw.key(), "WEIGHTS", "1", "2.5")),
            of(2, draw -> words("ZRANGESTORE", draw.key(), draw.key(), "0", "3")),
            of(2, draw -> words("ZREMRANGEBYRANK", draw.key(), draw.offset(), draw.offset())),
            of(2, draw -> words("GEOADD", draw.key(), "13.361389", "38.115556", small(draw))),
            of(2, draw -> words("SORT", draw.key(), "ALPHA", "STORE", draw.key())),
            of(3, draw -> words("PFADD", draw.key(), values(draw))),
            of(2, draw -> words("PFMERGE", draw.key(), draw.keys())),
            of(2, draw -> words("PFCOUNT", draw.key())),
            of(3, draw -> words("SETBIT", draw.key(), String.valueOf(draw.below(500)), "1")),
            of(3, draw -> words("BITFIELD", draw.key(), "INCRBY", "u5", "100", "7", "SET", "i8", "#2", "-3")),
            of(3, draw -> words("BITOP", draw.oneOf("OR", "DIFF", "ANDOR", "ONE"), draw.key(), draw.keys())),
            of(2, draw -> words("DELEX", draw.key(), "IFEQ", small(draw))),
            of(3, draw -> words("SET", draw.key(), draw.value(), draw.oneOf("IFEQ", "IFNE"), small(draw))),
            of(3, draw -> words("MSETEX", "2", draw.key(), draw.value(), draw.key(), "x", draw.expiry("KEEPTTL"))),
            of(3, draw -> words("INCREX", draw.key(), "BYINT", draw.integer(), draw.expiry("PERSIST"))),
            of(3, draw -> words("INCREX", draw.key(), "BYFLOAT", draw.decimal())),
            of(3, draw -> words("HGETDEL", draw.key(), "FIELDS", "2", small(draw), small(draw))),
            of(6, draw -> words("PEXPIRE", draw.key(), String.valueOf(draw.below(3)))));

    private static final int OWN_WEIGHT = OWN.stream().mapToInt(Recipe::weight).sum();

    private EffectRecipes() {}

    /// The words of a command: one of a chapter's of the other recipes, or of these, by weight.
    static List<String> draw(Draw draw, Recipes others) {
        if (draw.oneIn(2)) {
            return others.draw(draw).words().apply(draw);
        }
        return new Recipes(OWN, OWN_WEIGHT).draw(draw).words().apply(draw);
    }

    /// One that is likely to come again.
    private static String small(Draw draw) {
        return String.valueOf(draw.below(8));
    }

    private static List<String> values(Draw draw) {
        var values = new ArrayList<String>();
        do {
            values.add(draw.oneIn(3) ? draw.value() : small(draw));
        } while (values.size() < 12 && !draw.oneIn(4));
        return values;
    }

    private static List<String> scored(Draw draw) {
        var words = new ArrayList<String>();
        for (String member : values(draw)) {
            words.add(draw.decimal());
            words.add(member);
        }
        return words;
    }
}
