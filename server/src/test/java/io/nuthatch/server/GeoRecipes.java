package io.nuthatch.server;

import static io.nuthatch.server.Recipe.of;
import static io.nuthatch.server.Recipe.words;

import java.util.ArrayList;
import java.util.List;

/// Random commands on places on earth: mostly near the meridian where longitudes end, and near the equator.
final class GeoRecipes {
    private static final List<String> UNITS = List.of("m", "km", "ft", "mi", "KM", "cm");
    /// As scores they are places close together, whose order Redis does not say where they are equally far.
    static final String DISTANCES = "geo:distances";

    private static final int MANY = 150;

    private GeoRecipes() {}

    static final List<Recipe> ALL = List.of(
            of(
                    8,
                    draw -> words(
                            "GEOADD",
                            key(draw),
                            draw.flags("NX", "XX", "CH"),
                            places(draw, 1 + draw.below(draw.oneIn(8) ? MANY : 5)))),
            of(3, draw -> words("GEOPOS", key(draw), members(draw))),
            of(3, draw -> words("GEOHASH", key(draw), members(draw))),
            of(
                    4,
                    draw -> words(
                            "GEODIST", key(draw), member(draw), member(draw), draw.oneIn(3) ? List.of() : unit(draw))),
            of(
                    12,
                    draw -> words(
                            "GEOSEARCH",
                            key(draw),
                            origin(draw),
                            shape(draw),
                            draw.oneOf("ASC", "DESC"),
                            geoLimit(draw),
                            draw.flags("WITHDIST", "WITHHASH", "WITHCOORD"))),
            of(8, draw -> words("GEOSEARCH", key(draw), origin(draw), shape(draw), draw.flags("WITHHASH"))),
            of(3, draw -> words("GEOSEARCHSTORE", key(draw), key(draw), origin(draw), shape(draw))),
            of(2, draw -> words("GEOSEARCHSTORE", DISTANCES, key(draw), origin(draw), shape(draw), "STOREDIST")),
            of(2, draw -> words("ZCARD", DISTANCES)),
            of(
                    3,
                    draw -> words(
                            "GEORADIUS",
                            key(draw),
                            longitude(draw),
                            latitude(draw),
                            radius(draw),
                            unit(draw),
                            draw.flags("ASC", "WITHCOORD"))),
            of(
                    3,
                    draw -> words(
                            "GEORADIUSBYMEMBER",
                            key(draw),
                            member(draw),
                            radius(draw),
                            unit(draw),
                            draw.flags("DESC", "WITHDIST"))),
            of(2, draw -> words("ZRANGE", key(draw), "0", "-1")),
            of(1, draw -> words("SET", "geo:0", "text")),
            of(1, draw -> words("DEL", key(draw))));

    /// Sorted sets of others may have infinite scores, and what place that is hangs on the processor that runs Redis.
    private static String key(Draw draw) {
        return "geo:" + draw.below(3);
    }

    private static String member(Draw draw) {
        return "m" + draw.below(draw.oneIn(3) ? 400 : 15);
    }

    private static List<String> members(Draw draw) {
        var members = new ArrayList<String>();
        do {
            members.add(member(draw));
        } while (members.size() < 6 && !draw.oneIn(3));
        return members;
    }

    private static String longitude(Draw draw) {
        return draw.oneIn(40)
                ? draw.decimal()
                : (draw.below(draw.oneIn(4) ? 360 : 20) - 180 + 170) % 180 + "." + draw.below(10_000);
    }

    private static String latitude(Draw draw) {
        return draw.oneIn(40)
                ? draw.decimal()
                : draw.below(draw.oneIn(4) ? 86 : 10) * (draw.oneIn(2) ? 1 : -1) + "." + draw.below(10_000);
    }

    private static List<String> places(Draw draw, int count) {
        var places = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            places.addAll(List.of(longitude(draw), latitude(draw), member(draw)));
        }
        return places;
    }

    private static List<String> origin(Draw draw) {
        return draw.oneIn(2) ? words("FROMMEMBER", member(draw)) : words("FROMLONLAT", longitude(draw), latitude(draw));
    }

    private static List<String> shape(Draw draw) {
        return draw.oneIn(2)
                ? words("BYRADIUS", radius(draw), unit(draw))
                : words("BYBOX", radius(draw), radius(draw), unit(draw));
    }

    private static String radius(Draw draw) {
        return draw.oneIn(20) ? draw.decimal() : String.valueOf(draw.below(draw.oneOf(10, 1_000, 20_000)));
    }

    private static String unit(Draw draw) {
        return draw.oneIn(3) ? draw.oneOf(UNITS) : "km";
    }

    private static List<String> geoLimit(Draw draw) {
        return draw.oneIn(2) ? List.of() : words("COUNT", String.valueOf(1 + draw.below(5)));
    }
}
