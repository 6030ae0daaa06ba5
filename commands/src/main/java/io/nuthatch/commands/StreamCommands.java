package io.nuthatch.commands;

import static io.nuthatch.engine.Command.container;
import static io.nuthatch.engine.Command.help;
import static io.nuthatch.engine.Command.row;
import static io.nuthatch.engine.CommandFlag.BLOCKING;
import static io.nuthatch.engine.CommandFlag.DENYOOM;
import static io.nuthatch.engine.CommandFlag.FAST;
import static io.nuthatch.engine.CommandFlag.READONLY;
import static io.nuthatch.engine.CommandFlag.WRITE;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;
import io.nuthatch.engine.Family;
import io.nuthatch.engine.KeySpec;
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
import io.nuthatch.store.StreamValue.Deletion;
import io.nuthatch.store.StreamValue.References;
import io.nuthatch.store.StreamValue.Trim;
import io.nuthatch.store.Tx;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Streams: the table, then the bodies in the same order.
///
/// An entry is a reply of two elements, its ID and its fields with their values ([StreamReplies]). What only a
/// few commands have is elsewhere: the options of XADD and XTRIM ([StreamTrimming]), of XCLAIM ([StreamClaim]),
/// what is named by who adds it ([StreamNames]), XREAD and XREADGROUP as a whole ([StreamReading]), XINFO's
/// replies ([StreamInfo]).
@SuppressWarnings("StaticAssignmentOfThrowable") // They have neither stack trace nor suppressed exceptions to keep.
public final class StreamCommands {
    private static final CommandError ZERO_ID =
            CommandError.of("ERR The ID specified in XADD must be greater than 0-0");
    private static final CommandError LOW_ID =
            CommandError.of("ERR The ID specified in XADD is equal or smaller than the target stream top item");
    private static final CommandError NO_ID_LEFT =
            CommandError.of("ERR The stream has exhausted the last possible ID, unable to add more items");
    private static final CommandError ENTRY_TOO_LARGE = CommandError.of("ERR Elements are too large to be stored");
    private static final CommandError KEY_NEEDED = CommandError.of("ERR The XGROUP subcommand requires the key to "
            + "exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream "
            + "automatically.");
    private static final CommandError BUSY_GROUP = CommandError.of("BUSYGROUP Consumer Group name already exists");
    private static final CommandError BAD_ENTRIES_READ =
            CommandError.of("ERR value for ENTRIESREAD must be positive or -1");
    private static final CommandError BAD_ENTRIES_ADDED = CommandError.of("ERR entries_added must be positive");
    private static final CommandError BELOW_GIVEN_DELETED =
            CommandError.of("ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id");
    private static final CommandError BELOW_DELETED =
            CommandError.of("ERR The ID specified in XSETID is smaller than current max_deleted_entry_id");
    private static final CommandError BELOW_TOP =
            CommandError.of("ERR The ID specified in XSETID is smaller than the target stream top item");
    private static final CommandError FEWER_THAN_LENGTH =
            CommandError.of("ERR The entries_added specified in XSETID is smaller than the target stream length");
    private static final CommandError NUMIDS_NOT_POSITIVE =
            CommandError.of("ERR Number of IDs must be a positive integer");
    private static final CommandError WRONG_NUMIDS =
            CommandError.of("ERR The `numids` parameter must match the number of arguments");
    private static final CommandError IDS_NEEDED = CommandError.of("ERR IDS option is required");
    private static final CommandError BAD_NACK_MODE = CommandError.of("ERR mode must be SILENT, FAIL, or FATAL");
    private static final CommandError NACK_NUMIDS_NOT_POSITIVE =
            CommandError.of("ERR numids must be a positive integer");
    private static final CommandError WRONG_NACK_NUMIDS = CommandError.of("ERR number of IDs doesn't match numids");
    private static final CommandError NACK_IDS_NEEDED = CommandError.of("ERR syntax error, expected IDS keyword");
    private static final CommandError BAD_RETRY_COUNT = CommandError.of("ERR Invalid RETRYCOUNT value, must be >= 0");

    private static final int USUAL_INFO_COUNT = 10;

    private StreamCommands() {}

