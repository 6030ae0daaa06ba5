package io.nuthatch.commands;

import io.nuthatch.commands.GeoSearch.Box;
import io.nuthatch.commands.GeoSearch.Circle;
import io.nuthatch.commands.GeoSearch.Found;
import io.nuthatch.commands.GeoSearch.Shape;
import io.nuthatch.commands.Geohash.Position;
import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;
import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Scratch;
import io.nuthatch.resp.ReplySink;
import io.nuthatch.store.Entry;
import io.nuthatch.store.KeyEvent;
import io.nuthatch.store.SortedSetDraft;
import io.nuthatch.store.Tx;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A call of GEOSEARCH, GEORADIUS or one of their kin: its words read, in the order in which Redis reads them, and what
/// becomes of the places found.
final class GeoQuery {
    private static final CommandError NO_MEMBER = CommandError.of("ERR could not decode requested zset member");
    private static final CommandError RADIUS_NOT_A_NUMBER = CommandError.of("ERR need numeric radius");
    private static final CommandError RADIUS_NEGATIVE = CommandError.of("ERR radius cannot be negative");
    private static final CommandError WIDTH_NOT_A_NUMBER = CommandError.of("ERR need numeric width");
    private static final CommandError HEIGHT_NOT_A_NUMBER = CommandError.of("ERR need numeric height");
    private static final CommandError BOX_NEGATIVE = CommandError.of("ERR height or width cannot be negative");
    private static final CommandError COUNT_NOT_POSITIVE = CommandError.of("ERR COUNT must be > 0");
    private static final CommandError ANY_WITHOUT_COUNT =
            CommandError.of("ERR the ANY argument requires COUNT argument");

    /// How a command says where its shape is.
    enum Origin {
        COORDINATES(6),
        COORDINATES_READ_ONLY(6),
        MEMBER(5),
        MEMBER_READ_ONLY(5),
        SEARCH(2),
        SEARCH_STORE(3);

        /// The first option.
        private final int options;

        Origin(int options) {
            this.options = options;
        }

        boolean isSearch() {
            return this == SEARCH || this == SEARCH_STORE;
        }

        boolean mayStore() {
            return this == COORDINATES || this == MEMBER;
        }
    }

    private enum Sorting {
        NONE,
        ASCENDING,
        DESCENDING
    }

    private final Args args;
    private final Tx tx;
    private final Origin origin;
    private final @Nullable Entry entry;

    private @Nullable Position center;
    private @Nullable Shape shape;
    private double unit = 1;
    private boolean fromMember;
    private boolean fromPosition;
    private boolean withCoordinates;
    private boolean withDistance;
    private boolean withHash;
    private boolean any;
    private boolean storesDistance;
    private long count;
    private Sorting sorting = Sorting.NONE;

    /// The word that is the key to store into, or 0.
    private int target;

    private GeoQuery(Args args, int source, Origin origin, Tx tx) {
        this.args = args;
        this.tx = tx;
        this.origin = origin;
        this.entry = SortedSetCommands.sortedSet(tx.read(args.bytes(source)));
    }

    /// Whether a call says STORE or STOREDIST more often than its key specifications see.
    static boolean storesRepeatedly(Args args, int from) {
        int stores = 0;
        for (int i = from; i < args.count(); i++) {
            stores += args.is(i, "store") || args.is(i, "storedist") ? 1 : 0;
        }
        return stores > 1;
    }

    static GeoQuery of(Args args, int source, Origin origin, Tx tx) {
        GeoQuery query = new GeoQuery(args, source, origin, tx);
        query.readCenter();
        for (int i = origin.options; i < args.count(); i++) {
            i = query.option(i);
        }
        query.check();
        return query;
    }

    // ---------------------------------------------------------------------------------------------- reading

    private void readCenter() {
        switch (origin) {
            case COORDINATES, COORDINATES_READ_ONLY -> {
                center = GeoCommands.position(args, 2);
                readCircle(4);
            }
            case MEMBER, MEMBER_READ_ONLY -> {
                if (entry != null) {
                    center = memberPosition(2);
                    readCircle(3);
                }
            }
            case SEARCH -> {}
            case SEARCH_STORE -> target = 1;
        }
    }

    private Position memberPosition(int word) {
        Position position = GeoCommands.position(entry, args, word);
        if (position == null) {
            throw NO_MEMBER;
        }
        return position;
    }

    private void readCircle(int word) {
        double radius = args.decimal(word, RADIUS_NOT_A_NUMBER);
        if (radius < 0) {
            throw RADIUS_NEGATIVE;
        }
        unit = GeoCommands.unit(args, word + 1);
        shape = new Circle(radius * unit);
    }

    private void readBox(int word) {
        double width = args.decimal(word, WIDTH_NOT_A_NUMBER);
        double height = args.decimal(word + 1, HEIGHT_NOT_A_NUMBER);
        if (width < 0 || height < 0) {
            throw BOX_NEGATIVE;
        }
        unit = GeoCommands.unit(args, word + 2);
        shape = new Box(width, height, unit);
    }

