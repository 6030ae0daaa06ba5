package io.nuthatch.commands;

/// A cell of the grid that Redis lays over the earth, and the arithmetic around it. All of it is Redis's to the bit:
/// clients keep scores, and results come in the order of cells.
///
/// A grid of `step` s has 2^s columns from 180° west to 180° east, and as many rows from 85.05112878° south to as far
/// north, where the square map of EPSG:3857 ends. The bits of column and row alternate in `bits`, the column's first:
/// so cells with a common beginning lie in one larger cell, and all places of a cell are one range of scores, which
/// are cells of step 26.
///
/// ```
///   step 1            column 0   column 1
///             row 1      01         11
///             row 0      00         10
/// ```
/// Source: `geohash.c` and `geohash_helper.c` of Redis, which come from Ardb; Gustavo Niemeyer's geohash.
///
/// @param bits of column and row in turn
/// @param step how many of each
record Geohash(long bits, int step) {
    static final double MAX_LONGITUDE = 180;
    static final double MAX_LATITUDE = 85.05112878;

    /// Of a score: 52 bits fit into a double.
    static final int SCORE_STEP = 26;

    private static final double EARTH_RADIUS_METERS = 6372797.560856;
    private static final double RADIANS = Math.PI / 180.0;

    private static final String DIGITS = "0123456789bcdefghjkmnpqrstuvwxyz";
    private static final int DIGIT_BITS = 5;
    private static final int TEXT_LENGTH = 11;

    /// A place on earth, in degrees.
    record Position(double longitude, double latitude) {
        boolean isOnMap() {
            return Math.abs(longitude) <= MAX_LONGITUDE && Math.abs(latitude) <= MAX_LATITUDE;
        }

        /// The distance over the surface, in meters, by the haversine formula.
        double distanceTo(Position other) {
            double v = Math.sin((other.longitude * RADIANS - longitude * RADIANS) / 2);
            if (v == 0) {
                return distanceNorth(other);
            }
            double from = latitude * RADIANS;
            double to = other.latitude * RADIANS;
            double u = Math.sin((to - from) / 2);
            double a = u * u + Math.cos(from) * Math.cos(to) * v * v;
            return 2.0 * EARTH_RADIUS_METERS * Math.asin(Math.sqrt(a));
        }

        /// How far north or south of this place the other one is, in meters.
        double distanceNorth(Position other) {
            return EARTH_RADIUS_METERS * Math.abs(other.latitude * RADIANS - latitude * RADIANS);
        }
    }

    /// What a cell covers, in degrees.
    record Area(double west, double south, double east, double north) {
        /// The area that reaches so far from a place in all directions, in meters. It is as wide as it must be on the
        /// side of the equator.
        static Area around(Position center, double widthMeters, double heightMeters) {
            double rise = heightMeters / EARTH_RADIUS_METERS / RADIANS;
            double edge = center.latitude < 0 ? center.latitude - rise : center.latitude + rise;
            double reach = widthMeters / EARTH_RADIUS_METERS / Math.cos(edge * RADIANS) / RADIANS;
            return new Area(
                    center.longitude - reach, center.latitude - rise, center.longitude + reach, center.latitude + rise);
        }
    }

    /// The cell of a place.
    static Geohash of(Position place, int step) {
        return of(place, step, MAX_LATITUDE);
    }

    private static Geohash of(Position place, int step, double maxLatitude) {
        double row = (place.latitude + maxLatitude) / (maxLatitude + maxLatitude);
        double column = (place.longitude + MAX_LONGITUDE) / (MAX_LONGITUDE + MAX_LONGITUDE);
        long cells = 1L << step;
        return new Geohash(spread((long) (column * cells)) << 1 | spread((long) (row * cells)), step);
    }

    /// The place that a score stands for: the middle of its cell.
    static Position place(double score) {
        Area area = new Geohash((long) score, SCORE_STEP).area();
        return new Position(
                Math.clamp((area.west + area.east) / 2, -MAX_LONGITUDE, MAX_LONGITUDE),
                Math.clamp((area.south + area.north) / 2, -MAX_LATITUDE, MAX_LATITUDE));
    }

    /// The score of a place.
    static double score(Position place) {
        return of(place, SCORE_STEP).bits;
    }

    /// The geohash that other programs know, for which the rows reach from pole to pole. It has eleven digits, the last
    /// of which is always 0: 52 bits are enough for ten.
    static String text(Position place) {
        long bits = of(place, SCORE_STEP, 90).bits;
        StringBuilder text = new StringBuilder(TEXT_LENGTH);
        for (int i = 1; i < TEXT_LENGTH; i++) {
            text.append(DIGITS.charAt((int) (bits >>> (2 * SCORE_STEP - i * DIGIT_BITS)) & (1 << DIGIT_BITS) - 1));
        }
        return text.append(DIGITS.charAt(0)).toString();
    }

    Area area() {
        double cells = 1L << step;
        long column = gather(bits >>> 1);
        long row = gather(bits);
        return new Area(
                -MAX_LONGITUDE + column / cells * (2 * MAX_LONGITUDE),
                -MAX_LATITUDE + row / cells * (2 * MAX_LATITUDE),
                -MAX_LONGITUDE + (column + 1) / cells * (2 * MAX_LONGITUDE),
                -MAX_LATITUDE + (row + 1) / cells * (2 * MAX_LATITUDE));
    }

    /// The cell so many columns east and rows north of this one; round the earth, and over the poles to the far edge.
    Geohash neighbour(int east, int north) {
        return new Geohash(spread(moved(gather(bits >>> 1), east)) << 1 | spread(moved(gather(bits), north)), step);
    }

    private long moved(long index, int by) {
        return by == 0 ? index : index + by & (1L << step) - 1;
    }

    /// The lowest score of the cell.
    double firstScore() {
        return bits << 2 * (SCORE_STEP - step);
    }

    /// The lowest score after the cell's.
    double endScore() {
        return bits + 1 << 2 * (SCORE_STEP - step);
    }

    /// Puts a zero before each of the lowest 32 bits.
    private static long spread(long index) {
        return Long.expand(index, 0x5555_5555_5555_5555L);
    }

    /// Takes every second bit, from the lowest on.
    private static long gather(long bits) {
        return Long.compress(bits, 0x5555_5555_5555_5555L);
    }
}
