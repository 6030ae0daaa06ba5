package io.nuthatch.commands;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;
import io.nuthatch.memory.Bytes;
import io.nuthatch.resp.ReplySink;
import io.nuthatch.store.PendingEntry;
import io.nuthatch.store.StreamConsumer;
import io.nuthatch.store.StreamCursor;
import io.nuthatch.store.StreamGroup;
import io.nuthatch.store.StreamId;
import io.nuthatch.store.StreamValue;
import io.nuthatch.store.Tx;
import java.util.ArrayList;
import java.util.List;

/// A call of XCLAIM: its words, then what they do. XAUTOCLAIM, which finds the entries itself, is a [Scan].
///
/// What is pending and gone from the stream is taken out on the way.
///
/// @param ids those that are claimed
/// @param deliveredMs when they count as delivered
/// @param retryCount RETRYCOUNT's, or -1
/// @param lastId LASTID's, or [StreamId#MIN]
record StreamClaim(
        StreamId[] ids,
        long minIdleMs,
        long deliveredMs,
        long retryCount,
        boolean forces,
        boolean justIds,
        StreamId lastId) {
    private static final CommandError BAD_IDLE_OF_CLAIM =
            CommandError.of("ERR Invalid min-idle-time argument for XCLAIM");
    private static final CommandError BAD_IDLE_OF_SCAN =
            CommandError.of("ERR Invalid min-idle-time argument for XAUTOCLAIM");
    private static final CommandError BAD_IDLE = CommandError.of("ERR Invalid IDLE option argument for XCLAIM");
    private static final CommandError BAD_TIME = CommandError.of("ERR Invalid TIME option argument for XCLAIM");
    private static final CommandError BAD_RETRY_COUNT =
            CommandError.of("ERR Invalid RETRYCOUNT option argument for XCLAIM");
    private static final CommandError BAD_COUNT = CommandError.of("ERR COUNT must be > 0");

    private static final int FIRST_ID = 5;

    private static long integer(Args args, int index, CommandError otherwise) {
        return args.integer(index, Long.MIN_VALUE, Long.MAX_VALUE, otherwise);
    }

    /// Reads the words from the time on: IDs, up to a word that is none, then options.
    static StreamClaim parse(Args args, long nowMs) {
        long minIdleMs = Math.max(0, integer(args, 4, BAD_IDLE_OF_CLAIM));
        int end = FIRST_ID;
        while (end < args.count() && StreamIds.find(args, end) != null) {
            end++;
        }
        long deliveredMs = -1;
        long retryCount = -1;
        boolean forces = false;
        boolean justIds = false;
        StreamId lastId = StreamId.MIN;
        for (int i = end; i < args.count(); i++) {
            boolean more = i + 1 < args.count();
            if (args.is(i, "force")) {
                forces = true;
            } else if (args.is(i, "justid")) {
                justIds = true;
            } else if (more && args.is(i, "idle")) {
                deliveredMs = nowMs - integer(args, ++i, BAD_IDLE);
            } else if (more && args.is(i, "time")) {
                deliveredMs = integer(args, ++i, BAD_TIME);
            } else if (more && args.is(i, "retrycount")) {
                retryCount = integer(args, ++i, BAD_RETRY_COUNT);
            } else if (more && args.is(i, "lastid")) {
                lastId = StreamIds.read(args, ++i);
            } else {
                throw CommandError.of("ERR Unrecognized XCLAIM option '" + args.cited(i) + "'");
            }
        }
        // A client's clock may be wrong: what is not in the past is now.
        boolean isPast = deliveredMs >= 0 && deliveredMs <= nowMs;
        StreamId[] ids = StreamIds.readAll(args, FIRST_ID, end);
        return new StreamClaim(ids, minIdleMs, isPast ? deliveredMs : nowMs, retryCount, forces, justIds, lastId);
    }

    /// LASTID: the group goes on after it. Returns whether it had not come so far.
    boolean advance(StreamGroup group) {
        boolean advances = lastId.isAfter(group.lastId());
        if (advances) {
            group.lastId(lastId);
        }
        return advances;
    }

    /// Whether what it claims counts as delivered before now, so that others may claim it earlier.
    boolean isBackdated(long nowMs) {
        return deliveredMs < nowMs;
    }

    /// @return whether anything has changed
    boolean run(Bytes key, StreamValue stream, StreamGroup group, StreamConsumer consumer, Tx tx, ReplySink reply) {
        StreamCursor cursor = tx.streamCursor();
        PendingEntry pending = group.pending();
        long opened = reply.openArray();
        int claimed = 0;
        boolean changed = false;
        for (StreamId id : ids) {
            boolean isPending = pending.find(id);
            if (!stream.has(id, cursor)) {
                if (isPending) {
                    pending.acknowledge();
                    StreamEffects.forgotten(key, group, id, tx);
                    changed = true;
                }
                continue;
            }
            if (isPending ? isTooFresh(pending, minIdleMs, tx.nowMs()) : !forces) {
                continue;
            }
            if (!isPending) {
                pending.add(id, tx.nowMs(), 1);
            }
            if (retryCount >= 0) {
                pending.deliveries(retryCount);
            } else if (!justIds) {
                pending.countDelivery();
            }
            pending.give(consumer, deliveredMs);
            consumer.activeMs(tx.nowMs());
            StreamEffects.delivered(key, group, consumer, pending, tx);
            reply(cursor, reply);
            claimed++;
        }
        reply.closeArray(opened, claimed);
        return changed || claimed > 0;
    }

    /// The entry at the cursor.
    private void reply(StreamCursor cursor, ReplySink reply) {
        if (justIds) {
            reply.bulk(cursor.idText());
        } else {
            StreamReplies.entry(cursor, reply);
        }
    }

    private static boolean isTooFresh(PendingEntry pending, long minIdleMs, long nowMs) {
        return pending.isOwned() && minIdleMs != 0 && nowMs - pending.deliveredMs() < minIdleMs;
    }

    /// A call of XAUTOCLAIM.
    ///
    /// @param start the first ID
    /// @param count how many are claimed or taken out at the most
    record Scan(long minIdleMs, StreamId start, long count, boolean justIds) {
        private static final long USUAL_COUNT = 100;

        /// So many entries are looked at for each that is to be claimed.
        private static final long ATTEMPTS = 10;

        private static final long MAX_COUNT = Long.MAX_VALUE / 16;

        static Scan parse(Args args) {
            long minIdleMs = Math.max(0, integer(args, 4, BAD_IDLE_OF_SCAN));
            StreamId start = StreamIds.start(args, 5);
            long count = USUAL_COUNT;
            boolean justIds = false;
            for (int i = 6; i < args.count(); i++) {
                if (args.is(i, "count") && i + 1 < args.count()) {
                    count = args.integer(++i, 1, MAX_COUNT, BAD_COUNT);
                } else if (args.is(i, "justid")) {
                    justIds = true;
                } else {
                    throw CommandError.SYNTAX;
                }
            }
            return new Scan(minIdleMs, start, count, justIds);
        }

        /// The reply begins with where to go on, which is known when all has been done: so entries are written
        /// last.
        ///
        /// @return whether anything has changed
        boolean run(Bytes key, StreamValue stream, StreamGroup group, StreamConsumer consumer, Tx tx, ReplySink reply) {
            StreamCursor cursor = tx.streamCursor();
            List<StreamId> claimed = new ArrayList<>();
            List<StreamId> gone = new ArrayList<>();
            PendingEntry pending = group.pending();
            long attempts = count * ATTEMPTS;
            boolean more = pending.seek(start);
            while (more && attempts-- > 0 && claimed.size() + gone.size() < count) {
                StreamId id = pending.id();
                if (!stream.has(id, cursor)) {
                    pending.acknowledge();
                    StreamEffects.forgotten(key, group, id, tx);
                    gone.add(id);
                    more = pending.seek(id);
                    continue;
                }
                if (!isTooFresh(pending, minIdleMs, tx.nowMs())) {
                    if (!justIds) {
                        pending.countDelivery();
                    }
                    pending.give(consumer, tx.nowMs());
                    consumer.activeMs(tx.nowMs());
                    StreamEffects.delivered(key, group, consumer, pending, tx);
                    claimed.add(id);
                }
                more = pending.next();
            }
            reply.array(3);
            StreamReplies.id(more ? pending.id() : StreamId.MIN, cursor, reply);
            reply.array(claimed.size());
            for (StreamId id : claimed) {
                reply(id, stream, cursor, reply);
            }
            reply.array(gone.size());
            gone.forEach(id -> StreamReplies.id(id, cursor, reply));
            return !claimed.isEmpty() || !gone.isEmpty();
        }

        private void reply(StreamId id, StreamValue stream, StreamCursor cursor, ReplySink reply) {
            if (justIds) {
                StreamReplies.id(id, cursor, reply);
            } else {
                StreamReplies.entry(stream, id, cursor, reply);
            }
        }
    }
}
