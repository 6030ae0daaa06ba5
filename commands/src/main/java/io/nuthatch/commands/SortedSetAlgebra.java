package io.nuthatch.commands;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;
import io.nuthatch.memory.Bytes;
import io.nuthatch.store.Entry;
import io.nuthatch.store.SortedSetDraft;
import io.nuthatch.store.Tx;
import io.nuthatch.store.Type;
import java.util.Arrays;
import java.util.Comparator;
import java.util.function.DoubleBinaryOperator;
import org.jspecify.annotations.Nullable;

/// Unions, intersections and differences of sorted sets and of sets, whose members count as having the score 1.
///
/// One source after another is worked into a draft, so no more than one of them is looked at at a time, and each
/// member is looked up once for each source at most: O(N), N being the size of all sources, and O(M log M) to put
/// the M members of the result in order.
final class SortedSetAlgebra {
    private static final CommandError WEIGHT_NOT_A_FLOAT = CommandError.of("ERR weight value is not a float");
    private static final CommandError LIMIT_NEGATIVE = CommandError.of("ERR LIMIT can't be negative");

    enum Operation {
        UNION,
        INTERSECTION,
        DIFFERENCE
    }

    /// Which options a command takes.
    enum Purpose {
        REPLY,
        STORE,
        COUNT
    }

    /// One of the keys.
    private record Source(int word, long size, double weight) {
        Source weighing(double other) {
            return new Source(word, size, other);
        }
    }

    private final Args args;
    private final Tx tx;
    private final Operation operation;
    private final Source[] sources;
    private DoubleBinaryOperator aggregate = SortedSetAlgebra::sum;
    private boolean withScores;
    private long limit;

    private SortedSetAlgebra(Args args, Tx tx, Operation operation, Source[] sources) {
        this.args = args;
        this.tx = tx;
        this.operation = operation;
        this.sources = sources;
    }

    /// Reads the words from the number of keys on.
    ///
    /// @param numkeys the word with that number
    static SortedSetAlgebra of(Args args, int numkeys, Operation operation, Purpose purpose, String command, Tx tx) {
        long keys = args.integer(numkeys);
        if (keys < 1) {
            throw CommandError.noKeys(command);
        }
        if (keys > args.count() - numkeys - 1) {
            throw CommandError.SYNTAX;
        }
        Source[] sources = new Source[(int) keys];
        for (int i = 0; i < sources.length; i++) {
            int word = numkeys + 1 + i;
            Entry entry = source(tx.read(args.bytes(word)));
            sources[i] = new Source(word, entry == null ? 0 : SortedSetCommands.length(entry), 1);
        }
        SortedSetAlgebra algebra = new SortedSetAlgebra(args, tx, operation, sources);
        int at = numkeys + 1 + sources.length;
        while (at < args.count()) {
            at = algebra.option(at, purpose);
        }
        return algebra;
    }

    private static @Nullable Entry source(@Nullable Entry entry) {
        if (entry != null && entry.type() != Type.SORTED_SET && entry.type() != Type.SET) {
            throw CommandError.WRONG_TYPE;
        }
        return entry;
    }

    /// @return the word after the option
    private int option(int at, Purpose purpose) {
        int more = args.count() - at - 1;
        boolean combines = operation != Operation.DIFFERENCE && purpose != Purpose.COUNT;
        if (combines && more >= sources.length && args.is(at, "weights")) {
            for (int i = 0; i < sources.length; i++) {
                sources[i] = sources[i].weighing(args.decimal(at + 1 + i, WEIGHT_NOT_A_FLOAT));
            }
            return at + 1 + sources.length;
        }
        if (combines && more >= 1 && args.is(at, "aggregate")) {
            aggregate = aggregate(at + 1);
            return at + 2;
        }
        if (purpose == Purpose.REPLY && args.is(at, "withscores")) {
            withScores = true;
            return at + 1;
        }
        if (purpose == Purpose.COUNT && more >= 1 && args.is(at, "limit")) {
            limit = args.integer(at + 1, 0, Long.MAX_VALUE, LIMIT_NEGATIVE);
            return at + 2;
        }
        throw CommandError.SYNTAX;
    }

    private DoubleBinaryOperator aggregate(int word) {
        if (args.is(word, "sum")) {
            return SortedSetAlgebra::sum;
        }
        if (args.is(word, "min")) {
            return (one, other) -> other < one ? other : one;
        }
        if (args.is(word, "max")) {
            return (one, other) -> other > one ? other : one;
        }
        throw CommandError.SYNTAX;
    }

    /// The sum of opposite infinities is 0, as in Redis.
    private static double sum(double one, double other) {
        return orZero(one + other);
    }

    private static double orZero(double score) {
        return Double.isNaN(score) ? 0 : score;
    }

    boolean withScores() {
        return withScores;
    }

    /// Does the work.
    ///
    /// @param home the key whose shard lends the memory
    /// @return to be closed
    SortedSetDraft result(Bytes home) {
        SortedSetDraft draft = SortedSetDraft.of(tx, home);
        switch (operation) {
            case UNION -> unite(draft);
            case INTERSECTION -> intersect(draft);
            case DIFFERENCE -> subtract(draft);
        }
        return draft;
    }

    private @Nullable Entry find(Source source) {
        return tx.find(args.bytes(source.word));
    }

    /// The smallest first, as Redis does: the order in which scores are added up shows in their last digits.
    private void sortBySize() {
        Arrays.sort(sources, Comparator.comparingLong(Source::size));
    }

    private void add(Source source, SortedSetDraft draft) {
        Entry entry = find(source);
        if (entry != null) {
            SortedSetCommands.forEach(
                    entry, (member, score) -> draft.merge(member, orZero(score * source.weight), aggregate));
        }
    }

    private void unite(SortedSetDraft draft) {
        sortBySize();
        for (Source source : sources) {
            add(source, draft);
        }
    }

    private void intersect(SortedSetDraft draft) {
        sortBySize();
        if (sources[0].size == 0) {
            return;
        }
        add(sources[0], draft);
        for (int i = 1; i < sources.length && draft.size() > 0; i++) {
            keep(draft, sources[i], i == sources.length - 1 && limit > 0 ? limit : Long.MAX_VALUE);
        }
    }

    /// Keeps of a draft what a source has too, and up to `most` of that.
    private void keep(SortedSetDraft draft, Source source, long most) {
        Entry entry = find(source);
        if (entry == null) {
            throw new IllegalStateException("a source has gone: word=" + source.word);
        }
        long[] kept = {0};
        draft.rescore((member, score) -> {
            double other = kept[0] == most ? Double.NaN : SortedSetCommands.score(entry, member);
            if (Double.isNaN(other)) {
                return Double.NaN;
            }
            kept[0]++;
            // Not a number is no 0 here, as in Redis: it makes a sum 0, and is neither least nor most.
            return aggregate.applyAsDouble(score, other * source.weight);
        });
    }

    private void subtract(SortedSetDraft draft) {
        add(sources[0], draft);
        for (int i = 1; i < sources.length && draft.size() > 0; i++) {
            Entry entry = find(sources[i]);
            if (entry != null && sources[i].size < draft.size()) {
                SortedSetCommands.forEach(entry, (member, score) -> draft.remove(member));
            } else if (entry != null) {
                draft.rescore(
                        (member, score) -> Double.isNaN(SortedSetCommands.score(entry, member)) ? score : Double.NaN);
            }
        }
    }

    /// How many members an intersection has, up to the limit.
    long count(long size) {
        return limit > 0 ? Math.min(limit, size) : size;
    }
}
