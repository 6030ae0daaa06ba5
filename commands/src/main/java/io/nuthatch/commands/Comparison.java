package io.nuthatch.commands;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;
import io.nuthatch.memory.Bytes;
import io.nuthatch.store.Entry;
import org.jspecify.annotations.Nullable;

/// A condition on the value that a key holds: IFEQ, IFNE, IFDEQ and IFDNE of SET and DELEX. The last two compare
/// digests, so that a client need not send a long value back.
///
/// @param operand the value, or its digest in hexadecimal digits
record Comparison(Kind kind, Bytes operand) {
    private static final CommandError NO_DIGEST = CommandError.of("ERR must be exactly 16 hexadecimal characters");

    enum Kind {
        IFEQ,
        IFNE,
        IFDEQ,
        IFDNE;

        private static final Kind[] ALL = values();

        private final String option = name().toLowerCase(java.util.Locale.ROOT);

        /// The comparison that a word names, or null.
        static @Nullable Kind at(Args args, int index) {
            for (Kind kind : ALL) {
                if (args.is(index, kind.option)) {
                    return kind;
                }
            }
            return null;
        }
    }

    /// Whether it holds for a string, or for a key that is not there.
    boolean isMet(@Nullable Entry entry) {
        return switch (kind) {
            case IFEQ -> entry != null && entry.value().equals(operand);
            case IFNE -> entry == null || !entry.value().equals(operand);
            case IFDEQ -> entry != null && hasDigest(entry);
            case IFDNE -> entry == null || !hasDigest(entry);
        };
    }

    private boolean hasDigest(Entry entry) {
        if (operand.length() != Digest.TEXT_BYTES) {
            throw NO_DIGEST;
        }
        return operand.is(Digest.text(entry.value()));
    }
}
