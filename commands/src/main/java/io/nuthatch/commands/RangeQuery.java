package io.nuthatch.commands;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;
import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Numbers;
import io.nuthatch.store.Entry;
import io.nuthatch.store.Place;
import io.nuthatch.store.SortedSetValue;
import org.jspecify.annotations.Nullable;

/// A range of a sorted set as ZRANGE and its kin describe it: by rank, by score or by member, forwards or backwards.
/// Whatever it is, it comes down to ranks ([#of]).
final class RangeQuery {
    private static final CommandError NOT_SCORES = CommandError.of("ERR min or max is not a float");
    private static final CommandError NOT_MEMBERS = CommandError.of("ERR min or max not valid string range item");
    private static final CommandError LIMIT_BY_RANK =
            CommandError.of("ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX");
    private static final CommandError SCORES_BY_MEMBER =
            CommandError.of("ERR syntax error, WITHSCORES not supported in combination with BYLEX");

    /// What the two words of a range mean.
    enum By {
        RANK,
        SCORE,
        MEMBER
    }

    enum Direction {
        FORWARDS,
        BACKWARDS
    }

    /// The members of a range: `count` of them, from a rank on.
    record Span(long rank, long count, Direction direction) {
        void forEach(Entry entry, SortedSetValue.Visitor visitor) {
            switch (direction) {
                case FORWARDS -> SortedSetValue.forEach(entry, rank, count, visitor);
                case BACKWARDS -> SortedSetValue.forEachBackwards(entry, rank, count, visitor);
            }
        }
    }

    private By by;
    private Direction direction;
    private boolean withScores;
    private long offset;
    private long limit = -1;
    private long start;
    private long stop;
    private Place from = Place.End.START;
    private Place to = Place.End.END;

    private RangeQuery(By by, Direction direction) {
        this.by = by;
        this.direction = direction;
    }

    /// The whole of ZRANGE's words: the range, then options that also say what it means.
    ///
    /// @param first the range's first word
    static RangeQuery free(Args args, int first, boolean takesScores) {
        RangeQuery query = new RangeQuery(By.RANK, Direction.FORWARDS);
        boolean typed = false;
        boolean reversed = false;
        for (int i = first + 2; i < args.count(); i++) {
            if (!reversed && args.is(i, "rev")) {
                query.direction = Direction.BACKWARDS;
                reversed = true;
            } else if (!typed && args.is(i, "bylex")) {
                query.by = By.MEMBER;
                typed = true;
            } else if (!typed && args.is(i, "byscore")) {
                query.by = By.SCORE;
                typed = true;
            } else {
                i = query.option(args, i, takesScores);
            }
        }
        return query.read(args, first);
    }

    /// A range whose meaning the command knows, with options.
    static RangeQuery fixed(Args args, By by, Direction direction) {
        RangeQuery query = new RangeQuery(by, direction);
        for (int i = 4; i < args.count(); i++) {
            i = query.option(args, i, true);
        }
        return query.read(args, 2);
    }

    /// A range without options.
    static RangeQuery plain(Args args, By by) {
        return new RangeQuery(by, Direction.FORWARDS).read(args, 2);
    }

    /// @return the option's last word
    private int option(Args args, int index, boolean takesScores) {
        if (takesScores && args.is(index, "withscores")) {
            withScores = true;
            return index;
        }
        if (args.is(index, "limit") && index + 2 < args.count()) {
            offset = args.integer(index + 1);
            limit = args.integer(index + 2);
            return index + 2;
        }
        throw CommandError.SYNTAX;
    }

    private RangeQuery read(Args args, int first) {
        if (limit != -1 && by == By.RANK) {
            throw LIMIT_BY_RANK;
        }
        if (withScores && by == By.MEMBER) {
            throw SCORES_BY_MEMBER;
        }
        boolean backwards = direction == Direction.BACKWARDS;
        int min = backwards ? first + 1 : first;
        int max = backwards ? first : first + 1;
        switch (by) {
            case RANK -> {
                start = args.integer(first);
                stop = args.integer(first + 1);
            }
            case SCORE -> {
                from = minScore(args.bytes(min));
                to = maxScore(args.bytes(max));
            }
            case MEMBER -> {
                from = minMember(args.bytes(min));
                to = maxMember(args.bytes(max));
            }
        }
        return this;
    }

    private static Place minScore(Bytes word) {
        return isOpen(word) ? Place.afterScore(score(after(word))) : Place.beforeScore(score(word));
    }

    private static Place maxScore(Bytes word) {
        return isOpen(word) ? Place.beforeScore(score(after(word))) : Place.afterScore(score(word));
    }

    private static boolean isOpen(Bytes word) {
        return !word.isEmpty() && word.byteAt(0) == '(';
    }

    private static Bytes after(Bytes word) {
        return new Bytes().set(word.address() + 1, word.length() - 1);
    }

    private static double score(Bytes word) {
        double score = Numbers.parseDoubleAsC(word.address(), word.length());
        if (Double.isNaN(score)) {
            throw NOT_SCORES;
        }
        return score;
    }

    private static Place minMember(Bytes word) {
        Place end = end(word);
        return end != null ? end : isOpen(word) ? Place.afterMember(after(word)) : Place.beforeMember(closed(word));
    }

    private static Place maxMember(Bytes word) {
        Place end = end(word);
        return end != null ? end : isOpen(word) ? Place.beforeMember(after(word)) : Place.afterMember(closed(word));
    }

    private static @Nullable Place end(Bytes word) {
        // Redis reads them as C strings, which end with a zero byte.
        boolean alone = word.length() == 1 || word.length() > 1 && word.byteAt(1) == 0;
        return alone && word.byteAt(0) == '-' ? Place.End.START : alone && word.byteAt(0) == '+' ? Place.End.END : null;
    }

    private static Bytes closed(Bytes word) {
        if (word.isEmpty() || word.byteAt(0) != '[') {
            throw NOT_MEMBERS;
        }
        return after(word);
    }

    boolean withScores() {
        return withScores;
    }

    /// The ranks that the range has in a sorted set.
    Span of(Entry entry) {
        return by == By.RANK ? ofRanks(SortedSetValue.length(entry)) : ofPlaces(entry);
    }

    private Span ofRanks(long length) {
        long first = Math.max(0, start < 0 ? start + length : start);
        long last = Math.clamp(stop < 0 ? stop + length : stop, -1, length - 1);
        long count = Math.max(0, last - first + 1);
        return new Span(direction == Direction.BACKWARDS ? length - 1 - first : first, count, direction);
    }

    private Span ofPlaces(Entry entry) {
        long first = SortedSetValue.rank(entry, from);
        long count = SortedSetValue.rank(entry, to) - first;
        if (offset < 0 || offset >= count) {
            return new Span(0, 0, direction);
        }
        long left = limit < 0 ? count - offset : Math.min(limit, count - offset);
        return new Span(
                direction == Direction.BACKWARDS ? first + count - 1 - offset : first + offset, left, direction);
    }
}
