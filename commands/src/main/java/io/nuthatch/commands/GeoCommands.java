package io.nuthatch.commands;

import static io.nuthatch.engine.Command.row;
import static io.nuthatch.engine.CommandFlag.DENYOOM;
import static io.nuthatch.engine.CommandFlag.READONLY;
import static io.nuthatch.engine.CommandFlag.WRITE;

import io.nuthatch.commands.GeoQuery.Origin;
import io.nuthatch.commands.Geohash.Position;
import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;
import io.nuthatch.engine.Family;
import io.nuthatch.engine.KeySpec;
import io.nuthatch.resp.ReplySink;
import io.nuthatch.store.Entry;
import io.nuthatch.store.SortedSetValue;
import io.nuthatch.store.Tx;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Places on earth, which are the members of a sorted set; the scores are their cells ([Geohash]): the table, then the
/// bodies in the same order.
public final class GeoCommands {
    private static final String OPTIONS = " [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count [ANY]] [ASC | DESC]";
    private static final String FROM = "<FROMMEMBER member | FROMLONLAT longitude latitude> "
            + "<BYRADIUS radius <M | KM | FT | MI> | BYBOX width height <M | KM | FT | MI>>";
    private static final String COST =
            "O(N + log M), N being the number of places in and around the shape, M that of all places.";

    private GeoCommands() {}

    public static Family family() {
        return Family.of(
                "geo",
                Set.of("geo"),
                row("GEOADD @key [NX | XX] [CH] longitude latitude member [longitude latitude member ...]")
                        .is(WRITE, DENYOOM)
                        .keys("RW update")
                        .since("3.2.0")
                        .brief("Adds members with their longitudes and latitudes, or moves them.")
                        .cost("O(log N) for each member, N being the number of places.")
                        .does(GeoCommands::geoAdd),
                row("GEODIST @key member1 member2 [M | KM | FT | MI]")
                        .is(READONLY)
                        .keys("RO access")
                        .since("3.2.0")
                        .brief("Returns the distance between two members.")
                        .does(GeoCommands::geoDist),
                row("GEOHASH @key [member [member ...]]")
                        .is(READONLY)
                        .keys("RO access")
                        .since("3.2.0")
                        .brief("Returns geohashes of members, as other programs know them.")
                        .cost("O(N), N being the number of members.")
                        .does(GeoCommands::geoHash),
                row("GEOPOS @key [member [member ...]]")
                        .is(READONLY)
                        .keys("RO access")
                        .since("3.2.0")
                        .brief("Returns longitudes and latitudes of members.")
                        .cost("O(N), N being the number of members.")
                        .does(GeoCommands::geoPos),
                row("GEORADIUS @key longitude latitude radius <M | KM | FT | MI>" + OPTIONS
                                + " [STORE @key | STOREDIST @key]")
                        .is(WRITE, DENYOOM)
                        .keySpec(at(1), one(), "RO access")
                        .keySpec(after("STORE", 6), one(), "OW update")
                        .keySpec(after("STOREDIST", 6), one(), "OW update")
                        .reachesAnyKey(args -> GeoQuery.storesRepeatedly(args, 6))
                        .since("3.2.0")
                        .deprecated("6.2.0", "GEOSEARCH and GEOSEARCHSTORE")
                        .brief("Returns or stores the members within a distance of a place.")
                        .cost(COST)
                        .does(GeoCommands::geoRadius),
                row("GEORADIUSBYMEMBER @key member radius <M | KM | FT | MI>" + OPTIONS
                                + " [STORE @key | STOREDIST @key]")
                        .is(WRITE, DENYOOM)
                        .keySpec(at(1), one(), "RO access")
                        .keySpec(after("STORE", 5), one(), "OW update")
                        .keySpec(after("STOREDIST", 5), one(), "OW update")
                        .reachesAnyKey(args -> GeoQuery.storesRepeatedly(args, 5))
                        .since("3.2.0")
                        .deprecated("6.2.0", "GEOSEARCH and GEOSEARCHSTORE with FROMMEMBER")
                        .brief("Returns or stores the members within a distance of a member.")
                        .cost(COST)
                        .does(GeoCommands::geoRadiusByMember),
                row("GEORADIUSBYMEMBER_RO @key member radius <M | KM | FT | MI>" + OPTIONS)
                        .is(READONLY)
                        .keys("RO access")
                        .since("3.2.10")
                        .deprecated("6.2.0", "GEOSEARCH with FROMMEMBER")
                        .brief("Returns the members within a distance of a member.")
                        .cost(COST)
                        .does(GeoCommands::geoRadiusByMemberRo),
                row("GEORADIUS_RO @key longitude latitude radius <M | KM | FT | MI>" + OPTIONS)
                        .is(READONLY)
                        .keys("RO access")
                        .since("3.2.10")
                        .deprecated("6.2.0", "GEOSEARCH")
                        .brief("Returns the members within a distance of a place.")
                        .cost(COST)
                        .does(GeoCommands::geoRadiusRo),
                row("GEOSEARCH @key " + FROM + " [ASC | DESC] [COUNT count [ANY]] [WITHCOORD] [WITHDIST] [WITHHASH]")
                        .is(READONLY)
                        .keys("RO access")
                        .since("6.2.0")
                        .brief("Returns the members within a circle or a box.")
                        .cost(COST)
                        .does(GeoCommands::geoSearch),
                row("GEOSEARCHSTORE @destination @source " + FROM + " [ASC | DESC] [COUNT count [ANY]] [STOREDIST]")
                        .is(WRITE, DENYOOM)
                        .keys("OW update", "RO access")
                        .since("6.2.0")
                        .brief("Stores the members within a circle or a box.")
                        .cost(COST)
                        .does(GeoCommands::geoSearchStore));
    }

