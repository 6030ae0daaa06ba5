package io.nuthatch.commands;

import com.dynatrace.hash4j.hashing.HashValue128;
import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;
import io.nuthatch.memory.Bytes;
import io.nuthatch.resp.ReplySink;
import io.nuthatch.store.Entry;
import io.nuthatch.store.KeyEvent;
import io.nuthatch.store.StreamId;
import io.nuthatch.store.StreamProducers;
import io.nuthatch.store.StreamValue;
import io.nuthatch.store.Tx;
import org.jspecify.annotations.Nullable;

/// Names that producers give their entries, so that each is added once (XADD IDMP, IDMPAUTO), and the commands
/// that are only about these.
///
/// IDMPAUTO names an entry by a hash of its fields and values, in whatever order the fields stand.
@SuppressWarnings("StaticAssignmentOfThrowable") // They have neither stack trace nor suppressed exceptions to keep.
final class StreamNames {
    private static final CommandError BAD_DURATION =
            CommandError.of("ERR IDMP-DURATION must be between 1 and 86400 seconds");
    private static final CommandError BAD_MAXSIZE =
            CommandError.of("ERR IDMP-MAXSIZE must be between 1 and 10000 entries");
    private static final CommandError TWO_DURATIONS = CommandError.of("ERR IDMP-DURATION specified multiple times");
    private static final CommandError TWO_MAXSIZES = CommandError.of("ERR IDMP-MAXSIZE specified multiple times");
    private static final CommandError NOTHING_GIVEN = CommandError.of("ERR At least one parameter must be specified");
    private static final CommandError NO_PRODUCER = CommandError.of("ERR producer ID must be non-empty");
    private static final CommandError NO_NAME = CommandError.of("ERR idempotent ID must be non-empty");
    private static final CommandError NO_ENTRY = CommandError.of("ERR No such message in stream");
    private static final CommandError OTHER_ENTRY =
            CommandError.of("ERR IID already exists for this producer with a different stream ID");
    private static final CommandError NAME_TOO_LONG = CommandError.of("ERR Elements are too large to be stored");

    private static final int MAX_SECONDS = 86_400;
    private static final int MAX_NAMES = 10_000;

    private final Bytes producer;
    private final @Nullable Bytes given;
    private long high;
    private long low;

    private StreamNames(Bytes producer, @Nullable Bytes given) {
        this.producer = producer;
        this.given = given;
        checkLength(producer);
        if (given != null) {
            checkLength(given);
        }
    }

    private static void checkLength(Bytes name) {
        if (name.length() > StreamProducers.MAX_NAME_BYTES) {
            throw NAME_TOO_LONG;
        }
    }

    /// The name of the entry that XADD brings; null if it has none.
    ///
    /// @param first the first of its fields' words
    static @Nullable StreamNames of(StreamTrimming options, Args args, int first) {
        Bytes producer = options.producer();
        if (producer == null) {
            return null;
        }
        StreamNames names = new StreamNames(producer, options.token());
        if (names.given == null) {
            names.hash(args, first);
        }
        return names;
    }

    private void hash(Args args, int first) {
        for (int i = first; i < args.count(); i += 2) {
            HashValue128 field = Digest.wide(args.bytes(i));
            HashValue128 value = Digest.wide(args.bytes(i + 1));
            // The pairs are added up, and a pair is more than a sum: the field's halves change places.
            high += mix(field.getMostSignificantBits(), value.getLeastSignificantBits());
            low += mix(value.getMostSignificantBits(), field.getLeastSignificantBits());
        }
    }

    private static long mix(long one, long other) {
        long mixed = (one ^ Long.rotateLeft(other, 29)) * 0x9E3779B97F4A7C15L;
        return (mixed ^ mixed >>> 32) * 0xD6E8FEB86659FD93L + other;
    }

    private Bytes token(StreamProducers producers) {
        return given != null ? given : producers.contentToken(high, low);
    }

    /// The entry that has this name already, or null.
    @Nullable
    StreamId find(StreamValue stream, Tx tx) {
        StreamProducers producers = stream.producers();
        StreamId known = producers == null ? null : producers.find(producer, token(producers), tx.nowMs());
        if (producers != null && known != null) {
            producers.countDuplicate();
        }
        return known;
    }

    void record(Bytes key, StreamValue stream, StreamId id, Tx tx) {
        StreamProducers producers = stream.madeProducers();
        Bytes token = token(producers);
        producers.add(producer, token, id);
        StreamEffects.named(key, producer, token, id, tx);
    }

    static void xCfgSet(Args args, Tx tx, ReplySink reply) {
        Entry entry = tx.write(args.bytes(1));
        StreamValue stream = StreamLookup.stream(entry);
        if (entry == null || stream == null) {
            throw CommandError.NO_SUCH_KEY;
        }
        long seconds = 0;
        long most = 0;
        for (int i = 2; i < args.count(); i += 2) {
            boolean more = i + 1 < args.count();
            if (more && args.is(i, "idmp-duration")) {
                if (seconds != 0) {
                    throw TWO_DURATIONS;
                }
                seconds = args.integer(i + 1, 1, MAX_SECONDS, BAD_DURATION);
            } else if (more && args.is(i, "idmp-maxsize")) {
                if (most != 0) {
                    throw TWO_MAXSIZES;
                }
                most = args.integer(i + 1, 1, MAX_NAMES, BAD_MAXSIZE);
            } else {
                throw CommandError.SYNTAX;
            }
        }
        if (seconds == 0 && most == 0) {
            throw NOTHING_GIVEN;
        }
        StreamProducers producers = stream.madeProducers();
        producers.configure(
                seconds == 0 ? producers.durationMs() : seconds * 1000, most == 0 ? producers.mostTokens() : most);
        entry.changed(KeyEvent.XIDMP);
        reply.ok();
    }

    static void xIdmpRecord(Args args, Tx tx, ReplySink reply) {
        StreamId id = StreamIds.read(args, 4);
        if (args.bytes(2).isEmpty()) {
            throw NO_PRODUCER;
        }
        if (args.bytes(3).isEmpty()) {
            throw NO_NAME;
        }
        StreamNames names = new StreamNames(args.bytes(2), args.bytes(3));
        Entry entry = tx.write(args.bytes(1));
        StreamValue stream = StreamLookup.stream(entry);
        if (entry == null || stream == null) {
            throw CommandError.NO_SUCH_KEY;
        }
        if (!stream.has(id, tx.streamCursor())) {
            throw NO_ENTRY;
        }
        StreamProducers producers = stream.madeProducers();
        StreamId known = producers.find(names.producer, args.bytes(3), tx.nowMs());
        if (known != null && !known.equals(id)) {
            throw OTHER_ENTRY;
        }
        if (known == null) {
            producers.add(names.producer, args.bytes(3), id);
            entry.changed(KeyEvent.XIDMP);
        }
        reply.ok();
    }
}
