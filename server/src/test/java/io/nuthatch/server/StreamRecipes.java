package io.nuthatch.server;

import static io.nuthatch.server.Recipe.of;
import static io.nuthatch.server.Recipe.words;

import java.util.ArrayList;
import java.util.List;

/// Random commands on streams and their groups. IDs come from a small range, and many entries get the next one
/// of the highest millisecond, so that streams grow to many nodes. IDs that are times are left out, for no two
/// servers make the same; and numbers beyond 2^64, after which Redis 7.0 mistakes the next number that SORT
/// reads for one, too.
final class StreamRecipes {
    private static final String LAST_MS = "60";
    private static final List<String> FIELDS = List.of("a", "b", "field", "1", "-70000", "", "\u0000\r\n\u00ff");
    private static final List<String> ODD_IDS = List.of(
            "0-0",
            "0",
            "-",
            "+",
            "$",
            "x",
            "",
            "5-",
            "-5",
            "1-2-3",
            "007-01",
            " 3-+4",
            "18446744073709551615-18446744073709551615",
            "1-18446744073709551615");

    private StreamRecipes() {}

    static final List<Recipe> ALL = List.of(
            of(30, draw -> words("XADD", draw.key(), LAST_MS + "-*", pairs(draw))),
            of(12, draw -> words("XADD", draw.key(), LAST_MS + "-*", "name", draw.value(), "age", draw.integer())),
            of(8, draw -> words("XADD", draw.key(), newId(draw), pairs(draw))),
            of(
                    8,
                    draw -> words(
                            "XADD",
                            draw.key(),
                            draw.oneIn(3) ? List.of("NOMKSTREAM") : List.of(),
                            trim(draw),
                            newId(draw),
                            pairs(draw))),
            of(3, draw -> words("XTRIM", draw.key(), trim(draw))),
            of(10, draw -> words("XDEL", draw.key(), ids(draw))),
            of(6, draw -> words("XLEN", draw.key())),
            of(20, draw -> words(draw.oneOf("XRANGE", "XREVRANGE"), draw.key(), bound(draw), bound(draw), count(draw))),
            of(3, draw -> words("XRANGE", draw.key(), "-", "+")),
            of(3, draw -> words("XREVRANGE", draw.key(), "+", "-")),
            of(1, draw -> words("XSETID", draw.key(), draw.oneOf("x", "+", "1-x"))),
            of(6, draw -> words("XINFO", "STREAM", draw.key())).comparedBy(Likeness.STREAMS),
            of(6, draw -> words("XINFO", "GROUPS", draw.key())).comparedBy(Likeness.STREAMS),
            of(14, draw -> words("XREAD", count(draw), "STREAMS", draw.key(), readId(draw)))
                    .unspoiled(),
            of(4, draw -> words("XREAD", "STREAMS", draw.key(), draw.key(), readId(draw), readId(draw)))
                    .unspoiled(),
            of(
                    10,
                    draw -> words(
                            "XGROUP",
                            "CREATE",
                            draw.key(),
                            group(draw),
                            draw.oneOf("0", "$", id(draw)),
                            draw.oneIn(3) ? "MKSTREAM" : List.of())),
            of(2, draw -> words("XGROUP", "SETID", draw.key(), group(draw), draw.oneOf("0", "$", id(draw)))),
            of(1, draw -> words("XGROUP", "DESTROY", draw.key(), group(draw))),
            of(2, draw -> words("XGROUP", "DELCONSUMER", draw.key(), group(draw), consumer(draw))),
            of(
                            24,
                            draw -> words(
                                    "XREADGROUP",
                                    "GROUP",
                                    group(draw),
                                    consumer(draw),
                                    count(draw),
                                    draw.oneIn(8) ? "NOACK" : List.of(),
                                    "STREAMS",
                                    draw.key(),
                                    ">"))
                    .unspoiled(),
            of(
                            8,
                            draw -> words(
                                    "XREADGROUP",
                                    "GROUP",
                                    group(draw),
                                    consumer(draw),
                                    count(draw),
                                    "STREAMS",
                                    draw.key(),
                                    readId(draw)))
                    .unspoiled(),
            of(
                            3,
                            draw -> words(
                                    "XREADGROUP",
                                    "GROUP",
                                    group(draw),
                                    consumer(draw),
                                    "STREAMS",
                                    draw.key(),
                                    draw.key(),
                                    ">",
                                    "0"))
                    .unspoiled(),
            of(14, draw -> words("XACK", draw.key(), group(draw), ids(draw))),
            of(8, draw -> words("XPENDING", draw.key(), group(draw))),
            of(
                            8,
                            draw -> words(
                                    "XPENDING",
                                    draw.key(),
                                    group(draw),
                                    bound(draw),
                                    bound(draw),
                                    number(draw),
                                    draw.oneIn(2) ? List.of() : consumer(draw)))
                    .comparedBy(Likeness.STREAMS),
            of(8, draw -> words("XCLAIM", draw.key(), group(draw), consumer(draw), "0", ids(draw), claimOptions(draw))),
            of(
                    5,
                    draw -> words(
                            "XAUTOCLAIM",
                            draw.key(),
                            group(draw),
                            consumer(draw),
                            "0",
                            bound(draw),
                            count(draw),
                            draw.oneIn(3) ? "JUSTID" : List.of())));