    public static Family family() {
        return Family.of(
                "stream",
                Set.of("stream"),
                row("XACK @key group id [id ...]")
                        .is(WRITE, FAST)
                        .keys("RW update")
                        .since("5.0.0")
                        .brief("Acknowledges entries of a stream that a consumer of a group has been given.")
                        .cost("O(log N) for each ID, N being the number of pending entries.")
                        .does(StreamCommands::xAck),
                row("XACKDEL @key group [KEEPREF | DELREF | ACKED] IDS numids id [id ...]")
                        .is(WRITE, FAST)
                        .keys("RW update delete")
                        .since("8.2.0")
                        .brief("Acknowledges entries of a stream and deletes them.")
                        .cost("O(log N) for each ID, N being the size of the stream.")
                        .does(StreamCommands::xAckDel),
                row("XADD @key [NOMKSTREAM] [KEEPREF | DELREF | ACKED] [<IDMPAUTO pid | IDMP pid iid>] "
                                + "[<MAXLEN | MINID> [= | ~] threshold [LIMIT count]] <* | id> "
                                + "field value [field value ...]")
                        .is(WRITE, DENYOOM, FAST)
                        .keys("RW update")
                        .tips("nondeterministic_output")
                        .since("5.0.0")
                        .brief("Adds an entry to a stream. Creates the key if it doesn't exist.")
                        .cost("O(log N), N being the size of the stream, and O(M) to trim M entries.")
                        .does(StreamCommands::xAdd),
                row("XAUTOCLAIM @key group consumer min-idle-time start [COUNT count] [JUSTID]")
                        .is(WRITE, FAST)
                        .keys("RW delete")
                        .tips("nondeterministic_output")
                        .since("6.2.0")
                        .brief("Gives a consumer what others of its group have not acknowledged for some time.")
                        .cost("O(log N + M), N being the number of pending entries, M that of those looked at.")
                        .does(StreamCommands::xAutoClaim),
                row("XCFGSET @key [IDMP-DURATION idmp-duration] [IDMP-MAXSIZE idmp-maxsize]")
                        .is(WRITE, FAST)
                        .keys("RW update")
                        .since("8.6.0")
                        .brief("Sets for how long and how many names that XADD IDMP gave a stream keeps.")
                        .cost("O(N), N being the number of names, which a change clears.")
                        .does(StreamNames::xCfgSet),
                row("XCLAIM @key group consumer min-idle-time id [id ...] [IDLE ms] [TIME unix-time-milliseconds] "
                                + "[RETRYCOUNT count] [FORCE] [JUSTID] [LASTID lastid]")
                        .is(WRITE, FAST)
                        .keys("RW update")
                        .tips("nondeterministic_output")
                        .since("5.0.0")
                        .brief("Gives a consumer entries that others of its group have not acknowledged.")
                        .cost("O(log N) for each ID, N being the number of pending entries.")
                        .does(StreamCommands::xClaim),
                row("XDEL @key id [id ...]")
                        .is(WRITE, FAST)
                        .keys("RW delete")
                        .since("5.0.0")
                        .brief("Deletes entries of a stream.")
                        .cost("O(log N) for each ID, N being the size of the stream.")
                        .does(StreamCommands::xDel),
                row("XDELEX @key [KEEPREF | DELREF | ACKED] IDS numids id [id ...]")
                        .is(WRITE, FAST)
                        .keys("RW delete")
                        .since("8.2.0")
                        .brief("Deletes entries of a stream, with a say in what groups know of them.")
                        .cost("O(log N) for each ID, N being the size of the stream.")
                        .does(StreamCommands::xDelEx),
                container("XGROUP", "5.0.0", "A container for consumer groups commands."),
                row("XGROUP CREATE @key group <id | $> [MKSTREAM] [ENTRIESREAD entries-read]")
                        .is(WRITE, DENYOOM)
                        .keys("RW insert")
                        .since("5.0.0")
                        .brief("Creates a group of consumers.")
                        .does(StreamCommands::xGroupCreate),
                row("XGROUP CREATECONSUMER @key group consumer")
                        .is(WRITE, DENYOOM)
                        .keys("RW insert")
                        .since("6.2.0")
                        .brief("Creates a consumer in a group.")
                        .does(StreamCommands::xGroupCreateConsumer),
                row("XGROUP DELCONSUMER @key group consumer")
                        .is(WRITE)
                        .keys("RW delete")
                        .since("5.0.0")
                        .brief("Removes a consumer from a group, and what it has not acknowledged.")
                        .cost("O(M log N), M being what the consumer has not acknowledged, N all such entries.")
                        .does(StreamCommands::xGroupDelConsumer),
                row("XGROUP DESTROY @key group")
                        .is(WRITE)
                        .keys("RW delete")
                        .since("5.0.0")
                        .brief("Removes a group.")
                        .cost("O(N), N being the number of its pending entries.")
                        .does(StreamCommands::xGroupDestroy),
                help("XGROUP", "5.0.0"),
                row("XGROUP SETID @key group <id | $> [ENTRIESREAD entries-read]")
                        .is(WRITE)
                        .keys("RW update")
                        .since("5.0.0")
                        .brief("Sets the ID after which a group goes on.")
                        .does(StreamCommands::xGroupSetId),
                row("XIDMPRECORD @key pid iid stream-id")
                        .is(WRITE, DENYOOM, FAST)
                        .keys("RW update")
                        .since("8.6.2")
                        .brief("Records what a producer has called an entry of a stream: an internal command.")
                        .cost("O(log N), N being the size of the stream.")
                        .does(StreamNames::xIdmpRecord),
                container("XINFO", "5.0.0", "A container for stream introspection commands."),
                row("XINFO CONSUMERS @key group")
                        .is(READONLY)
                        .keys("RO access")
                        .tips("nondeterministic_output")
                        .since("5.0.0")
                        .brief("Returns the consumers of a group.")
                        .cost("O(N), N being the number of consumers.")
                        .does(StreamCommands::xInfoConsumers),
                row("XINFO GROUPS @key")
                        .is(READONLY)
                        .keys("RO access")
                        .since("5.0.0")
                        .brief("Returns the groups of a stream.")
                        .cost("O(N), N being the number of groups.")
                        .does(StreamCommands::xInfoGroups),
                help("XINFO", "5.0.0"),
                row("XINFO STREAM @key [FULL [COUNT count]]")
                        .is(READONLY)
                        .keys("RO access")
                        .since("5.0.0")
                        .brief("Returns what there is to know about a stream.")
                        .cost("O(1), with FULL O(N), N being the number of entries returned.")
                        .does(StreamCommands::xInfoStream),
                row("XLEN @key")
                        .is(READONLY, FAST)
                        .keys("RO")
                        .since("5.0.0")
                        .brief("Returns how many entries a stream has.")
                        .does(StreamCommands::xLen),
                row("XNACK @key group <SILENT | FAIL | FATAL> IDS numids id [id ...] [RETRYCOUNT count] [FORCE]")
                        .is(WRITE, FAST)
                        .keys("RW update")
                        .since("8.8.0")
                        .brief("Returns entries that were not processed to their group, for others to claim.")
                        .cost("O(log N) for each ID, N being the number of pending entries.")
                        .does(StreamCommands::xNack),
                row("XPENDING @key group [[IDLE min-idle-time] start end count [consumer]]")
                        .is(READONLY)
                        .keys("RO access")
                        .tips("nondeterministic_output")
                        .since("5.0.0")
                        .brief("Returns what has been delivered to the consumers of a group and not acknowledged.")
                        .cost("O(log N + M), N being the number of pending entries, M that of those looked at.")
                        .does(StreamCommands::xPending),
                row("XRANGE @key start end [COUNT count]")
                        .is(READONLY)
                        .keys("RO access")
                        .since("5.0.0")
                        .brief("Returns the entries of a stream within a range of IDs.")
                        .cost("O(log N + M), N being the size of the stream, M the number of entries returned.")
                        .does(StreamCommands::xRange),
                row("XREAD [COUNT count] [MAXCOUNT maxcount] [MAXSIZE maxsize] [BLOCK milliseconds] "
                                + "STREAMS @key [@key ...] id [id ...]")
                        .is(READONLY, BLOCKING)
                        .keySpec(new KeySpec.Begin.Keyword("STREAMS", 1), new KeySpec.Find.Range(-1, 1, 2), "RO access")
                        .atLeast(4)
                        .since("5.0.0")
                        .brief("Returns the entries of streams after some IDs.")
                        .cost("O(log N + M) for each stream, N being its size, M the number of entries returned.")
                        .waits(StreamCommands::xRead),
                row("XREADGROUP <GROUP group consumer> [COUNT count] [MAXCOUNT maxcount] [MAXSIZE maxsize] "
                                + "[BLOCK milliseconds] [CLAIM min-idle-time] [NOACK] "
                                + "STREAMS @key [@key ...] id [id ...]")
                        .is(WRITE, BLOCKING)
                        .keySpec(new KeySpec.Begin.Keyword("STREAMS", 4), new KeySpec.Find.Range(-1, 1, 2), "RO access")
                        .reachesAnyKey(StreamReading::hidesKeys)
                        .atLeast(7)
                        .since("5.0.0")
                        .brief("Returns entries of streams to a consumer of a group: new ones, or its own again.")
                        .cost("O(log N + M) for each stream, N being its size, M the number of entries returned.")
                        .waits(StreamCommands::xReadGroup),
                row("XREVRANGE @key end start [COUNT count]")
                        .is(READONLY)
                        .keys("RO access")
                        .since("5.0.0")
                        .brief("Returns the entries of a stream within a range of IDs, the last one first.")
                        .cost("O(log N + M), N being the size of the stream, M the number of entries returned.")
                        .does(StreamCommands::xRevRange),
                row("XSETID @key last-id [ENTRIESADDED entries-added] [MAXDELETEDID max-deleted-id]")
                        .is(WRITE, DENYOOM, FAST)
                        .keys("RW update")
                        .since("5.0.0")
                        .brief("Sets the last ID of a stream: an internal command.")
                        .does(StreamCommands::xSetId),
                row("XTRIM @key <MAXLEN | MINID> [= | ~] threshold [LIMIT count] [KEEPREF | DELREF | ACKED]")
                        .is(WRITE)
                        .keys("RW delete")
                        .tips("nondeterministic_output")
                        .since("5.0.0")
                        .brief("Deletes the first entries of a stream.")
                        .cost("O(N), N being the number of entries deleted; whole nodes go at once.")
                        .does(StreamCommands::xTrim));
    }

