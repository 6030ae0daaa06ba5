package io.nuthatch.commands;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;
import io.nuthatch.engine.Wait;
import io.nuthatch.memory.Bytes;
import io.nuthatch.resp.ReplySink;
import io.nuthatch.store.Entry;
import io.nuthatch.store.KeyEvent;
import io.nuthatch.store.PendingEntry;
import io.nuthatch.store.StreamConsumer;
import io.nuthatch.store.StreamCursor;
import io.nuthatch.store.StreamGroup;
import io.nuthatch.store.StreamId;
import io.nuthatch.store.StreamValue;
import io.nuthatch.store.Tx;
import io.nuthatch.store.Type;
import org.jspecify.annotations.Nullable;

/// A call of XREAD or XREADGROUP: its words, then what they bring to light.
///
/// The reply is a map from the keys to their entries, in RESP2 an array of pairs, with those keys only that
/// have any; without any such key there is no reply, and the call is over or waits.
final class StreamReading {
    private static final CommandError GROUP_NEEDED = CommandError.of("ERR Missing GROUP option for XREADGROUP");
    private static final CommandError NEGATIVE_IDLE = CommandError.of("ERR min-idle-time must be a positive integer");
    private static final CommandError BAD_IDLE = CommandError.of("ERR min-idle-time is not an integer or out of range");
    private static final CommandError GROUP_FOR_NEW = CommandError.of("ERR The > ID can be specified only when "
            + "calling XREADGROUP using the GROUP <group> <consumer> option.");
    private static final CommandError BAD_MAXCOUNT = CommandError.of("ERR MAXCOUNT must be a positive integer");
    private static final CommandError SMALL_MAXCOUNT =
            CommandError.of("ERR MAXCOUNT must be greater than or equal to COUNT");
    private static final CommandError BAD_MAXSIZE = CommandError.of("ERR MAXSIZE must be a positive integer");

    private static final long NOT_SAID = -1;

    /// From here on XREADGROUP's key specification looks for STREAMS.
    private static final int FIRST_KEYWORD = 4;

    /// The words; those that the engine has kept, when it has waited.
    private Args args;

    private final boolean hasGroup;
    private long count;
    private long maxCount = Long.MAX_VALUE;
    private long maxBytes = Long.MAX_VALUE;
    private long timeoutMs = NOT_SAID;
    private long minIdleMs = NOT_SAID;
    private int groupAt;
    private boolean acknowledges;
    private int keysAt;
    private int keys;

    /// What each stream is read after; [StreamId#MAX] for what no consumer of the group has been given.
    private StreamId[] after = {};

    private @Nullable StreamGroup[] groups = {};

    /// While the reply is written: how many entries it has, and where it began.
    private long emitted;

    private long startBytes;

    private final long nowMs;

    private StreamReading(Args args, boolean hasGroup, long nowMs) {
        this.args = args;
        this.hasGroup = hasGroup;
        this.nowMs = nowMs;
    }

    /// Answers a call, or says what it waits for; an error leaves everything as it was.
    static @Nullable Wait run(Args args, boolean hasGroup, Tx tx, ReplySink reply) {
        StreamReading reading = new StreamReading(args, hasGroup, tx.nowMs());
        reading.parse();
        reading.resolve(tx);
        if (reading.reply(0, reading.keys, tx, reply)) {
            return null;
        }
        if (reading.timeoutMs == NOT_SAID) {
            reply.nullArray();
            return null;
        }
        return reading.toWait();
    }

    private Wait toWait() {
        groups = new @Nullable StreamGroup[keys];
        Wait wait = Wait.forKeys(Type.STREAM, keysAt, keysAt + keys - 1, timeoutMs, this::again);
        if (!hasGroup) {
            return wait;
        }
        return minIdleMs == NOT_SAID
                ? wait.mindingEndings()
                : wait.mindingEndings().ripening(minIdleMs, this::ripeMs);
    }

    /// When the entry of a key's group that was delivered the longest ago can be claimed.
    private long ripeMs(int key, Args words, Tx tx) {
        args = words;
        StreamValue stream = StreamLookup.stream(tx.find(args.bytes(key)));
        StreamGroup group = StreamLookup.find(stream, args, groupAt);
        if (stream == null || group == null) {
            return Wait.NEVER_MS;
        }
        PendingEntry oldest = group.pending();
        if (!oldestThere(stream, oldest, tx)) {
            return Wait.NEVER_MS;
        }
        long ripeMs = oldest.deliveredMs() + minIdleMs;
        return ripeMs < minIdleMs ? Wait.NEVER_MS : ripeMs;
    }

