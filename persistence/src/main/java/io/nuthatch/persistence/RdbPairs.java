package io.nuthatch.persistence;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Numbers;
import io.nuthatch.memory.Scratch;
import io.nuthatch.store.Entry;
import io.nuthatch.store.HashValue;
import io.nuthatch.store.PackedBlock;
import io.nuthatch.store.SortedSetDraft;
import io.nuthatch.store.Tx;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// A hash or a sorted set in RDB: fields and values, or members and scores. It is gone through twice, as [RdbElements].
///
/// ```
///   HASH                   count, (string, string) ...
///   HASH_TIMED             milliseconds 8, count, (deadline, string, string) ...
///   SORTED_SET             count, (string, double of 8 bytes, the lowest first) ...
///   HASH_LISTPACK          string: a listpack of field, value, field, value ...
///   HASH_TIMED_LISTPACK    milliseconds 8, string: a listpack of field, value, deadline, field ...
///   SORTED_SET_LISTPACK    string: a listpack of member, score, member, score ...
///   HASH_ZIPLIST           string: a ziplist of field, value ...
///   HASH_ZIPMAP            string: a zipmap
///   SORTED_SET_ZIPLIST     string: a ziplist of member, score ...
///   SORTED_SET_TEXT        count, (string, score) ...   253: not a number; 254, 255: infinite; else digits with
/// their length
/// ```
///
/// In the forms with deadlines the first milliseconds are the earliest deadline. In HASH_TIMED a deadline counts
/// from there, 1 more, and 0 is none; in the listpack it counts from 1970. The two forms of the candidates for
/// Redis 7.4 have no earliest deadline, and all count from 1970.
///
/// The first three are what is written, HASH and SORTED_SET for every server to read.
final class RdbPairs implements RdbValue {
    private static final int NOT_A_NUMBER = 253;
    private static final int INFINITE = 254;
    private static final int MINUS_INFINITE = 255;

    /// What stands for no deadline.
    private static final long NONE = 0;

    private final RdbType form;
    private final RdbInput pairs;
    private final long count;

    private RdbPairs(RdbType form, RdbInput pairs, long count) {
        this.form = form;
        this.pairs = pairs;
        this.count = count;
    }

    /// What is done with a pair. A score comes as its text.
    private interface Visitor {
        /// @param deadlineMs in milliseconds since 1970, or NONE
        void visit(Bytes name, Bytes value, long deadlineMs);
    }

    /// Checks the pairs, and steps over them.
    ///
    /// @throws RdbCorruption if they are none, or not what they should be
    static RdbPairs read(RdbType form, RdbInput input) {
        RdbInput pairs = input.fork();
        long[] count = {0};
        visit(form, input, (_, value, _) -> {
            count[0]++;
            if (isSortedSet(form)) {
                score(value);
            }
        });
        if (count[0] == 0) {
            throw RdbCorruption.empty(form);
        }
        return new RdbPairs(form, pairs, count[0]);
    }

    /// Writes a hash of which fields expire.
    static void writeTimed(Entry entry, RdbOutput output) {
        long earliestMs = HashValue.nextDeadlineMs(entry);
        output.type(RdbType.HASH_TIMED);
        output.fixedLong(earliestMs);
        output.length(HashValue.length(entry));
        HashValue.forEachTimed(entry, (field, value, deadlineMs) -> {
            output.length(relativeDeadline(deadlineMs, earliestMs));
            output.string(field);
            output.string(value);
        });
    }

    /// When a field expires, as it stands before it.
    static long relativeDeadline(long deadlineMs, long earliestMs) {
        return deadlineMs == Tx.NO_DEADLINE ? NONE : deadlineMs - earliestMs + 1;
    }

    private static boolean isSortedSet(RdbType form) {
        return switch (form) {
            case SORTED_SET, SORTED_SET_TEXT, SORTED_SET_LISTPACK, SORTED_SET_ZIPLIST -> true;
            default -> false;
        };
    }

    private static double score(Bytes text) {
        double score = Numbers.parseDouble(text.address(), text.length());
        if (Double.isNaN(score)) {
            throw new RdbCorruption("not a score: bytes=" + text.length());
        }
        return score;
    }

    private static void visit(RdbType form, RdbInput input, Visitor visitor) {
        switch (form) {
            case HASH -> visitFields(input, visitor);
            case HASH_TIMED -> visitTimed(input, input.fixedLong() - 1, visitor);
            case HASH_TIMED_CANDIDATE -> visitTimed(input, 0, visitor);
            case SORTED_SET -> {
                for (int left = input.length(); left > 0; left--) {
                    try (RdbString member = input.string();
                            Scratch score = Scratch.of(Numbers.text(input.binaryDouble()))) {
                        visitor.visit(member.bytes(), score.bytes(), NONE);
                    }
                }
            }
            case SORTED_SET_TEXT -> {
                for (int left = input.length(); left > 0; left--) {
                    try (RdbString member = input.string()) {
                        visitScore(member.bytes(), input, visitor);
                    }
                }
            }
            case HASH_TIMED_LISTPACK -> {
                input.fixedLong();
                visitBlock(form, input, visitor);
            }
            default -> visitBlock(form, input, visitor);
        }
    }

    private static void visitFields(RdbInput input, Visitor visitor) {
        for (int left = input.length(); left > 0; left--) {
            visitField(input, NONE, visitor);
        }
    }

    private static void visitField(RdbInput input, long deadlineMs, Visitor visitor) {
        try (RdbString field = input.string();
                RdbString value = input.string()) {
            visitor.visit(field.bytes(), value.bytes(), deadlineMs);
        }
    }