    private static @Nullable StreamValue read(Args args, Tx tx) {
        return StreamLookup.stream(tx.read(args.bytes(1)));
    }

    /// The consumer that a word names, made if it is not there.
    private static StreamConsumer consumer(StreamGroup group, Args args, int name, Entry entry, Tx tx) {
        StreamConsumer consumer = group.consumer(args.bytes(name));
        if (consumer == null) {
            consumer = group.addConsumer(args.bytes(name), tx.nowMs());
            entry.changed(KeyEvent.XGROUP_CREATECONSUMER);
            StreamEffects.created(args.bytes(1), group, consumer, tx);
        }
        consumer.seenMs(tx.nowMs());
        return consumer;
    }

    private static void xAck(Args args, Tx tx, ReplySink reply) {
        Entry entry = tx.write(args.bytes(1));
        StreamGroup group = StreamLookup.find(StreamLookup.stream(entry), args, 2);
        if (entry == null || group == null) {
            reply.integer(0);
            return;
        }
        int acknowledged = 0;
        PendingEntry pending = group.pending();
        for (StreamId id : StreamIds.readAll(args, 3, args.count())) {
            if (pending.find(id)) {
                pending.acknowledge();
                acknowledged++;
            }
        }
        if (acknowledged > 0) {
            entry.changed(KeyEvent.PENDING);
        }
        reply.integer(acknowledged);
    }