    /// Goes to the pending entry that was delivered the longest ago, of those that the stream still has.
    private static boolean oldestThere(StreamValue stream, PendingEntry pending, Tx tx) {
        for (boolean more = pending.oldest(); more; more = pending.newer()) {
            if (stream.has(pending.id(), tx.streamCursor())) {
                return true;
            }
        }
        return false;
    }

    /// A key has changed: another attempt, with that key alone.
    private boolean again(int key, Args words, Tx tx, ReplySink reply) {
        args = words;
        int index = key - keysAt;
        resolve(index, tx);
        return reply(index, index + 1, tx, reply);
    }

    // -------------------------------------------------------------------------------------------------- the words

    /// Whether the word `streams` stands before the keys where XREADGROUP has a name or a number, so that its key
    /// specification is led astray.
    static boolean hidesKeys(Args args) {
        int at = 1;
        while (at < args.count() && !args.is(at, "streams")) {
            int end = at + (args.is(at, "group") ? 3 : args.is(at, "noack") ? 1 : 2);
            while (++at < end) {
                if (at >= FIRST_KEYWORD && at < args.count() && args.is(at, "streams")) {
                    return true;
                }
            }
        }
        return at < FIRST_KEYWORD;
    }

    private void parse() {
        int at = 1;
        while (keysAt == 0 && at < args.count()) {
            at = option(at) + 1;
        }
        if (keysAt == 0) {
            throw CommandError.SYNTAX;
        }
        if (hasGroup && groupAt == 0) {
            throw GROUP_NEEDED;
        }
        if (maxCount < count) {
            throw SMALL_MAXCOUNT;
        }
    }

    /// @return the option's last word
    private int option(int at) {
        boolean more = at + 1 < args.count();
        if (more && args.is(at, "block")) {
            timeoutMs = args.timeoutInMs(at + 1, nowMs);
        } else if (more && args.is(at, "count")) {
            count = Math.max(0, args.integer(at + 1));
        } else if (more && args.is(at, "maxcount")) {
            maxCount = args.integer(at + 1, 1, Long.MAX_VALUE, BAD_MAXCOUNT);
        } else if (more && args.is(at, "maxsize")) {
            maxBytes = args.integer(at + 1, 1, Long.MAX_VALUE, BAD_MAXSIZE);
        } else if (more && args.is(at, "claim")) {
            groupOnly("CLAIM");
            minIdleMs = args.integer(at + 1, Long.MIN_VALUE, Long.MAX_VALUE, BAD_IDLE);
            if (minIdleMs < 0) {
                throw NEGATIVE_IDLE;
            }
        } else if (more && args.is(at, "streams")) {
            streams(at + 1);
        } else if (at + 2 < args.count() && args.is(at, "group")) {
            groupOnly("GROUP");
            groupAt = at + 1;
            return at + 2;
        } else if (args.is(at, "noack")) {
            groupOnly("NOACK");
            acknowledges = true;
            return at;
        } else {
            throw CommandError.SYNTAX;
        }
        return at + 1;
    }

    private void groupOnly(String option) {
        if (!hasGroup) {
            throw CommandError.of(
                    "ERR The " + option + " option is only supported by XREADGROUP. You called XREAD instead.");
        }
    }

    private void streams(int from) {
        keysAt = from;
        keys = (args.count() - from) / 2;
        if ((args.count() - from) % 2 != 0) {
            throw CommandError.of("ERR Unbalanced '" + (hasGroup ? "xreadgroup" : "xread")
                    + "' list of streams: for each stream key an "
                    + (hasGroup ? "ID or '>'" : "ID, '+', or '$'") + " must be specified.");
        }
    }

    // -------------------------------------------------------------------------------------------------- what there is

    /// Looks all streams up, and says after which ID each is read.
    private void resolve(Tx tx) {
        after = new StreamId[keys];
        groups = new @Nullable StreamGroup[keys];
        for (int i = 0; i < keys; i++) {
            StreamValue stream = resolve(i, tx);
            after[i] = after(args.bytes(keysAt + keys + i), stream, tx.streamCursor());
        }
    }

    /// Looks a stream up, and its group.
    private @Nullable StreamValue resolve(int index, Tx tx) {
        Bytes key = args.bytes(keysAt + index);
        StreamValue stream = StreamLookup.stream(hasGroup ? tx.write(key) : tx.read(key));
        if (hasGroup) {
            groups[index] = StreamLookup.find(stream, args, groupAt);
            if (groups[index] == null) {
                throw StreamLookup.noSuchKeyOrGroup(
                        args.cited(keysAt + index), args.cited(groupAt), " in XREADGROUP with GROUP option");
            }
        }
        return stream;
    }