    private static KeySpec.Begin at(int word) {
        return new KeySpec.Begin.Index(word);
    }

    private static KeySpec.Begin after(String keyword, int from) {
        return new KeySpec.Begin.Keyword(keyword, from);
    }

    private static KeySpec.Find one() {
        return new KeySpec.Find.Range(0, 1, 0);
    }

    private static void geoAdd(Args args, Tx tx, ReplySink reply) {
        int known = SortedSetAdd.NX | SortedSetAdd.XX | SortedSetAdd.CH;
        int first = SortedSetAdd.afterOptions(args, known);
        SortedSetAdd add = SortedSetAdd.of(args, first, known);
        int words = args.count() - first;
        if (words % 3 != 0 || add.has(SortedSetAdd.NX) && add.has(SortedSetAdd.XX) || words == 0) {
            throw CommandError.SYNTAX;
        }
        double[] scores = new double[words / 3];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = Geohash.score(position(args, first + 3 * i));
        }
        add.run(scores, first + 2, 3, tx, reply);
    }

    /// A longitude and a latitude.
    static Position position(Args args, int word) {
        Position position = new Position(args.decimal(word), args.decimal(word + 1));
        if (!position.isOnMap()) {
            throw CommandError.of("ERR invalid longitude,latitude pair " + sixDecimals(position.longitude()) + ","
                    + sixDecimals(position.latitude()));
        }
        return position;
    }

    /// As C writes it: zero has a sign too.
    private static String sixDecimals(double number) {
        double size = Math.abs(number);
        String text = Double.isInfinite(size)
                ? "inf"
                : new BigDecimal(size).setScale(6, RoundingMode.HALF_EVEN).toPlainString();
        return Math.copySign(1, number) < 0 ? "-" + text : text;
    }

    /// What a unit is in meters.
    static double unit(Args args, int word) {
        if (args.is(word, "m")) {
            return 1;
        }
        if (args.is(word, "km")) {
            return 1000;
        }
        if (args.is(word, "ft")) {
            return 0.3048;
        }
        if (args.is(word, "mi")) {
            return 1609.34;
        }
        throw CommandError.of("ERR unsupported unit provided. please use M, KM, FT, MI");
    }

    /// Where a member is, or null if it is not there.
    static @Nullable Position position(@Nullable Entry entry, Args args, int word) {
        double score = entry == null ? Double.NaN : SortedSetValue.score(entry, args.bytes(word));
        return Double.isNaN(score) ? null : Geohash.place(score);
    }

    private static void geoDist(Args args, Tx tx, ReplySink reply) {
        if (args.count() > 5) {
            throw CommandError.SYNTAX;
        }
        double unit = args.count() == 5 ? unit(args, 4) : 1;
        Entry entry = SortedSetCommands.sortedSet(tx.read(args.bytes(1)));
        Position one = position(entry, args, 2);
        Position other = position(entry, args, 3);
        if (one == null || other == null) {
            reply.nullBulk();
        } else {
            reply.bulk(distance(one.distanceTo(other) / unit));
        }
    }

    /// A distance with four decimals.
    static String distance(double distance) {
        return new BigDecimal(distance).setScale(4, RoundingMode.HALF_EVEN).toPlainString();
    }

    private static void geoHash(Args args, Tx tx, ReplySink reply) {
        Entry entry = SortedSetCommands.sortedSet(tx.read(args.bytes(1)));
        reply.array(args.count() - 2);
        for (int i = 2; i < args.count(); i++) {
            Position position = position(entry, args, i);
            if (position == null) {
                reply.nullBulk();
            } else {
                reply.bulk(Geohash.text(position));
            }
        }
    }

    private static void geoPos(Args args, Tx tx, ReplySink reply) {
        Entry entry = SortedSetCommands.sortedSet(tx.read(args.bytes(1)));
        reply.array(args.count() - 2);
        for (int i = 2; i < args.count(); i++) {
            Position position = position(entry, args, i);
            if (position == null) {
                reply.nullArray();
            } else {
                reply(position, reply);
            }
        }
    }

    /// Replies with a longitude and a latitude.
    static void reply(Position position, ReplySink reply) {
        reply.array(2);
        reply.doubleNumber(degrees(position.longitude()));
        reply.doubleNumber(degrees(position.latitude()));
    }

    /// Up to seventeen decimals, without zeros at the end.
    private static String degrees(double degrees) {
        BigDecimal rounded = new BigDecimal(degrees).setScale(17, RoundingMode.HALF_EVEN);
        return rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString();
    }

    private static void geoRadius(Args args, Tx tx, ReplySink reply) {
        GeoQuery.of(args, 1, Origin.COORDINATES, tx).run(reply);
    }

    private static void geoRadiusByMember(Args args, Tx tx, ReplySink reply) {
        GeoQuery.of(args, 1, Origin.MEMBER, tx).run(reply);
    }

    private static void geoRadiusByMemberRo(Args args, Tx tx, ReplySink reply) {
        GeoQuery.of(args, 1, Origin.MEMBER_READ_ONLY, tx).run(reply);
    }

    private static void geoRadiusRo(Args args, Tx tx, ReplySink reply) {
        GeoQuery.of(args, 1, Origin.COORDINATES_READ_ONLY, tx).run(reply);
    }

    private static void geoSearch(Args args, Tx tx, ReplySink reply) {
        GeoQuery.of(args, 1, Origin.SEARCH, tx).run(reply);
    }

    private static void geoSearchStore(Args args, Tx tx, ReplySink reply) {
        GeoQuery.of(args, 2, Origin.SEARCH_STORE, tx).run(reply);
    }
}