    /// The IDs that XACKDEL and XDELEX name, and what is to become of the pending entries.
    private record Doomed(int idsAt, int count, References references) {
        static Doomed parse(Args args, int from) {
            References references = null;
            int idsAt = 0;
            int count = 0;
            int at = from;
            while (at < args.count()) {
                References named = StreamTrimming.references(args, at);
                if (named != null && references == null) {
                    references = named;
                    at++;
                } else if (args.is(at, "ids") && at + 1 < args.count()) {
                    long ids = args.integer(at + 1, 1, Long.MAX_VALUE, NUMIDS_NOT_POSITIVE);
                    if (ids > args.count() - at - 2) {
                        throw WRONG_NUMIDS;
                    }
                    idsAt = at + 2;
                    count = (int) ids;
                    at = idsAt + count;
                } else {
                    throw CommandError.SYNTAX;
                }
            }
            if (idsAt == 0) {
                throw IDS_NEEDED;
            }
            return new Doomed(idsAt, count, references == null ? References.KEEP : references);
        }

        StreamId[] ids(Args args) {
            return StreamIds.readAll(args, idsAt, idsAt + count);
        }

        void replyMissing(ReplySink reply) {
            reply.array(count);
            for (int i = 0; i < count; i++) {
                reply.integer(-1);
            }
        }
    }

    private static int code(Deletion deletion) {
        return switch (deletion) {
            case DONE -> 1;
            case MISSING -> -1;
            case REFERENCED -> 2;
        };
    }

    private static void xAckDel(Args args, Tx tx, ReplySink reply) {
        Entry entry = tx.write(args.bytes(1));
        StreamValue stream = StreamLookup.stream(entry);
        Doomed doomed = Doomed.parse(args, 3);
        StreamGroup group = StreamLookup.find(stream, args, 2);
        if (entry == null || stream == null || group == null) {
            doomed.replyMissing(reply);
            return;
        }
        StreamId[] ids = doomed.ids(args);
        boolean acknowledged = false;
        boolean deleted = false;
        PendingEntry pending = group.pending();
        reply.array(ids.length);
        for (StreamId id : ids) {
            if (!pending.find(id)) {
                reply.integer(-1);
                continue;
            }
            pending.acknowledge();
            acknowledged = true;
            Deletion deletion = stream.delete(id, doomed.references, tx.streamCursor());
            deleted |= deletion == Deletion.DONE;
            // What was pending and is gone from the stream already counts as deleted.
            reply.integer(deletion == Deletion.REFERENCED ? 2 : 1);
        }
        if (deleted) {
            entry.changed(KeyEvent.XDEL);
        } else if (acknowledged) {
            entry.changed(KeyEvent.PENDING);
        }
    }

    private static void xAdd(Args args, Tx tx, ReplySink reply) {
        StreamTrimming options = StreamTrimming.ofAdd(args);
        int first = options.idAt() + 1;
        int words = args.count() - first;
        if (words < 2 || words % 2 != 0) {
            throw CommandError.wrongArity("xadd");
        }
        StreamId given = options.id();
        if (given != null && !options.isOpenId() && given.equals(StreamId.MIN)) {
            throw ZERO_ID;
        }
        Entry entry = tx.write(args.bytes(1));
        StreamValue stream = StreamLookup.stream(entry);
        if (stream == null && !options.createsKey()) {
            reply.nullBulk();
            return;
        }
        StreamNames names = StreamNames.of(options, args, first);
        if (names != null && stream != null) {
            StreamId known = names.find(stream, tx);
            if (known != null) {
                StreamReplies.id(known, tx.streamCursor(), reply);
                return;
            }
        }
        StreamId id = newId(stream == null ? StreamId.MIN : stream.lastId(), given, options.isOpenId(), tx);
        checkSize(args, first);
        if (entry == null || stream == null) {
            entry = StreamValue.create(tx, args.bytes(1));
            stream = StreamValue.of(entry);
        }
        stream.append(id, words / 2, word -> args.bytes(first + word));
        entry.changed(KeyEvent.XADD);
        StreamEffects.added(args, id, first, tx);
        if (names != null) {
            names.record(args.bytes(1), stream, id, tx);
        }
        Trim trim = options.trim();
        if (trim != null && stream.trim(trim, tx.streamCursor()) > 0) {
            entry.changed(KeyEvent.XTRIM);
            StreamEffects.trimmed(args.bytes(1), stream, trim, tx);
        }
        StreamReplies.id(id, tx.streamCursor(), reply);
    }