    private StreamId after(Bytes word, @Nullable StreamValue stream, StreamCursor cursor) {
        if (StreamIds.isMark(word, '$')) {
            notOfGroup('$');
            return stream == null ? StreamId.MIN : stream.lastId();
        }
        if (StreamIds.isMark(word, '+')) {
            notOfGroup('+');
            return stream == null || stream.length() == 0
                    ? StreamId.MIN
                    : stream.lastEntryId(cursor).previous();
        }
        if (StreamIds.isMark(word, '>')) {
            if (!hasGroup) {
                throw GROUP_FOR_NEW;
            }
            return StreamId.MAX;
        }
        return StreamIds.read(word);
    }

    private void notOfGroup(char mark) {
        if (hasGroup) {
            throw CommandError.of("ERR The " + mark + " ID is meaningless in the context of XREADGROUP: you want to "
                    + "read the history of this consumer by specifying a proper ID, or use the > ID to get new "
                    + "messages. The " + mark + " ID would just return an empty result set.");
        }
    }

    // -------------------------------------------------------------------------------------------------- the reply

    /// Writes what some of the streams have.
    ///
    /// @return whether there is anything
    private boolean reply(int from, int to, Tx tx, ReplySink reply) {
        startBytes = reply.writtenBytes();
        long opened = 0;
        int found = 0;
        for (int i = from; i < to; i++) {
            Entry entry = tx.find(args.bytes(keysAt + i));
            if (entry == null || emitted >= maxCount || emitted > 0 && isTooLong(reply)) {
                continue;
            }
            StreamValue stream = StreamValue.of(entry);
            StreamGroup group = groups[i];
            Source source = group == null
                    ? new Plain(stream, after[i])
                    : Source.of(this, target(i, group, stream, entry, tx), after[i], tx);
            if (source.isEmpty(tx)) {
                continue;
            }
            if (found++ == 0) {
                opened = reply.openArray();
            }
            if (reply.protocol() == 2) {
                reply.array(2);
            }
            reply.bulk(args.bytes(keysAt + i));
            long entries = reply.openArray();
            reply.closeArray(entries, Math.toIntExact(source.write(this, tx, reply)));
        }
        if (found > 0 && reply.protocol() == 2) {
            reply.closeArray(opened, found);
        } else if (found > 0) {
            reply.closeMap(opened, found);
        }
        return found > 0;
    }

    /// Who reads what: a consumer of a group, made if it is not there.
    private record Target(Bytes key, StreamValue stream, StreamGroup group, StreamConsumer consumer, Entry entry) {}

    private Target target(int index, StreamGroup group, StreamValue stream, Entry entry, Tx tx) {
        Bytes key = args.bytes(keysAt + index);
        Bytes name = args.bytes(groupAt + 1);
        StreamConsumer consumer = group.consumer(name);
        if (consumer == null) {
            consumer = group.addConsumer(name, tx.nowMs());
            entry.changed(KeyEvent.XGROUP_CREATECONSUMER);
            StreamEffects.created(key, group, consumer, tx);
        }
        consumer.seenMs(tx.nowMs());
        return new Target(key, stream, group, consumer, entry);
    }

    /// Whether one more entry may be written, after `written` of the same stream.
    private boolean hasRoom(long written, ReplySink reply) {
        return (count == 0 || written < count) && emitted < maxCount && !(emitted > 0 && isTooLong(reply));
    }

    private boolean isTooLong(ReplySink reply) {
        return maxBytes != Long.MAX_VALUE && reply.writtenBytes() - startBytes >= maxBytes;
    }

    /// What one stream has to tell.
    private sealed interface Source {
        /// Whether it is left out.
        boolean isEmpty(Tx tx);

        /// Writes its entries. Returns how many.
        long write(StreamReading reading, Tx tx, ReplySink reply);

        static Source of(StreamReading reading, Target target, StreamId after, Tx tx) {
            if (!after.equals(StreamId.MAX)) {
                return new History(target, after);
            }
            StreamValue stream = target.stream;
            boolean hasNew =
                    stream.length() > 0 && stream.lastEntryId(tx.streamCursor()).isAfter(target.group.lastId());
            return new New(target, reading.minIdleMs, hasNew);
        }
    }

    /// The entries after an ID.
    private record Plain(StreamValue stream, StreamId after) implements Source {
        @Override
        public boolean isEmpty(Tx tx) {
            return stream.length() == 0
                    || !stream.lastEntryId(tx.streamCursor()).isAfter(after);
        }