    private static String id(Draw draw) {
        return switch (draw.below(12)) {
            case 0 -> draw.oneOf(ODD_IDS);
            case 1 -> String.valueOf(draw.below(70));
            case 2, 3, 4 -> draw.below(60) + "-" + draw.below(4);
            default -> LAST_MS + "-" + draw.below(120);
        };
    }

    /// Redis 7.0 does not know of `+`.
    private static String readId(Draw draw) {
        String id = id(draw);
        return id.equals("+") ? "$" : id;
    }

    private static String newId(Draw draw) {
        return switch (draw.below(6)) {
            case 0 -> id(draw).replace("18446744073709551615", "1");
            case 1 -> draw.below(60) + "-*";
            default -> LAST_MS + "-*";
        };
    }

    private static List<String> ids(Draw draw) {
        var ids = new ArrayList<String>();
        do {
            ids.add(id(draw));
        } while (ids.size() < 6 && !draw.oneIn(3));
        return ids;
    }

    private static String bound(Draw draw) {
        return draw.oneIn(3) ? draw.oneOf("-", "+") : (draw.oneIn(4) ? "(" : "") + id(draw);
    }

    private static List<String> pairs(Draw draw) {
        var pairs = new ArrayList<String>();
        do {
            pairs.add(draw.oneOf(FIELDS));
            pairs.add(draw.value());
        } while (pairs.size() < 8 && !draw.oneIn(3));
        return pairs;
    }

    private static String number(Draw draw) {
        return draw.oneIn(15) ? draw.integer() : String.valueOf(draw.below(20));
    }

    private static List<String> count(Draw draw) {
        return draw.oneIn(2) ? List.of() : List.of("COUNT", number(draw));
    }

    private static List<String> trim(Draw draw) {
        boolean byLength = draw.oneIn(2);
        String threshold = byLength ? draw.oneIn(12) ? draw.integer() : String.valueOf(draw.below(150)) : id(draw);
        String sign = draw.oneOf("", "=", "~", "~");
        var words = new ArrayList<String>(List.of(byLength ? "MAXLEN" : "MINID"));
        if (!sign.isEmpty()) {
            words.add(sign);
        }
        words.add(threshold);
        if (draw.oneIn(sign.equals("~") ? 3 : 20)) {
            words.addAll(List.of("LIMIT", number(draw)));
        }
        return words;
    }

    private static String group(Draw draw) {
        return draw.oneOf("g", "g", "g", "h", "nosuch");
    }

    private static String consumer(Draw draw) {
        return draw.oneOf("alice", "bob", "carol", "");
    }

    private static List<String> claimOptions(Draw draw) {
        var words = new ArrayList<String>();
        if (draw.oneIn(2)) {
            words.add("JUSTID");
        }
        if (draw.oneIn(3)) {
            words.add("FORCE");
        }
        if (draw.oneIn(4)) {
            words.addAll(List.of("RETRYCOUNT", number(draw)));
        }
        if (draw.oneIn(6)) {
            words.addAll(List.of("LASTID", id(draw)));
        }
        return words;
    }
}