    /// The ID that a new entry gets after another.
    private static StreamId newId(StreamId last, @Nullable StreamId given, boolean isOpen, Tx tx) {
        if (last.equals(StreamId.MAX)) {
            throw NO_ID_LEFT;
        }
        StreamId id;
        if (given == null) {
            id = Long.compareUnsigned(tx.nowMs(), last.ms()) > 0 ? new StreamId(tx.nowMs(), 0) : last.next();
        } else if (isOpen && given.ms() == last.ms() && last.seq() != -1) {
            id = last.next();
        } else {
            id = given;
        }
        if (!id.isAfter(last)) {
            throw LOW_ID;
        }
        return id;
    }

    private static void checkSize(Args args, int first) {
        long bytes = 0;
        for (int i = first; i < args.count(); i++) {
            bytes += args.bytes(i).length();
        }
        if (bytes > StreamValue.MAX_ENTRY_BYTES) {
            throw ENTRY_TOO_LARGE;
        }
    }

    private static void xAutoClaim(Args args, Tx tx, ReplySink reply) {
        StreamClaim.Scan scan = StreamClaim.Scan.parse(args);
        Entry entry = tx.write(args.bytes(1));
        StreamValue stream = StreamLookup.stream(entry);
        StreamGroup group = StreamLookup.group(stream, args, 2);
        if (entry == null || stream == null) {
            throw new IllegalStateException("a group without a stream");
        }
        StreamConsumer consumer = consumer(group, args, 3, entry, tx);
        if (scan.run(args.bytes(1), stream, group, consumer, tx, reply)) {
            entry.changed(KeyEvent.PENDING);
        }
    }

    private static void xClaim(Args args, Tx tx, ReplySink reply) {
        Entry entry = tx.write(args.bytes(1));
        StreamValue stream = StreamLookup.stream(entry);
        StreamGroup group = StreamLookup.group(stream, args, 2);
        if (entry == null || stream == null) {
            throw new IllegalStateException("a group without a stream");
        }
        StreamClaim claim = StreamClaim.parse(args, tx.nowMs());
        boolean advanced = claim.advance(group);
        StreamConsumer consumer = consumer(group, args, 3, entry, tx);
        if (advanced) {
            StreamEffects.progressed(args.bytes(1), group, tx);
        }
        if (claim.run(args.bytes(1), stream, group, consumer, tx, reply) || advanced) {
            entry.changed(claim.isBackdated(tx.nowMs()) ? KeyEvent.XNACK : KeyEvent.PENDING);
        }
    }

    private static void xDel(Args args, Tx tx, ReplySink reply) {
        Entry entry = tx.write(args.bytes(1));
        StreamValue stream = StreamLookup.stream(entry);
        if (entry == null || stream == null) {
            reply.integer(0);
            return;
        }
        int deleted = 0;
        for (StreamId id : StreamIds.readAll(args, 2, args.count())) {
            if (stream.delete(id, References.KEEP, tx.streamCursor()) == Deletion.DONE) {
                deleted++;
            }
        }
        if (deleted > 0) {
            entry.changed(KeyEvent.XDEL);
        }
        reply.integer(deleted);
    }

    private static void xDelEx(Args args, Tx tx, ReplySink reply) {
        Entry entry = tx.write(args.bytes(1));
        StreamValue stream = StreamLookup.stream(entry);
        Doomed doomed = Doomed.parse(args, 2);
        if (entry == null || stream == null) {
            doomed.replyMissing(reply);
            return;
        }
        StreamId[] ids = doomed.ids(args);
        boolean deleted = false;
        reply.array(ids.length);
        for (StreamId id : ids) {
            Deletion deletion = stream.delete(id, doomed.references, tx.streamCursor());
            deleted |= deletion == Deletion.DONE;
            reply.integer(code(deletion));
        }
        if (deleted) {
            entry.changed(KeyEvent.XDEL);
        } else if (doomed.references == References.DELETE) {
            entry.changed(KeyEvent.PENDING);
        }
    }

    /// What XGROUP CREATE and SETID are told besides the ID.
    private record GroupOptions(boolean createsStream, long entriesRead) {
        static GroupOptions parse(Args args, boolean creates) {
            boolean createsStream = false;
            long entriesRead = StreamGroup.UNKNOWN;
            for (int i = 5; i < args.count(); i++) {
                if (creates && args.is(i, "mkstream")) {
                    createsStream = true;
                } else if (args.is(i, "entriesread") && i + 1 < args.count()) {
                    entriesRead = args.integer(++i);
                    if (entriesRead < StreamGroup.UNKNOWN) {
                        throw BAD_ENTRIES_READ;
                    }
                } else {
                    throw wrongSubcommand(args, "XGROUP");
                }
            }
            return new GroupOptions(createsStream, entriesRead);
        }

