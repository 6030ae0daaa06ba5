package io.nuthatch.persistence;

import io.nuthatch.memory.Bytes;
import io.nuthatch.store.Entry;
import io.nuthatch.store.PendingEntry;
import io.nuthatch.store.StreamConsumer;
import io.nuthatch.store.StreamCursor;
import io.nuthatch.store.StreamGroup;
import io.nuthatch.store.StreamId;
import io.nuthatch.store.StreamValue;

/// A stream as the commands that make it:
///
/// ```
///   XADD key id field value ...                               each entry; of an empty stream one that goes at once
///   XSETID key id ENTRIESADDED n MAXDELETEDID id
///   XGROUP CREATE key group id ENTRIESREAD n                  each group
///   XGROUP CREATECONSUMER key group consumer                  each consumer
///   XCLAIM key group consumer 0 id TIME ms RETRYCOUNT n JUSTID FORCE        what is pending
/// ```
final class StreamForm {
    private StreamForm() {}

    /// @param cursor for the stream's entries
    static void tell(Bytes key, Entry entry, StreamCursor cursor, CommandWriter commands) {
        StreamValue stream = StreamValue.of(entry);
        if (stream.length() == 0) {
            commands.command("XADD", 7).word(key).word("MAXLEN").word(0).word("0-1");
            commands.word("x").word("y");
        }
        cursor.forwards(stream, StreamId.MIN, StreamId.MAX);
        while (cursor.next()) {
            commands.command("XADD", 3 + 2L * cursor.fields()).word(key).word(cursor.idText());
            while (cursor.nextField()) {
                commands.word(cursor.field()).word(cursor.value());
            }
        }
        commands.command("XSETID", 7).word(key).word(stream.lastId().toString());
        commands.word("ENTRIESADDED").word(stream.entriesAdded());
        commands.word("MAXDELETEDID").word(stream.maxDeletedId().toString());
        for (StreamGroup group = stream.firstGroup(); group != null; group = group.next()) {
            tell(key, group, commands);
        }
    }

    private static void tell(Bytes key, StreamGroup group, CommandWriter commands) {
        Bytes name = group.name(new Bytes());
        commands.command("XGROUP", 7).word("CREATE").word(key).word(name);
        commands.word(group.lastId().toString()).word("ENTRIESREAD").word(group.entriesRead());
        for (StreamConsumer each = group.firstConsumer(); each != null; each = each.next()) {
            tell(key, name, each, commands);
        }
    }

    private static void tell(Bytes key, Bytes group, StreamConsumer consumer, CommandWriter commands) {
        Bytes name = consumer.name(new Bytes());
        commands.command("XGROUP", 5)
                .word("CREATECONSUMER")
                .word(key)
                .word(group)
                .word(name);
        PendingEntry pending = consumer.pending();
        for (boolean more = pending.seek(StreamId.MIN); more; more = pending.next()) {
            commands.command("XCLAIM", 12).word(key).word(group).word(name).word(0);
            commands.word(pending.id().toString()).word("TIME").word(pending.deliveredMs());
            commands.word("RETRYCOUNT").word(pending.deliveries());
            commands.word("JUSTID").word("FORCE");
        }
    }
}
