package io.nuthatch.commands;

import io.nuthatch.resp.ReplySink;
import io.nuthatch.store.StreamCursor;
import io.nuthatch.store.StreamId;
import io.nuthatch.store.StreamValue;

/// A stream's entries as replies: each an array of its ID and its fields with their values.
final class StreamReplies {
    private StreamReplies() {}

    /// The entry at a cursor.
    static void entry(StreamCursor cursor, ReplySink reply) {
        reply.array(2);
        idAndFields(cursor, reply);
    }

    /// What the entry at a cursor consists of: two elements.
    static void idAndFields(StreamCursor cursor, ReplySink reply) {
        reply.bulk(cursor.idText());
        reply.array(2 * cursor.fields());
        while (cursor.nextField()) {
            reply.bulk(cursor.field());
            reply.bulk(cursor.value());
        }
    }

    /// An array of up to `most` entries from the cursor on.
    static void entries(StreamCursor cursor, long most, ReplySink reply) {
        long opened = reply.openArray();
        int count = 0;
        while (count < most && cursor.next()) {
            entry(cursor, reply);
            count++;
        }
        reply.closeArray(opened, count);
    }

    /// The entry of an ID, if it is there. Returns whether it is.
    static boolean entry(StreamValue stream, StreamId id, StreamCursor cursor, ReplySink reply) {
        boolean found = stream.has(id, cursor);
        if (found) {
            entry(cursor, reply);
        }
        return found;
    }

    static void id(StreamId id, StreamCursor cursor, ReplySink reply) {
        reply.bulk(cursor.text(id));
    }
}
