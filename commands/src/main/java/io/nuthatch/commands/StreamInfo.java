package io.nuthatch.commands;

import io.nuthatch.memory.Bytes;
import io.nuthatch.resp.ReplySink;
import io.nuthatch.store.PendingEntry;
import io.nuthatch.store.StreamConsumer;
import io.nuthatch.store.StreamCursor;
import io.nuthatch.store.StreamGroup;
import io.nuthatch.store.StreamId;
import io.nuthatch.store.StreamProducers;
import io.nuthatch.store.StreamValue;
import java.util.OptionalLong;

/// What XINFO tells of a stream, its groups and their consumers.
final class StreamInfo {
    private static final int SUMMARY_FIELDS = 10;
    private static final int FULL_FIELDS = 9;
    private static final int PRODUCER_FIELDS = 6;

    private final StreamValue stream;
    private final StreamCursor cursor;
    private final ReplySink reply;
    private final Bytes window = new Bytes();

    StreamInfo(StreamValue stream, StreamCursor cursor, ReplySink reply) {
        this.stream = stream;
        this.cursor = cursor;
        this.reply = reply;
    }

    private void field(String name, long value) {
        reply.bulk(name);
        reply.integer(value);
    }

    private void field(String name, StreamId id) {
        reply.bulk(name);
        StreamReplies.id(id, cursor, reply);
    }

    /// XINFO STREAM.
    void summary() {
        reply.map(SUMMARY_FIELDS + producerFields());
        head();
        field("groups", stream.groupCount());
        reply.bulk("first-entry");
        edge(cursor.forwards(stream, StreamId.MIN, StreamId.MAX));
        reply.bulk("last-entry");
        edge(cursor.backwards(stream, StreamId.MIN, StreamId.MAX));
    }

    private void head() {
        field("length", stream.length());
        field("radix-tree-keys", stream.nodeCount());
        // Redis has a node of its tree for each of ours, and one on top.
        field("radix-tree-nodes", stream.nodeCount() + 1);
        field("last-generated-id", stream.lastId());
        field("max-deleted-entry-id", stream.maxDeletedId());
        field("entries-added", stream.entriesAdded());
        field("recorded-first-entry-id", stream.firstId());
        StreamProducers producers = stream.producers();
        if (producers != null) {
            field("idmp-duration", producers.durationMs() / 1000);
            field("idmp-maxsize", producers.mostTokens());
            field("pids-tracked", producers.producerCount());
            field("iids-tracked", producers.tokenCount());
            field("iids-added", producers.added());
            field("iids-duplicates", producers.duplicates());
        }
    }

    private int producerFields() {
        return stream.producers() == null ? 0 : PRODUCER_FIELDS;
    }

    private void edge(StreamCursor at) {
        if (at.next()) {
            StreamReplies.entry(at, reply);
        } else {
            reply.nullBulk();
        }
    }

    /// XINFO STREAM FULL.
    ///
    /// @param most how many entries of each kind
    void full(long most) {
        reply.map(FULL_FIELDS + producerFields());
        head();
        reply.bulk("entries");
        StreamReplies.entries(cursor.forwards(stream, StreamId.MIN, StreamId.MAX), most, reply);
        reply.bulk("groups");
        reply.array((int) stream.groupCount());
        for (StreamGroup group = stream.firstGroup(); group != null; group = group.next()) {
            full(group, most);
        }
    }

    private void full(StreamGroup group, long most) {
        reply.map(8);
        reply.bulk("name");
        reply.bulk(group.name(window));
        field("last-delivered-id", group.lastId());
        entriesRead(group);
        lag(group);
        field("pel-count", group.pendingCount());
        field("nacked-count", group.returnedCount());
        reply.bulk("pending");
        long opened = reply.openArray();
        int count = 0;
        PendingEntry pending = group.pending();
        for (boolean more = pending.seek(StreamId.MIN); more && count < most; more = pending.next()) {
            reply.array(4);
            StreamReplies.id(pending.id(), cursor, reply);
            reply.bulk(pending.consumerName(window));
            reply.integer(pending.deliveredMs());
            reply.integer(pending.deliveries());
            count++;
        }
        reply.closeArray(opened, count);
        reply.bulk("consumers");
        reply.array((int) group.consumerCount());
        for (StreamConsumer each = group.firstConsumer(); each != null; each = each.next()) {
            full(each, most);
        }
    }

    private void entriesRead(StreamGroup group) {
        reply.bulk("entries-read");
        if (group.entriesRead() == StreamGroup.UNKNOWN) {
            reply.nullBulk();
        } else {
            reply.integer(group.entriesRead());
        }
    }

    private void lag(StreamGroup group) {
        reply.bulk("lag");
        OptionalLong lag = group.lag();
        if (lag.isPresent()) {
            reply.integer(lag.getAsLong());
        } else {
            reply.nullBulk();
        }
    }

    private void full(StreamConsumer consumer, long most) {
        reply.map(5);
        reply.bulk("name");
        reply.bulk(consumer.name(window));
        field("seen-time", consumer.seenMs());
        field("active-time", consumer.activeMs());
        field("pel-count", consumer.pendingCount());
        reply.bulk("pending");
        long opened = reply.openArray();
        int count = 0;
        PendingEntry pending = consumer.pending();
        for (boolean more = pending.seek(StreamId.MIN); more && count < most; more = pending.next()) {
            reply.array(3);
            StreamReplies.id(pending.id(), cursor, reply);
            reply.integer(pending.deliveredMs());
            reply.integer(pending.deliveries());
            count++;
        }
        reply.closeArray(opened, count);
    }

    /// XINFO GROUPS.
    void groups() {
        reply.array((int) stream.groupCount());
        for (StreamGroup group = stream.firstGroup(); group != null; group = group.next()) {
            reply.map(6);
            reply.bulk("name");
            reply.bulk(group.name(window));
            field("consumers", group.consumerCount());
            field("pending", group.pendingCount());
            field("last-delivered-id", group.lastId());
            entriesRead(group);
            lag(group);
        }
    }

    /// XINFO CONSUMERS.
    void consumers(StreamGroup group, long nowMs) {
        reply.array((int) group.consumerCount());
        for (StreamConsumer each = group.firstConsumer(); each != null; each = each.next()) {
            reply.map(4);
            reply.bulk("name");
            reply.bulk(each.name(window));
            field("pending", each.pendingCount());
            field("idle", Math.max(0, nowMs - each.seenMs()));
            field("inactive", each.activeMs() == StreamConsumer.NEVER ? StreamConsumer.NEVER : nowMs - each.activeMs());
        }
    }
}
