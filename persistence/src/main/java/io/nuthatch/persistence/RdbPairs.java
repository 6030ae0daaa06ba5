package io.nuthatch.persistence;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Numbers;
import io.nuthatch.memory.Scratch;
import io.nuthatch.store.Entry;
import io.nuthatch.store.HashValue;
import io.nuthatch.store.PackedBlock;
import io.nuthatch.store.SortedSetDraft;
import io.nuthatch.store.Tx;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A hash or a sorted set in RDB: fields and values, or members and scores. It is gone through twice, as [RdbElements].
///
/// ```
///   HASH                  count, (string, string) ...
///   SORTED_SET            count, (string, double of 8 bytes, the lowest first) ...
///   HASH_LISTPACK         string: a listpack of field, value, field, value ...
///   SORTED_SET_LISTPACK   string: a listpack of member, score, member, score ...
/// ```
///
/// The first two are what is written, for every server reads them.
final class RdbPairs implements RdbValue {
    private final RdbType form;
    private final RdbInput pairs;

    private RdbPairs(RdbType form, RdbInput pairs) {
        this.form = form;
        this.pairs = pairs;
    }

    /// What is done with a pair. A score comes as its text.
    private interface Visitor {
        void visit(Bytes name, Bytes value);
    }

    /// Checks the pairs, and steps over them.
    ///
    /// @throws RdbCorruption if they are none, or not what they should be
    static RdbPairs read(RdbType form, RdbInput input) {
        RdbInput pairs = input.fork();
        long[] count = {0};
        visit(form, input, (_, value) -> {
            count[0]++;
            if (isSortedSet(form)) {
                score(value);
            }
        });
        if (count[0] == 0) {
            throw RdbCorruption.empty(form);
        }
        return new RdbPairs(form, pairs);
    }

    private static boolean isSortedSet(RdbType form) {
        return form == RdbType.SORTED_SET || form == RdbType.SORTED_SET_LISTPACK;
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
            case HASH -> {
                for (int left = input.length(); left > 0; left--) {
                    try (RdbString field = input.string();
                            RdbString value = input.string()) {
                        visitor.visit(field.bytes(), value.bytes());
                    }
                }
            }
            case SORTED_SET -> {
                for (int left = input.length(); left > 0; left--) {
                    try (RdbString member = input.string();
                            Scratch score = Scratch.of(Numbers.text(input.binaryDouble()))) {
                        visitor.visit(member.bytes(), score.bytes());
                    }
                }
            }
            case HASH_LISTPACK, SORTED_SET_LISTPACK -> {
                try (RdbString block = input.string()) {
                    if (!visitPairs(block.bytes(), visitor)) {
                        throw new RdbCorruption("not a listpack of pairs: bytes="
                                + block.bytes().length());
                    }
                }
            }
            default -> throw new IllegalStateException("neither hash nor sorted set: type=" + form);
        }
    }

    /// Returns whether the block is a listpack and has an even number of entries.
    private static boolean visitPairs(Bytes block, Visitor visitor) {
        try (Pairing pairing = new Pairing(visitor)) {
            return PackedBlock.visitListpack(block, pairing::take) && pairing.first == null;
        }
    }

    /// Makes pairs of entries that come one by one. The first of two is copied, for its window moves on.
    private static final class Pairing implements AutoCloseable {
        private final Visitor visitor;
        private @Nullable Scratch first;

        private Pairing(Visitor visitor) {
            this.visitor = visitor;
        }

        void take(Bytes entry) {
            Scratch name = first;
            if (name == null) {
                first = Scratch.of(entry.toArray());
                return;
            }
            visitor.visit(name.bytes(), entry);
            close();
        }

        @Override
        public void close() {
            if (first != null) {
                first.close();
                first = null;
            }
        }
    }

    @Override
    public void store(Tx tx, Bytes key, long deadlineMs) {
        if (isSortedSet(form)) {
            try (SortedSetDraft draft = SortedSetDraft.of(tx, key)) {
                visit(form, pairs, (member, score) -> draft.put(member, score(score)));
                draft.store(key);
            }
        } else {
            Entry hash = HashValue.create(tx, key);
            visit(form, pairs, (field, value) -> HashValue.put(hash, field, value));
        }
        if (deadlineMs != Tx.NO_DEADLINE) {
            Objects.requireNonNull(tx.find(key)).deadlineMs(deadlineMs);
        }
    }

    @Override
    public void close() {}
}
