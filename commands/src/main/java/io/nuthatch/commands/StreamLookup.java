package io.nuthatch.commands;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;
import io.nuthatch.store.Entry;
import io.nuthatch.store.StreamGroup;
import io.nuthatch.store.StreamValue;
import io.nuthatch.store.Type;
import org.jspecify.annotations.Nullable;

/// From a key to its stream, and from there to a group, with what is said when there is none.
final class StreamLookup {
    private StreamLookup() {}

    /// A key's stream, or null if there is no such key.
    static @Nullable StreamValue stream(@Nullable Entry entry) {
        if (entry != null && entry.type() != Type.STREAM) {
            throw CommandError.WRONG_TYPE;
        }
        return entry == null ? null : StreamValue.of(entry);
    }

    /// The group that a word names, or null if there is no such group or stream.
    static @Nullable StreamGroup find(@Nullable StreamValue stream, Args args, int name) {
        return stream == null ? null : stream.group(args.bytes(name));
    }

    /// A group that has to be there, of a key that is word 1.
    static StreamGroup group(@Nullable StreamValue stream, Args args, int name) {
        StreamGroup group = find(stream, args, name);
        if (group == null) {
            throw noSuchKeyOrGroup(args.cited(1), args.cited(name), "");
        }
        return group;
    }

    /// @param where what stands at the end
    static CommandError noSuchKeyOrGroup(String key, String group, String where) {
        return CommandError.of("NOGROUP No such key '" + key + "' or consumer group '" + group + "'" + where);
    }

    static CommandError noSuchGroup(String key, String group) {
        return CommandError.of("NOGROUP No such consumer group '" + group + "' for key name '" + key + "'");
    }
}
