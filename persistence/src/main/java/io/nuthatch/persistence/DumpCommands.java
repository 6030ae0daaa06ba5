package io.nuthatch.persistence;

import static io.nuthatch.engine.Command.row;
import static io.nuthatch.engine.CommandFlag.DENYOOM;
import static io.nuthatch.engine.CommandFlag.READONLY;
import static io.nuthatch.engine.CommandFlag.WRITE;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;
import io.nuthatch.engine.Config;
import io.nuthatch.engine.Family;
import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import io.nuthatch.resp.ReplySink;
import io.nuthatch.store.Entry;
import io.nuthatch.store.KeyEvent;
import io.nuthatch.store.Tx;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Keys taken out of the server and put back: the table, then the bodies in the same order. The package tells what a
/// payload is.
public final class DumpCommands {
    /// The newest that is read: Redis 8.
    private static final int NEWEST_VERSION = 12;

    private static final int VERSION_BYTES = 2;
    private static final int FOOTER_BYTES = VERSION_BYTES + Long.BYTES;
    private static final int MAX_FREQUENCY = 255;
    private static final long NOT_SAID = -1;

    private static final CommandError WRONG_FOOTER = CommandError.of("ERR DUMP payload version or checksum are wrong");
    private static final CommandError BAD_FORMAT = CommandError.of("ERR Bad data format");
    private static final CommandError BUSY_KEY = CommandError.of("BUSYKEY Target key name already exists.");

    private DumpCommands() {}

    /// @param config whose `rdbcompression` says whether DUMP compresses strings
    public static Family family(Config config) {
        return Family.of(
                "generic",
                Set.of("keyspace"),
                row("DUMP @key")
                        .is(READONLY)
                        .keys("RO access")
                        .tips("nondeterministic_output")
                        .since("2.6.0")
                        .brief("Returns the value of a key as bytes that RESTORE takes, here or in Redis.")
                        .cost("O(N), N being the size of the value.")
                        .does((args, tx, reply) -> dump(args, tx, config, reply)),
                row("RESTORE @key ttl serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency]")
                        .is(WRITE, DENYOOM)
                        .keys("OW update")
                        .categories("keyspace", "dangerous")
                        .since("2.6.0")
                        .brief("Creates a key from what DUMP has returned, here or in Redis.")
                        .cost("O(N), N being the size of the value.")
                        .does(DumpCommands::restore));
    }

    private static void dump(Args args, Tx tx, Config config, ReplySink reply) {
        Entry entry = tx.read(args.bytes(1));
        if (entry == null) {
            reply.nullBulk();
            return;
        }
        try (RdbOutput output = new RdbOutput(config.rdbcompression.isOn(), new Lzf.Tables())) {
            RdbValue.write(entry, output);
            output.seal(output.version());
            reply.bulk(output.bytes());
        }
    }

    private static void restore(Args args, Tx tx, ReplySink reply) {
        RestoreOptions options = RestoreOptions.parse(args);
        Bytes key = args.bytes(1);
        Entry old = tx.write(key);
        if (old != null && !options.replaces) {
            throw BUSY_KEY;
        }
        long deadlineMs = options.deadlineMs(args, tx);
        try (RdbValue value = read(args.bytes(3))) {
            if (deadlineMs != Tx.NO_DEADLINE && tx.isPast(deadlineMs)) {
                if (old != null) {
                    old.delete();
                    tx.effect("DEL").add(key);
                }
            } else {
                value.store(tx, key, deadlineMs);
                Entry restored = tx.find(key);
                if (restored != null) {
                    options.markUse(restored);
                }
                tx.changed(key, KeyEvent.RESTORE);
                tell(key, restored, deadlineMs, tx);
            }
        }
        reply.ok();
    }

    /// Says what value a key has got: in a payload of our own, because the one that came may be of a newer version than
    /// others understand.
    private static void tell(Bytes key, @Nullable Entry restored, long deadlineMs, Tx tx) {
        if (!tx.wantsEffects()) {
            return;
        }
        if (restored == null) {
            // A hash of which all fields have expired is not there.
            tx.effect("DEL").add(key);
        } else {
            try (RdbOutput output = new RdbOutput()) {
                RdbValue.write(restored, output);
                output.seal(Math.max(output.version(), RdbType.USUAL_VERSION));
                tx.effect("RESTORE")
                        .add(key)
                        .add(deadlineMs == Tx.NO_DEADLINE ? 0 : deadlineMs)
                        .add(output.bytes())
                        .add("REPLACE")
                        .add("ABSTTL");
            }
        }
    }

    private static RdbValue read(Bytes payload) {
        int length = payload.length() - FOOTER_BYTES;
        if (length < 0) {
            throw WRONG_FOOTER;
        }
        long footer = payload.address() + length;
        int version = Memory.getShort(footer) & 0xFFFF;
        long sum = Memory.getLong(footer + VERSION_BYTES);
        if (version > NEWEST_VERSION || Crc64.of(0, payload.address(), length + VERSION_BYTES) != sum) {
            throw WRONG_FOOTER;
        }
        try {
            return RdbValue.read(new RdbInput(new Bytes().set(payload.address(), length)));
        } catch (RdbCorruption corruption) {
            throw BAD_FORMAT;
        }
    }

    /// @param idleSeconds IDLETIME's, or NOT_SAID
    /// @param frequency FREQ's, or NOT_SAID
    private record RestoreOptions(boolean replaces, boolean absolute, long idleSeconds, long frequency) {
        static RestoreOptions parse(Args args) {
            boolean replaces = false;
            boolean absolute = false;
            long idleSeconds = NOT_SAID;
            long frequency = NOT_SAID;
            for (int i = 4; i < args.count(); i++) {
                boolean more = i + 1 < args.count();
                if (args.is(i, "replace")) {
                    replaces = true;
                } else if (args.is(i, "absttl")) {
                    absolute = true;
                } else if (args.is(i, "idletime") && more && frequency == NOT_SAID) {
                    idleSeconds = args.integer(++i);
                    if (idleSeconds < 0) {
                        throw CommandError.of("ERR Invalid IDLETIME value, must be >= 0");
                    }
                } else if (args.is(i, "freq") && more && idleSeconds == NOT_SAID) {
                    frequency = args.integer(++i);
                    if (frequency < 0 || frequency > MAX_FREQUENCY) {
                        throw CommandError.of("ERR Invalid FREQ value, must be >= 0 and <= 255");
                    }
                } else {
                    throw CommandError.SYNTAX;
                }
            }
            return new RestoreOptions(replaces, absolute, idleSeconds, frequency);
        }

        /// A time of 0 is none.
        long deadlineMs(Args args, Tx tx) {
            long ttlMs = args.integer(2);
            if (ttlMs < 0) {
                throw CommandError.of("ERR Invalid TTL value, must be >= 0");
            }
            if (ttlMs == 0) {
                return Tx.NO_DEADLINE;
            }
            // A time so far away that the sum has no room is the furthest there is.
            return absolute ? ttlMs : tx.nowMs() + Math.min(ttlMs, Long.MAX_VALUE - tx.nowMs());
        }

        /// Marks the key as used long ago, or often: whichever the eviction policy goes by.
        void markUse(Entry entry) {
            if (frequency != NOT_SAID) {
                entry.frequency((int) frequency);
            } else if (idleSeconds != NOT_SAID) {
                entry.idleSeconds(idleSeconds);
            }
        }
    }
}