        /// No group has read more than there has been.
        long entriesRead(@Nullable StreamValue stream) {
            return Math.min(entriesRead, stream == null ? 0 : stream.entriesAdded());
        }
    }

    private static CommandError wrongSubcommand(Args args, String container) {
        return CommandError.wrongSubcommandArity(args.cited(1), container);
    }

    private static StreamValue existing(@Nullable StreamValue stream) {
        if (stream == null) {
            throw KEY_NEEDED;
        }
        return stream;
    }

    /// A group of word 3 that has to be there, of a key that is word 2.
    private static StreamGroup subcommandsGroup(StreamValue stream, Args args) {
        StreamGroup group = stream.group(args.bytes(3));
        if (group == null) {
            throw StreamLookup.noSuchGroup(args.cited(2), args.cited(3));
        }
        return group;
    }

    private static void xGroupCreate(Args args, Tx tx, ReplySink reply) {
        GroupOptions options = GroupOptions.parse(args, true);
        Entry entry = tx.write(args.bytes(2));
        StreamValue stream = StreamLookup.stream(entry);
        if (!options.createsStream) {
            existing(stream);
        }
        if (args.count() > 8) {
            throw wrongSubcommand(args, "XGROUP");
        }
        Bytes word = args.bytes(4);
        boolean isLast = StreamIds.isMark(word, '$');
        StreamId id = !isLast ? StreamIds.read(word) : stream == null ? StreamId.MIN : stream.lastId();
        if (entry == null || stream == null) {
            entry = StreamValue.create(tx, args.bytes(2));
            stream = StreamValue.of(entry);
        }
        if (stream.group(args.bytes(3)) != null) {
            throw BUSY_GROUP;
        }
        stream.addGroup(args.bytes(3), id, options.entriesRead(stream));
        entry.changed(KeyEvent.XGROUP_CREATE);
        reply.ok();
    }

    private static void xGroupCreateConsumer(Args args, Tx tx, ReplySink reply) {
        Entry entry = tx.write(args.bytes(2));
        StreamGroup group = subcommandsGroup(existing(StreamLookup.stream(entry)), args);
        if (entry == null || group.consumer(args.bytes(4)) != null) {
            reply.integer(0);
            return;
        }
        group.addConsumer(args.bytes(4), tx.nowMs());
        entry.changed(KeyEvent.XGROUP_CREATECONSUMER);
        reply.integer(1);
    }

    private static void xGroupDelConsumer(Args args, Tx tx, ReplySink reply) {
        Entry entry = tx.write(args.bytes(2));
        StreamGroup group = subcommandsGroup(existing(StreamLookup.stream(entry)), args);
        StreamConsumer consumer = group.consumer(args.bytes(4));
        if (entry == null || consumer == null) {
            reply.integer(0);
            return;
        }
        long pending = consumer.pendingCount();
        consumer.remove();
        entry.changed(KeyEvent.XGROUP_DELCONSUMER);
        reply.integer(pending);
    }

    private static void xGroupDestroy(Args args, Tx tx, ReplySink reply) {
        Entry entry = tx.write(args.bytes(2));
        StreamValue stream = existing(StreamLookup.stream(entry));
        StreamGroup group = stream.group(args.bytes(3));
        if (entry == null || group == null) {
            reply.integer(0);
            return;
        }
        stream.removeGroup(entry, group);
        entry.changed(KeyEvent.XGROUP_DESTROY);
        reply.integer(1);
    }

    private static void xGroupSetId(Args args, Tx tx, ReplySink reply) {
        GroupOptions options = GroupOptions.parse(args, false);
        Entry entry = tx.write(args.bytes(2));
        StreamValue stream = existing(StreamLookup.stream(entry));
        StreamGroup group = subcommandsGroup(stream, args);
        if (entry == null || args.count() > 7) {
            throw wrongSubcommand(args, "XGROUP");
        }
        Bytes word = args.bytes(4);
        group.lastId(StreamIds.isMark(word, '$') ? stream.lastId() : StreamIds.bound(word, 0));
        group.entriesRead(options.entriesRead(stream));
        entry.changed(KeyEvent.XGROUP_SETID);
        reply.ok();
    }

    private static StreamValue told(Args args, Tx tx) {
        StreamValue stream = StreamLookup.stream(tx.read(args.bytes(2)));
        if (stream == null) {
            throw CommandError.NO_SUCH_KEY;
        }
        return stream;
    }

    private static void xInfoConsumers(Args args, Tx tx, ReplySink reply) {
        StreamValue stream = told(args, tx);
        new StreamInfo(stream, tx.streamCursor(), reply).consumers(subcommandsGroup(stream, args), tx.nowMs());
    }

    private static void xInfoGroups(Args args, Tx tx, ReplySink reply) {
        new StreamInfo(told(args, tx), tx.streamCursor(), reply).groups();
    }