    /// @param fromMs what deadlines count from
    private static void visitTimed(RdbInput input, long fromMs, Visitor visitor) {
        for (int left = input.length(); left > 0; left--) {
            long deadline = input.number();
            visitField(input, deadline == NONE ? NONE : checked(fromMs + deadline), visitor);
        }
    }

    private static long checked(long deadlineMs) {
        if (deadlineMs <= NONE || deadlineMs > HashValue.LATEST_KEPT_MS) {
            throw new RdbCorruption("not a deadline of a field: ms=" + deadlineMs);
        }
        return deadlineMs;
    }

    private static void visitScore(Bytes member, RdbInput input, Visitor visitor) {
        int length = input.oneByte();
        switch (length) {
            case NOT_A_NUMBER -> throw new RdbCorruption("not a score");
            case INFINITE, MINUS_INFINITE -> {
                try (Scratch score = Scratch.of(length == INFINITE ? "inf" : "-inf")) {
                    visitor.visit(member, score.bytes(), NONE);
                }
            }
            default -> visitor.visit(member, input.plain(length, new Bytes()), NONE);
        }
    }

    /// Visits what is packed in one string.
    private static void visitBlock(RdbType form, RdbInput input, Visitor visitor) {
        boolean timed = form == RdbType.HASH_TIMED_LISTPACK || form == RdbType.HASH_TIMED_LISTPACK_CANDIDATE;
        try (RdbString block = input.string();
                Grouping grouping = new Grouping(timed ? 3 : 2, visitor)) {
            visitEntries(form, block.bytes(), grouping::take);
            if (!grouping.isWhole()) {
                throw new RdbCorruption("not packed in pairs: type=" + form);
            }
        }
    }

    private static void visitEntries(RdbType form, Bytes block, Consumer<Bytes> visit) {
        switch (form) {
            case HASH_ZIPMAP -> Zipmap.visit(block, visit);
            case HASH_ZIPLIST, SORTED_SET_ZIPLIST -> Ziplist.visit(block, visit);
            case HASH_LISTPACK, HASH_TIMED_LISTPACK, HASH_TIMED_LISTPACK_CANDIDATE, SORTED_SET_LISTPACK -> {
                if (!PackedBlock.visitListpack(block, visit)) {
                    throw new RdbCorruption("not a listpack: bytes=" + block.length());
                }
            }
            default -> throw new IllegalStateException("neither hash nor sorted set: type=" + form);
        }
    }

    /// Makes pairs, or triples with a deadline, of entries that come one by one. All but the last of a group are
    /// copied, for their window moves on.
    private static final class Grouping implements AutoCloseable {
        private final int size;
        private final Visitor visitor;
        private final List<Scratch> copies = new ArrayList<>();

        private Grouping(int size, Visitor visitor) {
            this.size = size;
            this.visitor = visitor;
        }

        void take(Bytes entry) {
            if (copies.size() < size - 1) {
                copies.add(Scratch.of(entry.toArray()));
                return;
            }
            Bytes name = copies.getFirst().bytes();
            if (size == 2) {
                visitor.visit(name, entry, NONE);
            } else {
                visitor.visit(name, copies.getLast().bytes(), deadlineMs(entry));
            }
            close();
        }

        private static long deadlineMs(Bytes text) {
            if (!Numbers.isLong(text.address(), text.length())) {
                throw new RdbCorruption("not a deadline of a field: bytes=" + text.length());
            }
            long deadlineMs = Numbers.parse(text.address(), text.length());
            return deadlineMs == NONE ? NONE : checked(deadlineMs);
        }

        boolean isWhole() {
            return copies.isEmpty();
        }

        @Override
        public void close() {
            copies.forEach(Scratch::close);
            copies.clear();
        }
    }

    @Override
    public void store(Tx tx, Bytes key, long deadlineMs) {
        if (isSortedSet(form)) {
            try (SortedSetDraft draft = SortedSetDraft.of(tx, key)) {
                visit(form, pairs, (member, score, _) -> draft.put(member, score(score)));
                draft.store(key);
            }
        } else {
            storeHash(tx, key);
        }
        Entry entry = deadlineMs == Tx.NO_DEADLINE ? null : tx.find(key);
        if (entry != null) {
            entry.deadlineMs(deadlineMs);
        }
    }

    /// Writes commands that make it. Fields get their deadlines when all are there.
    void tell(Bytes key, CommandWriter commands) {
        boolean sorted = isSortedSet(form);
        long[] told = {0};
        visit(form, pairs.fork(), (name, value, _) -> {
            if (told[0] % BaseOfCommands.MOST_ELEMENTS == 0) {
                commands.command(
                                sorted ? "ZADD" : "HMSET",
                                2 + 2 * Math.min(BaseOfCommands.MOST_ELEMENTS, count - told[0]))
                        .word(key);
            }
            commands.word(sorted ? value : name).word(sorted ? name : value);
            told[0]++;
        });
        visit(form, pairs.fork(), (name, _, deadlineMs) -> {
            if (deadlineMs != NONE) {
                commands.command("HPEXPIREAT", 6).word(key).word(deadlineMs);
                commands.word("FIELDS").word(1).word(name);
            }
        });
    }

    /// Fields whose time has come are left out; if all are, there is no such key.
    private void storeHash(Tx tx, Bytes key) {
        Entry hash = HashValue.create(tx, key);
        visit(form, pairs, (field, value, deadlineMs) -> {
            if (deadlineMs == NONE) {
                HashValue.put(hash, field, value);
            } else if (!tx.isPast(deadlineMs)) {
                HashValue.put(hash, field, value);
                HashValue.deadlineMs(hash, field, deadlineMs);
            }
        });
        HashValue.settle(hash);
    }

    @Override
    public void close() {}
}
