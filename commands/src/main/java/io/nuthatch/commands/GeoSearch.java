package io.nuthatch.commands;

import io.nuthatch.commands.Geohash.Area;
import io.nuthatch.commands.Geohash.Position;
import io.nuthatch.store.Entry;
import io.nuthatch.store.Place;
import io.nuthatch.store.SortedSetValue;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The places of a sorted set within a circle or a box.
///
/// Nine cells, the center's and its neighbours, are chosen so large that they cover the shape, and each is one range of
/// scores; those that the shape does not touch are left out. Every place in them is measured.
///
/// ```
///   ┌────┬────┬────┐
///   │ NW │ N  │ NE │      in this order: center, N, S, E, W, NE, NW, SE, SW
///   ├────┼────┼────┤
///   │ W  │ ●  │ E  │
///   ├────┼────┼────┤
///   │ SW │ S  │ SE │
///   └────┴────┴────┘
/// ```
final class GeoSearch {
    /// A circle or a box about a place.
    sealed interface Shape {
        /// How far it reaches from its center to the west and to the east, in meters.
        double reachMeters();

        /// The same, to the north and to the south.
        double riseMeters();

        /// The distance of its farthest point, in meters.
        double radiusMeters();

        /// How far a place within the shape is from its center, in meters; NaN for one outside.
        double distanceMeters(Position center, Position place);
    }

    record Circle(double radiusMeters) implements Shape {
        @Override
        public double reachMeters() {
            return radiusMeters;
        }

        @Override
        public double riseMeters() {
            return radiusMeters;
        }

        @Override
        public double distanceMeters(Position center, Position place) {
            double distance = center.distanceTo(place);
            return distance > radiusMeters ? Double.NaN : distance;
        }
    }

    /// Width and height are in its unit, and the order of operations is Redis's: it shows in the last bit.
    record Box(double width, double height, double unitMeters) implements Shape {
        @Override
        public double reachMeters() {
            return unitMeters * (width / 2);
        }

        @Override
        public double riseMeters() {
            return unitMeters * (height / 2);
        }

        @Override
        public double radiusMeters() {
            return Math.sqrt(width / 2 * (width / 2) + height / 2 * (height / 2)) * unitMeters;
        }

        @Override
        public double distanceMeters(Position center, Position place) {
            boolean outside = center.distanceNorth(place) > height * unitMeters / 2
                    || place.distanceTo(new Position(center.longitude(), place.latitude())) > width * unitMeters / 2;
            return outside ? Double.NaN : center.distanceTo(place);
        }
    }

    /// A place that was found.
    record Found(byte[] member, double score, Position place, double distanceMeters) {}

    /// Half of the equator on the map, in meters.
    private static final double MAP_REACH_METERS = 20037726.37;

    /// Towards the poles the map's cells are narrower than they look.
    private static final double HIGH_LATITUDE = 66;

    private static final double VERY_HIGH_LATITUDE = 80;

    /// Neighbours as (east, north), in Redis's order.
    private static final int[][] DIRECTIONS = {
        {0, 0}, {0, 1}, {0, -1}, {1, 0}, {-1, 0}, {1, 1}, {-1, 1}, {1, -1}, {-1, -1}
    };

    /// Members visited before it is asked whether there are enough.
    private static final int SLICE = 64;

    private final Position center;
    private final Shape shape;

    GeoSearch(Position center, Shape shape) {
        this.center = center;
        this.shape = shape;
    }

    /// Searches.
    ///
    /// @param enough how many places to be content with
    List<Found> in(Entry entry, long enough) {
        List<Found> found = new ArrayList<>();
        @Nullable Geohash last = null;
        List<Geohash> cells = cells();
        for (int i = 0; i < cells.size(); i++) {
            Geohash cell = cells.get(i);
            // In a grid of few cells neighbours are one cell. Redis compares them, but none with the center's.
            if (!cell.equals(last)) {
                search(cell, entry, enough, found);
                last = i == 0 ? null : cell;
            }
        }
        return found;
    }

    private void search(Geohash cell, Entry entry, long enough, List<Found> found) {
        long end = SortedSetValue.rank(entry, Place.beforeScore(cell.endScore()));
        long rank = SortedSetValue.rank(entry, Place.beforeScore(cell.firstScore()));
        for (; rank < end && found.size() < enough; rank += SLICE) {
            SortedSetValue.forEach(entry, rank, Math.min(SLICE, end - rank), (member, score) -> {
                Position place = Geohash.place(score);
                double distance = shape.distanceMeters(center, place);
                if (!Double.isNaN(distance) && found.size() < enough) {
                    found.add(new Found(member.toArray(), score, place, distance));
                }
            });
        }
    }

    private List<Geohash> cells() {
        Area area = Area.around(center, shape.reachMeters(), shape.riseMeters());
        int step = step();
        Geohash middle = Geohash.of(center, step);
        if (step > 1 && !isCovered(area, middle)) {
            step--;
            middle = Geohash.of(center, step);
        }
        List<Geohash> cells = new ArrayList<>();
        for (int[] direction : DIRECTIONS) {
            if (step < 2 || isTouched(area, middle.area(), direction[0], direction[1])) {
                cells.add(middle.neighbour(direction[0], direction[1]));
            }
        }
        return cells;
    }

    /// The finest grid whose cells are about as large as the shape.
    private int step() {
        double radius = shape.radiusMeters();
        if (radius == 0) {
            return Geohash.SCORE_STEP;
        }
        int step = -1;
        for (; radius < MAP_REACH_METERS; radius *= 2) {
            step++;
        }
        double latitude = Math.abs(center.latitude());
        step -= latitude > VERY_HIGH_LATITUDE ? 2 : latitude > HIGH_LATITUDE ? 1 : 0;
        return Math.clamp(step, 1, Geohash.SCORE_STEP);
    }

    private static boolean isCovered(Area area, Geohash middle) {
        return middle.neighbour(0, 1).area().north() >= area.north()
                && middle.neighbour(0, -1).area().south() <= area.south()
                && middle.neighbour(1, 0).area().east() >= area.east()
                && middle.neighbour(-1, 0).area().west() <= area.west();
    }

    /// Whether the neighbour in a direction can have a part of the area.
    private static boolean isTouched(Area area, Area middle, int east, int north) {
        return !(north < 0 && middle.south() < area.south())
                && !(north > 0 && middle.north() > area.north())
                && !(east < 0 && middle.west() < area.west())
                && !(east > 0 && middle.east() > area.east());
    }
}
