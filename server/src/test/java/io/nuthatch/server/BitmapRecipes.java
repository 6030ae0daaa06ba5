package io.nuthatch.server;

import static io.nuthatch.server.Recipe.of;
import static io.nuthatch.server.Recipe.words;

import java.util.ArrayList;
import java.util.List;

/// Random commands on bits and on HyperLogLogs, and on their bytes.
///
/// Offsets are small: a server that is asked for a bit far away gives it the memory. Ranges have no mistakes: Redis 7.0
/// looks at the key before it looks at them. Values of bit fields stay away
/// from the ends of 64 bits, where Redis's check for overflow overflows itself.
final class BitmapRecipes {
    private static final int FAR = 60_000;

    private BitmapRecipes() {}

    static final List<Recipe> ALL = List.of(
            of(16, draw -> words("SETBIT", draw.key(), bit(draw), draw.oneIn(20) ? draw.integer() : zeroOrOne(draw)))
                    .unspoiled(),
            of(8, draw -> words("GETBIT", draw.key(), bit(draw))),
            of(8, draw -> words("SET", draw.key(), draw.value())),
            of(
                    3,
                    draw -> words(
                            "SET", draw.key(), draw.oneOf("\u00ff", "\u0000").repeat(draw.below(40)))),
            of(4, draw -> words("GET", draw.key())),
            of(10, draw -> words("BITCOUNT", draw.key(), range(draw))).unspoiled(),
            of(12, draw -> words("BITPOS", draw.key(), zeroOrOne(draw), range(draw)))
                    .unspoiled(),
            of(4, draw -> words("BITPOS", draw.key(), zeroOrOne(draw), place(draw)))
                    .unspoiled(),
            of(10, draw -> words("BITOP", draw.oneOf("AND", "OR", "XOR", "and"), draw.key(), draw.keys())),
            of(3, draw -> words("BITOP", "NOT", draw.key(), draw.key())),
            of(12, draw -> words("BITFIELD", draw.key(), fieldOperations(draw))).unspoiled(),
            of(4, draw -> words("BITFIELD_RO", draw.key(), "GET", kind(draw), fieldOffset(draw)))
                    .unspoiled(),
            of(12, draw -> words("PFADD", logKey(draw), elements(draw))),
            of(4, draw -> words("PFCOUNT", logKeys(draw))),
            of(4, draw -> words("PFMERGE", logKeys(draw))),
            of(3, draw -> words("PFADD", draw.key(), elements(draw))),
            of(2, draw -> words(draw.oneOf("PFCOUNT", "PFMERGE"), draw.keys())),
            of(3, draw -> words("GET", logKey(draw))),
            of(2, draw -> words("PFDEBUG", draw.oneOf("ENCODING", "DECODE", "TODENSE", "NOSUCH"), logKey(draw))),
            of(1, draw -> words("DEL", logKey(draw))));

    private static String bit(Draw draw) {
        return draw.oneIn(12)
                ? draw.oneOf("-1", "x", "", "4294967296", "1.0")
                : number(draw, draw.oneIn(5) ? FAR : 300);
    }

    private static String zeroOrOne(Draw draw) {
        return draw.oneOf("0", "1");
    }

    private static String number(Draw draw, int bound) {
        return String.valueOf(draw.below(bound));
    }

    private static List<String> range(Draw draw) {
        return switch (draw.below(4)) {
            case 0 -> List.of();
            case 1 -> words(place(draw), place(draw));
            default -> words(place(draw), place(draw), draw.oneOf("BYTE", "BIT", "bit"));
        };
    }

    private static String place(Draw draw) {
        return draw.oneIn(10)
                ? draw.oneOf("-9223372036854775808", "9223372036854775807", "-2147483649", "4294967296")
                : String.valueOf(draw.below(400) - 200);
    }

    private static List<String> fieldOperations(Draw draw) {
        var words = new ArrayList<String>();
        do {
            switch (draw.below(4)) {
                case 0 -> words.addAll(List.of("GET", kind(draw), fieldOffset(draw)));
                case 1 -> words.addAll(List.of("SET", kind(draw), fieldOffset(draw), fieldValue(draw)));
                case 2 -> words.addAll(List.of("INCRBY", kind(draw), fieldOffset(draw), fieldValue(draw)));
                default -> words.addAll(List.of("OVERFLOW", draw.oneOf("WRAP", "SAT", "FAIL", "fail", "NONE")));
            }
        } while (!draw.oneIn(2));
        return words;
    }

    private static String kind(Draw draw) {
        return draw.oneIn(20)
                ? draw.oneOf("u64", "i0", "i65", "x8", "u", "8")
                : draw.oneOf("u", "i") + (1 + draw.below(60));
    }

    private static String fieldOffset(Draw draw) {
        return draw.oneIn(20)
                ? draw.oneOf("-1", "#-1", "x", "#x", "4294967296")
                : draw.oneOf("", "#") + number(draw, 40);
    }

    private static String fieldValue(Draw draw) {
        return draw.oneIn(20) ? draw.oneOf("x", "", "1.5") : String.valueOf((long) draw.below(2_000_000) - 1_000_000);
    }

    private static String logKey(Draw draw) {
        return "hll:" + draw.below(3);
    }

    private static List<String> logKeys(Draw draw) {
        var keys = new ArrayList<String>();
        do {
            keys.add(logKey(draw));
        } while (!draw.oneIn(2));
        return keys;
    }

    private static List<String> elements(Draw draw) {
        var elements = new ArrayList<String>();
        int count = draw.below(draw.oneIn(4) ? 100 : 5);
        for (int i = 0; i < count; i++) {
            elements.add(draw.oneIn(3) ? draw.value() : number(draw, 3_000));
        }
        return elements;
    }
}