    private static void xInfoStream(Args args, Tx tx, ReplySink reply) {
        StreamInfo info = new StreamInfo(told(args, tx), tx.streamCursor(), reply);
        if (args.count() == 3) {
            info.summary();
            return;
        }
        boolean hasCount = args.count() == 6 && args.is(4, "count");
        if (!args.is(3, "full") || args.count() != 4 && !hasCount) {
            throw wrongSubcommand(args, "XINFO");
        }
        long most = hasCount ? args.integer(5) : USUAL_INFO_COUNT;
        info.full(most == 0 ? Long.MAX_VALUE : most < 0 ? USUAL_INFO_COUNT : most);
    }

    private static void xLen(Args args, Tx tx, ReplySink reply) {
        StreamValue stream = read(args, tx);
        reply.integer(stream == null ? 0 : stream.length());
    }

    /// What XNACK is told.
    ///
    /// @param retryCount RETRYCOUNT's, or -1
    private record Return(int idsAt, int count, long retryCount, boolean forces) {
        static Return parse(Args args) {
            int idsAt = 0;
            int count = 0;
            long retryCount = -1;
            boolean forces = false;
            for (int i = 4; i < args.count(); i++) {
                boolean more = i + 1 < args.count();
                if (more && args.is(i, "ids")) {
                    count = (int) args.integer(i + 1, 1, Integer.MAX_VALUE, NACK_NUMIDS_NOT_POSITIVE);
                    idsAt = i + 2;
                    if (count > args.count() - idsAt) {
                        throw WRONG_NACK_NUMIDS;
                    }
                    i = idsAt + count - 1;
                } else if (args.is(i, "force")) {
                    forces = true;
                } else if (more && args.is(i, "retrycount")) {
                    retryCount = args.integer(++i);
                    if (retryCount < 0) {
                        throw BAD_RETRY_COUNT;
                    }
                } else {
                    throw CommandError.of("ERR Unrecognized XNACK option '" + args.cited(i) + "'");
                }
            }
            if (idsAt == 0) {
                throw NACK_IDS_NEEDED;
            }
            return new Return(idsAt, count, retryCount, forces);
        }

        /// How many deliveries an entry counts that had so many.
        long deliveries(Args args, long before) {
            if (retryCount >= 0) {
                return retryCount;
            }
            if (args.is(3, "fatal")) {
                return PendingEntry.MOST_DELIVERIES;
            }
            return args.is(3, "silent") ? Math.max(0, before - 1) : before;
        }
    }

    private static void xNack(Args args, Tx tx, ReplySink reply) {
        Entry entry = tx.write(args.bytes(1));
        StreamValue stream = StreamLookup.stream(entry);
        StreamGroup group = StreamLookup.group(stream, args, 2);
        if (!args.is(3, "silent") && !args.is(3, "fail") && !args.is(3, "fatal")) {
            throw BAD_NACK_MODE;
        }
        Return options = Return.parse(args);
        StreamId[] ids = StreamIds.readAll(args, options.idsAt, options.idsAt + options.count);
        PendingEntry pending = group.pending();
        int returned = 0;
        for (StreamId id : ids) {
            boolean found = pending.find(id);
            if (!found && options.forces && stream != null && stream.has(id, tx.streamCursor())) {
                pending.add(id, tx.nowMs(), 0);
                found = true;
            }
            if (found) {
                pending.deliveries(options.deliveries(args, pending.deliveries()));
                pending.giveBack();
                returned++;
            }
        }
        if (entry != null && returned > 0) {
            entry.changed(KeyEvent.XNACK);
        }
        reply.integer(returned);
    }

    private static void xPending(Args args, Tx tx, ReplySink reply) {
        if (args.count() == 3) {
            summary(StreamLookup.group(read(args, tx), args, 2), tx.streamCursor(), reply);
            return;
        }
        if (args.count() < 6 || args.count() > 9) {
            throw CommandError.SYNTAX;
        }
        boolean hasIdle = args.is(3, "idle");
        long minIdleMs = hasIdle ? args.integer(4) : 0;
        if (hasIdle && args.count() < 8) {
            throw CommandError.SYNTAX;
        }
        int range = hasIdle ? 5 : 3;
        long most = args.integer(range + 2);
        StreamId from = StreamIds.start(args, range);
        StreamId to = StreamIds.end(args, range + 1);
        StreamGroup group = StreamLookup.group(read(args, tx), args, 2);
        PendingEntry pending = group.pending();
        if (range + 3 < args.count()) {
            StreamConsumer consumer = group.consumer(args.bytes(range + 3));
            if (consumer == null) {
                reply.emptyArray();
                return;
            }
            pending = consumer.pending();
        }
        long opened = reply.openArray();
        int count = 0;
        Bytes window = new Bytes();
        boolean more = pending.seek(from);
        while (more && count < most && !pending.id().isAfter(to)) {
            long idleMs = tx.nowMs() - pending.deliveredMs();
            if (!pending.isOwned() || idleMs >= minIdleMs || minIdleMs == 0) {
                reply.array(4);
                StreamReplies.id(pending.id(), tx.streamCursor(), reply);
                reply.bulk(pending.consumerName(window));
                reply.integer(pending.isOwned() ? Math.max(0, idleMs) : -1);
                reply.integer(pending.deliveries());
                count++;
            }
            more = pending.next();
        }
        reply.closeArray(opened, count);
    }