        @Override
        public long write(StreamReading reading, Tx tx, ReplySink reply) {
            StreamCursor cursor = tx.streamCursor().forwards(stream, after.next(), StreamId.MAX);
            long written = 0;
            while (reading.hasRoom(written, reply) && cursor.next()) {
                StreamReplies.entry(cursor, reply);
                written++;
                reading.emitted++;
            }
            return written;
        }
    }

    /// What a consumer has been given and not acknowledged, after an ID. Of what is gone from the stream the ID is
    /// told.
    private record History(Target target, StreamId after) implements Source {
        @Override
        public boolean isEmpty(Tx tx) {
            return false;
        }

        @Override
        public long write(StreamReading reading, Tx tx, ReplySink reply) {
            StreamCursor cursor = tx.streamCursor();
            PendingEntry pending = target.consumer.pending();
            long written = 0;
            boolean redelivered = false;
            boolean more = pending.seek(after.next());
            while (more && reading.hasRoom(written, reply)) {
                StreamId id = pending.id();
                if (StreamReplies.entry(target.stream, id, cursor, reply)) {
                    pending.countDelivery();
                    pending.redeliver(tx.nowMs());
                    StreamEffects.delivered(target.key, target.group, target.consumer, pending, tx);
                    redelivered = true;
                } else {
                    reply.array(2);
                    StreamReplies.id(id, cursor, reply);
                    reply.nullArray();
                }
                written++;
                reading.emitted++;
                more = pending.next();
            }
            if (redelivered) {
                target.entry.changed(KeyEvent.PENDING);
            }
            return written;
        }
    }

    /// What no consumer of the group has been given; before it, with CLAIM, what others have had for too long.
    ///
    /// @param minIdleMs CLAIM's, or NOT_SAID
    private record New(Target target, long minIdleMs, boolean hasNew) implements Source {
        private boolean claims() {
            return minIdleMs != NOT_SAID;
        }

        @Override
        public boolean isEmpty(Tx tx) {
            return !hasNew && !(claims() && hasClaimable(tx));
        }

        private boolean hasClaimable(Tx tx) {
            PendingEntry pending = target.group.pending();
            return oldestThere(target.stream, pending, tx) && isIdle(pending, tx);
        }

        private boolean isIdle(PendingEntry pending, Tx tx) {
            return tx.nowMs() - pending.deliveredMs() >= minIdleMs;
        }

        @Override
        public long write(StreamReading reading, Tx tx, ReplySink reply) {
            long written = claims() ? claim(reading, tx, reply) : 0;
            if (hasNew) {
                written += deliver(reading, written, tx, reply);
            }
            if (written > 0) {
                target.entry.changed(KeyEvent.PENDING);
            }
            return written;
        }

        private long claim(StreamReading reading, Tx tx, ReplySink reply) {
            StreamCursor cursor = tx.streamCursor();
            PendingEntry pending = target.group.pending();
            long written = 0;
            // What is claimed goes to the end of the list: it must not come up again.
            long left = target.group.pendingCount();
            boolean more = pending.oldest();
            while (more && left-- > 0 && isIdle(pending, tx) && reading.hasRoom(written, reply)) {
                if (target.stream.has(pending.id(), cursor)) {
                    reply.array(4);
                    StreamReplies.idAndFields(cursor, reply);
                    reply.integer(tx.nowMs() - pending.deliveredMs());
                    reply.integer(pending.deliveries());
                    pending.countDelivery();
                    pending.give(target.consumer, tx.nowMs());
                    target.consumer.activeMs(tx.nowMs());
                    StreamEffects.delivered(target.key, target.group, target.consumer, pending, tx);
                    written++;
                    reading.emitted++;
                }
                more = pending.newer();
            }
            return written;
        }

        private long deliver(StreamReading reading, long before, Tx tx, ReplySink reply) {
            StreamGroup group = target.group;
            StreamCursor cursor = group.unread(tx.streamCursor());
            long written = 0;
            boolean more = false;
            while (reading.hasRoom(before + written, reply) && (more = cursor.next())) {
                group.hasRead(cursor);
                if (!reading.acknowledges) {
                    group.deliver(cursor, target.consumer, tx.nowMs());
                    StreamEffects.delivered(target.key, group, target.consumer, cursor.id(), tx.nowMs(), 1, tx);
                }
                reply.array(claims() ? 4 : 2);
                StreamReplies.idAndFields(cursor, reply);
                if (claims()) {
                    reply.integer(0);
                    reply.integer(0);
                }
                written++;
                reading.emitted++;
            }
            if (more) {
                group.goOnAfter(cursor);
            }
            if (written > 0) {
                StreamEffects.progressed(target.key, group, tx);
            }
            return written;
        }
    }
}
