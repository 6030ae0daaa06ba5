package io.nuthatch.commands;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;
import io.nuthatch.memory.Bytes;
import io.nuthatch.store.StreamId;
import org.jspecify.annotations.Nullable;

/// Reads the IDs of a stream's entries as commands write them: `ms-seq` or `ms`, `-` and `+` for the ends of a
/// range, and `(` in front of what a range is to leave out.
final class StreamIds {
    static final CommandError INVALID = CommandError.of("ERR Invalid stream ID specified as stream command argument");
    private static final CommandError INVALID_START = CommandError.of("ERR invalid start ID for the interval");
    private static final CommandError INVALID_END = CommandError.of("ERR invalid end ID for the interval");

    /// What `ms` alone stands for at the end of a range.
    private static final long LAST_SEQ = -1;

    private StreamIds() {}

    /// An ID, and not the end of a range.
    static StreamId read(Bytes word) {
        StreamId id = StreamId.parse(word, 0);
        if (id == null) {
            throw INVALID;
        }
        return id;
    }

    static StreamId read(Args args, int index) {
        return read(args.bytes(index));
    }

    /// The IDs of some words, none of which is used before all have been read.
    static StreamId[] readAll(Args args, int from, int to) {
        StreamId[] ids = new StreamId[to - from];
        for (int i = from; i < to; i++) {
            ids[i - from] = read(args, i);
        }
        return ids;
    }

    /// Whether a word is a single character, as C's strings are, which end with a zero byte.
    static boolean isMark(Bytes word, char mark) {
        return word.length() > 0 && word.byteAt(0) == mark && (word.length() == 1 || word.byteAt(1) == 0);
    }

    /// The first ID of a range.
    static StreamId start(Args args, int index) {
        Bytes word = args.bytes(index);
        if (!isOpen(word)) {
            return bound(word, 0);
        }
        StreamId id = read(afterMark(word));
        if (id.equals(StreamId.MAX)) {
            throw INVALID_START;
        }
        return id.next();
    }

    /// The last ID of a range.
    static StreamId end(Args args, int index) {
        Bytes word = args.bytes(index);
        if (!isOpen(word)) {
            return bound(word, LAST_SEQ);
        }
        StreamId id = StreamId.parse(afterMark(word), LAST_SEQ);
        if (id == null) {
            throw INVALID;
        }
        if (id.equals(StreamId.MIN)) {
            throw INVALID_END;
        }
        return id.previous();
    }

    private static boolean isOpen(Bytes word) {
        return word.length() > 1 && word.byteAt(0) == '(';
    }

    private static Bytes afterMark(Bytes word) {
        return new Bytes().set(word.address() + 1, word.length() - 1);
    }

    /// An ID, or `-` or `+`.
    static StreamId bound(Bytes word, long missingSeq) {
        StreamId end = isMark(word, '-') ? StreamId.MIN : isMark(word, '+') ? StreamId.MAX : null;
        StreamId id = end != null ? end : StreamId.parse(word, missingSeq);
        if (id == null) {
            throw INVALID;
        }
        return id;
    }

    /// An ID, or null if the word is none: where options may follow IDs.
    static @Nullable StreamId find(Args args, int index) {
        return StreamId.parse(args.bytes(index), 0);
    }
}