    /// @return the option's last word
    private int option(int at) {
        int flag = flag(at);
        if (flag >= 0) {
            return flag;
        }
        int more = args.count() - at - 1;
        if (args.is(at, "count") && more >= 1) {
            count = args.integer(at + 1);
            if (count <= 0) {
                throw COUNT_NOT_POSITIVE;
            }
            return at + 1;
        }
        if (origin.mayStore() && more >= 1 && (args.is(at, "store") || args.is(at, "storedist"))) {
            target = at + 1;
            storesDistance = args.is(at, "storedist");
            return at + 1;
        }
        if (origin.isSearch()) {
            return searchOption(at, more);
        }
        throw CommandError.SYNTAX;
    }

    /// Reads an option of one word.
    ///
    /// @return that word, or -1 if it is no such option
    private int flag(int at) {
        if (args.is(at, "withdist")) {
            withDistance = true;
        } else if (args.is(at, "withhash")) {
            withHash = true;
        } else if (args.is(at, "withcoord")) {
            withCoordinates = true;
        } else if (args.is(at, "any")) {
            any = true;
        } else if (args.is(at, "asc")) {
            sorting = Sorting.ASCENDING;
        } else if (args.is(at, "desc")) {
            sorting = Sorting.DESCENDING;
        } else if (origin == Origin.SEARCH_STORE && args.is(at, "storedist")) {
            storesDistance = true;
        } else {
            return -1;
        }
        return at;
    }

    private int searchOption(int at, int more) {
        if (args.is(at, "frommember") && more >= 1 && !fromPosition) {
            fromMember = true;
            if (entry != null) {
                center = memberPosition(at + 1);
            }
            return at + 1;
        }
        if (args.is(at, "fromlonlat") && more >= 2 && !fromMember) {
            fromPosition = true;
            center = GeoCommands.position(args, at + 1);
            return at + 2;
        }
        if (args.is(at, "byradius") && more >= 2 && !(shape instanceof Box)) {
            readCircle(at + 1);
            return at + 2;
        }
        if (args.is(at, "bybox") && more >= 3 && !(shape instanceof Circle)) {
            readBox(at + 1);
            return at + 3;
        }
        throw CommandError.SYNTAX;
    }

    private void check() {
        if (target > 0 && (withDistance || withHash || withCoordinates)) {
            throw CommandError.of("ERR "
                    + (origin == Origin.SEARCH_STORE ? "GEOSEARCHSTORE" : "STORE option in GEORADIUS")
                    + " is not compatible with WITHDIST, WITHHASH and WITHCOORD options");
        }
        if (origin.isSearch() && !fromMember && !fromPosition) {
            throw exactlyOne("FROMMEMBER or FROMLONLAT");
        }
        if (origin.isSearch() && shape == null) {
            throw exactlyOne("BYRADIUS and BYBOX");
        }
        if (any && count == 0) {
            throw ANY_WITHOUT_COUNT;
        }
    }

    private CommandError exactlyOne(String options) {
        return CommandError.of("ERR exactly one of " + options + " can be specified for " + args.cited(0));
    }

    // ---------------------------------------------------------------------------------------------- answering

    void run(ReplySink reply) {
        List<Found> found = found();
        if (target > 0) {
            store(found, args.bytes(target), reply);
        } else {
            reply.array(found.size());
            found.forEach(each -> reply(each, reply));
        }
    }

    private List<Found> found() {
        if (entry == null || center == null || shape == null) {
            return List.of();
        }
        List<Found> found = new GeoSearch(center, shape).in(entry, any ? count : Long.MAX_VALUE);
        Comparator<Found> nearest = Comparator.comparingDouble(Found::distanceMeters);
        switch (sorting) {
            case ASCENDING -> found.sort(nearest);
            case DESCENDING -> found.sort(nearest.reversed());
            case NONE -> {
                if (count > 0 && !any) {
                    found.sort(nearest);
                }
            }
        }
        return count > 0 && count < found.size() ? found.subList(0, (int) count) : found;
    }

    private void store(List<Found> found, Bytes key, ReplySink reply) {
        try (SortedSetDraft draft = SortedSetDraft.of(tx, key)) {
            for (Found each : found) {
                try (Scratch member = Scratch.of(each.member())) {
                    draft.put(member.bytes(), storesDistance ? each.distanceMeters() / unit : each.score());
                }
            }
            KeyEvent event = origin == Origin.SEARCH_STORE ? KeyEvent.GEOSEARCHSTORE : KeyEvent.GEORADIUSSTORE;
            SortedSetCommands.store(draft, key, event, tx, reply);
        }
    }

    private void reply(Found found, ReplySink reply) {
        int parts = 1 + (withDistance ? 1 : 0) + (withHash ? 1 : 0) + (withCoordinates ? 1 : 0);
        if (parts > 1) {
            reply.array(parts);
        }
        try (Scratch member = Scratch.of(found.member())) {
            reply.bulk(member.bytes());
        }
        if (withDistance) {
            reply.bulk(GeoCommands.distance(found.distanceMeters() / unit));
        }
        if (withHash) {
            reply.integer((long) found.score());
        }
        if (withCoordinates) {
            GeoCommands.reply(found.place(), reply);
        }
    }
}
