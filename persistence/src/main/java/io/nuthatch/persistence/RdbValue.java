package io.nuthatch.persistence;

import io.nuthatch.memory.Bytes;
import io.nuthatch.store.Entry;
import io.nuthatch.store.HashValue;
import io.nuthatch.store.ListValue;
import io.nuthatch.store.SetValue;
import io.nuthatch.store.SetView;
import io.nuthatch.store.SortedSetValue;
import io.nuthatch.store.StringValue;
import io.nuthatch.store.Tx;

/// What a key holds, read from RDB whole and checked, and not stored yet: so a payload that proves corrupt at its end
/// has changed nothing. It is stored or closed, in either case once.
///
/// Writing needs no such thing: a value goes from the store to the output.
///
/// A type of the store has its place in the switch of [#write], and the forms that it has in RDB theirs in that of
/// [#read].
sealed interface RdbValue extends AutoCloseable permits RdbString, RdbElements, RdbPairs {
    /// Gives a key the value, whatever it held before.
    void store(Tx tx, Bytes key, long deadlineMs);

    /// Frees what has not been stored.
    @Override
    void close();

    /// Writes a key's value, its type in front.
    static void write(Entry entry, RdbOutput output) {
        switch (entry.type()) {
            case STRING -> writeString(entry, output);
            case LIST -> {
                output.type(RdbType.LIST);
                output.length(ListValue.length(entry));
                ListValue.forEach(entry, 0, ListValue.length(entry), output::string);
            }
            case SET -> {
                output.type(RdbType.SET);
                output.length(SetValue.size(entry));
                SetView.of(entry).forEach(output::string);
            }
            case SORTED_SET -> {
                output.type(RdbType.SORTED_SET);
                output.length(SortedSetValue.length(entry));
                SortedSetValue.forEach(entry, 0, SortedSetValue.length(entry), (member, score) -> {
                    output.string(member);
                    output.binaryDouble(score);
                });
            }
            case HASH -> writeHash(entry, output);
            case STREAM -> throw new IllegalStateException("no such value yet: type=" + entry.type());
        }
    }

    private static void writeHash(Entry entry, RdbOutput output) {
        if (HashValue.nextDeadlineMs(entry) != Tx.NO_DEADLINE) {
            RdbPairs.writeTimed(entry, output);
            return;
        }
        output.type(RdbType.HASH);
        output.length(HashValue.length(entry));
        HashValue.forEach(entry, (field, value) -> {
            output.string(field);
            output.string(value);
        });
    }

    private static void writeString(Entry entry, RdbOutput output) {
        output.type(RdbType.STRING);
        if (StringValue.isInteger(entry)) {
            output.integer(StringValue.integer(entry));
        } else {
            output.string(entry.value());
        }
    }

    /// Reads a value that stands behind its type.
    ///
    /// @throws RdbCorruption if it is none that can be read
    static RdbValue read(RdbInput input) {
        return read(input.type(), input);
    }

    /// Reads a value of a type.
    ///
    /// @throws RdbCorruption if it is none that can be read
    static RdbValue read(RdbType type, RdbInput input) {
        return switch (type) {
            case STRING -> input.string();
            case LIST, LIST_ZIPLIST, LIST_QUICKLIST, LIST_QUICKLIST_2, SET, SET_INTSET, SET_LISTPACK ->
                RdbElements.read(type, input);
            case HASH,
                    HASH_ZIPMAP,
                    HASH_ZIPLIST,
                    HASH_LISTPACK,
                    HASH_TIMED_CANDIDATE,
                    HASH_TIMED_LISTPACK_CANDIDATE,
                    HASH_TIMED,
                    HASH_TIMED_LISTPACK,
                    SORTED_SET_TEXT,
                    SORTED_SET,
                    SORTED_SET_ZIPLIST,
                    SORTED_SET_LISTPACK -> RdbPairs.read(type, input);
            case STREAM, STREAM_2, STREAM_3 -> throw new RdbCorruption("no such value here: type=" + type);
        };
    }
}
