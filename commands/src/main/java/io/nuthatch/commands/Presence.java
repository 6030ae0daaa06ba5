package io.nuthatch.commands;

import io.nuthatch.engine.Args;
import io.nuthatch.store.Entry;
import org.jspecify.annotations.Nullable;

/// A condition on whether a key is there: NX and XX of the commands that set values.
enum Presence {
    ANY,
    ABSENT,
    PRESENT;

    /// What the word says: NX, XX or neither.
    static Presence at(Args args, int index) {
        return args.is(index, "nx") ? ABSENT : args.is(index, "xx") ? PRESENT : ANY;
    }

    /// Whether the other may be said after this one: NX and XX exclude each other.
    boolean allows(Presence other) {
        return this == ANY || this == other;
    }

    boolean isMet(@Nullable Entry entry) {
        return switch (this) {
            case ANY -> true;
            case ABSENT -> entry == null;
            case PRESENT -> entry != null;
        };
    }
}
