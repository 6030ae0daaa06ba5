package io.nuthatch.server;

import static io.nuthatch.server.Recipe.of;
import static io.nuthatch.server.Recipe.words;

import java.util.ArrayList;
import java.util.List;

/// Random commands on strings, as far as Redis 7.0 knows them.
final class StringRecipes {
    private StringRecipes() {}

    static final List<Recipe> ALL = List.of(
            of(20, draw -> words("SET", draw.key(), draw.value(), conditions(draw), draw.expiry("KEEPTTL"))),
            of(20, draw -> words("SET", draw.key(), draw.value())),
            of(20, draw -> words("GET", draw.key())),
            of(3, draw -> words("GETSET", draw.key(), draw.value())),
            of(3, draw -> words("GETDEL", draw.key())),
            of(6, draw -> words("GETEX", draw.key(), draw.expiry("PERSIST"))),
            of(1, draw -> words("GETEX", draw.key(), draw.oneOf("EXAT", "PXAT"), draw.pastInstant())),
            of(3, draw -> words("SETNX", draw.key(), draw.value())),
            of(3, draw -> words("SETEX", draw.key(), draw.seconds(), draw.value())),
            of(3, draw -> words("PSETEX", draw.key(), draw.milliseconds(), draw.value())),
            of(5, draw -> words("MGET", draw.keys())),
            of(5, draw -> words("MSET", pairs(draw))),
            of(3, draw -> words("MSETNX", pairs(draw))),
            of(8, draw -> words("APPEND", draw.key(), draw.value())),
            of(5, draw -> words("STRLEN", draw.key())),
            of(8, draw -> words(draw.oneIn(4) ? "SUBSTR" : "GETRANGE", draw.key(), draw.offset(), draw.offset())),
            of(8, draw -> words("SETRANGE", draw.key(), draw.offset(), draw.value())),
            of(8, draw -> words(draw.oneOf("INCR", "DECR"), draw.key())),
            of(8, draw -> words(draw.oneOf("INCRBY", "DECRBY"), draw.key(), draw.integer())),
            of(8, draw -> words("INCRBYFLOAT", draw.key(), draw.decimal())),
            of(2, draw -> words("LCS", draw.key(), draw.key(), lcsOptions(draw))));

    private static List<String> conditions(Draw draw) {
        return switch (draw.below(8)) {
            case 0 -> List.of("NX");
            case 1 -> List.of("XX");
            case 2 -> List.of("GET");
            case 3 -> List.of("XX", "GET");
            case 4 -> List.of("NX", "GET");
            default -> List.of();
        };
    }

    private static List<String> pairs(Draw draw) {
        var words = new ArrayList<String>();
        for (String key : draw.keys()) {
            words.add(key);
            words.add(draw.value());
        }
        return words;
    }

    private static List<String> lcsOptions(Draw draw) {
        return switch (draw.below(6)) {
            case 0 -> List.of("LEN");
            case 1 -> List.of("IDX");
            case 2 -> List.of("IDX", "WITHMATCHLEN");
            case 3 -> List.of("IDX", "MINMATCHLEN", draw.integer());
            case 4 -> List.of("IDX", "LEN");
            default -> List.of();
        };
    }
}