    /// How many entries are pending, from which ID to which, and how many each consumer has.
    private static void summary(StreamGroup group, StreamCursor cursor, ReplySink reply) {
        reply.array(4);
        reply.integer(group.pendingCount());
        PendingEntry pending = group.pending();
        if (!pending.seek(StreamId.MIN)) {
            reply.nullBulk();
            reply.nullBulk();
            reply.nullArray();
            return;
        }
        StreamReplies.id(pending.id(), cursor, reply);
        pending.last();
        StreamReplies.id(pending.id(), cursor, reply);
        long opened = reply.openArray();
        int count = 0;
        Bytes window = new Bytes();
        for (StreamConsumer each = group.firstConsumer(); each != null; each = each.next()) {
            if (each.pendingCount() > 0) {
                reply.array(2);
                reply.bulk(each.name(window));
                reply.bulkInteger(each.pendingCount());
                count++;
            }
        }
        reply.closeArray(opened, count);
    }

    private static void xRange(Args args, Tx tx, ReplySink reply) {
        StreamId from = StreamIds.start(args, 2);
        StreamId to = StreamIds.end(args, 3);
        long most = rangeCount(args);
        StreamValue stream = read(args, tx);
        if (stream != null) {
            replyRange(tx.streamCursor().forwards(stream, from, to), most, reply);
        } else {
            reply.emptyArray();
        }
    }

    private static long rangeCount(Args args) {
        long most = Long.MAX_VALUE;
        for (int i = 4; i < args.count(); i += 2) {
            if (!args.is(i, "count") || i + 1 == args.count()) {
                throw CommandError.SYNTAX;
            }
            most = Math.max(0, args.integer(i + 1));
        }
        return most;
    }

    private static void replyRange(StreamCursor range, long most, ReplySink reply) {
        if (most == 0) {
            reply.nullArray();
        } else {
            StreamReplies.entries(range, most, reply);
        }
    }

    private static @Nullable Wait xRead(Args args, Tx tx, ReplySink reply) {
        return StreamReading.run(args, false, tx, reply);
    }

    private static @Nullable Wait xReadGroup(Args args, Tx tx, ReplySink reply) {
        return StreamReading.run(args, true, tx, reply);
    }

    private static void xRevRange(Args args, Tx tx, ReplySink reply) {
        StreamId from = StreamIds.start(args, 3);
        StreamId to = StreamIds.end(args, 2);
        long most = rangeCount(args);
        StreamValue stream = read(args, tx);
        if (stream != null) {
            replyRange(tx.streamCursor().backwards(stream, from, to), most, reply);
        } else {
            reply.emptyArray();
        }
    }

    private static void xSetId(Args args, Tx tx, ReplySink reply) {
        StreamId id = StreamIds.read(args, 2);
        long entriesAdded = -1;
        StreamId maxDeleted = StreamId.MIN;
        for (int i = 3; i < args.count(); i += 2) {
            boolean more = i + 1 < args.count();
            if (more && args.is(i, "entriesadded")) {
                entriesAdded = args.integer(i + 1);
                if (entriesAdded < 0) {
                    throw BAD_ENTRIES_ADDED;
                }
            } else if (more && args.is(i, "maxdeletedid")) {
                maxDeleted = StreamIds.read(args, i + 1);
                if (id.isBefore(maxDeleted)) {
                    throw BELOW_GIVEN_DELETED;
                }
            } else {
                throw CommandError.SYNTAX;
            }
        }
        Entry entry = tx.write(args.bytes(1));
        StreamValue stream = StreamLookup.stream(entry);
        if (entry == null || stream == null) {
            throw CommandError.NO_SUCH_KEY;
        }
        if (id.isBefore(stream.maxDeletedId())) {
            throw BELOW_DELETED;
        }
        if (stream.length() > 0 && id.isBefore(stream.lastEntryId(tx.streamCursor()))) {
            throw BELOW_TOP;
        }
        if (entriesAdded != -1 && entriesAdded < stream.length()) {
            throw FEWER_THAN_LENGTH;
        }
        stream.lastId(id);
        if (entriesAdded != -1) {
            stream.entriesAdded(entriesAdded);
        }
        if (!maxDeleted.equals(StreamId.MIN)) {
            stream.maxDeletedId(maxDeleted);
        }
        entry.changed(KeyEvent.XSETID);
        reply.ok();
    }

    private static void xTrim(Args args, Tx tx, ReplySink reply) {
        Trim trim = StreamTrimming.ofTrim(args).trim();
        Entry entry = tx.write(args.bytes(1));
        StreamValue stream = StreamLookup.stream(entry);
        if (entry == null || stream == null || trim == null) {
            reply.integer(0);
            return;
        }
        long deleted = stream.trim(trim, tx.streamCursor());
        if (deleted > 0) {
            entry.changed(KeyEvent.XTRIM);
            StreamEffects.trimmed(args.bytes(1), stream, trim, tx);
        }
        reply.integer(deleted);
    }
}
