package io.nuthatch.server;

import static io.nuthatch.server.Recipe.of;
import static io.nuthatch.server.Recipe.words;

import java.util.ArrayList;
import java.util.List;

/// Random commands on lists: a few elements come again and again, some are numbers, some are long.
final class ListRecipes {
    private static final List<String> ELEMENTS = List.of(
            "a",
            "b",
            "c",
            "d",
            "1",
            "2",
            "-1",
            "300",
            "70000",
            "-3000000000",
            "01",
            "",
            "\u0000\r\n\u00ff",
            "x".repeat(70));

    private static final int MANY = 300;

    private ListRecipes() {}

    static final List<Recipe> ALL = List.of(
            of(20, draw -> words(draw.oneOf("LPUSH", "RPUSH"), draw.key(), elements(draw, 6))),
            of(3, draw -> words(draw.oneOf("LPUSH", "RPUSH"), draw.key(), elements(draw, MANY))),
            of(6, draw -> words(draw.oneOf("LPUSHX", "RPUSHX"), draw.key(), elements(draw, 6))),
            of(12, draw -> words(draw.oneOf("LPOP", "RPOP"), draw.key(), draw.oneIn(2) ? List.of() : count(draw))),
            of(
                    6,
                    draw -> words(
                            "LMPOP",
                            numbered(draw),
                            draw.oneOf("LEFT", "RIGHT"),
                            draw.oneIn(2) ? List.of() : words("COUNT", count(draw)))),
            of(6, draw -> words("LLEN", draw.key())),
            of(12, draw -> words("LRANGE", draw.key(), draw.offset(), draw.offset())),
            of(4, draw -> words("LRANGE", draw.key(), "0", "-1")),
            of(10, draw -> words("LINDEX", draw.key(), draw.offset())),
            of(10, draw -> words("LSET", draw.key(), draw.offset(), element(draw))),
            of(12, draw -> words("LINSERT", draw.key(), draw.oneOf("BEFORE", "AFTER"), element(draw), element(draw))),
            of(8, draw -> words("LREM", draw.key(), draw.oneIn(8) ? draw.integer() : small(draw), element(draw))),
            of(2, draw -> words("LTRIM", draw.key(), draw.offset(), draw.offset())),
            of(3, draw -> words("LTRIM", draw.key(), small(draw), String.valueOf(-1 - draw.below(4)))),
            of(10, draw -> words("LPOS", draw.key(), element(draw), positionOptions(draw))),
            of(8, draw -> words("LMOVE", draw.key(), draw.key(), end(draw), end(draw))),
            of(4, draw -> words("RPOPLPUSH", draw.key(), draw.key())));

    private static String element(Draw draw) {
        return draw.oneIn(8) ? draw.value() : draw.oneOf(ELEMENTS);
    }

    private static List<String> elements(Draw draw, int most) {
        int count = 1 + draw.below(most);
        var elements = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            elements.add(most == MANY ? draw.oneOf(ELEMENTS) : element(draw));
        }
        return elements;
    }

    private static List<String> numbered(Draw draw) {
        List<String> keys = draw.keys();
        return words(draw.oneIn(20) ? draw.integer() : String.valueOf(keys.size()), keys);
    }

    private static String end(Draw draw) {
        return draw.oneOf("LEFT", "RIGHT", "left", "Right");
    }

    private static String small(Draw draw) {
        return String.valueOf(draw.below(7) - 3);
    }

    private static String count(Draw draw) {
        return draw.oneIn(8) ? draw.integer() : String.valueOf(draw.below(12));
    }

    private static List<String> positionOptions(Draw draw) {
        var options = new ArrayList<String>();
        if (draw.oneIn(2)) {
            options.addAll(List.of("RANK", draw.oneIn(10) ? draw.oneOf("x", "9223372036854775807") : small(draw)));
        }
        if (draw.oneIn(2)) {
            options.addAll(List.of("COUNT", count(draw)));
        }
        if (draw.oneIn(3)) {
            options.addAll(List.of("MAXLEN", count(draw)));
        }
        return options;
    }
}
