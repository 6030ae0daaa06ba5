package io.nuthatch.commands;

import static io.nuthatch.engine.Command.row;
import static io.nuthatch.engine.CommandFlag.DENYOOM;
import static io.nuthatch.engine.CommandFlag.FAST;
import static io.nuthatch.engine.CommandFlag.READONLY;
import static io.nuthatch.engine.CommandFlag.WRITE;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;
import io.nuthatch.engine.Family;
import io.nuthatch.memory.Bytes;
import io.nuthatch.resp.ReplySink;
import io.nuthatch.store.Effects;
import io.nuthatch.store.Entry;
import io.nuthatch.store.HashValue;
import io.nuthatch.store.KeyEvent;
import io.nuthatch.store.Tx;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Fields of hashes that expire: the table, then the bodies in the same order.
public final class FieldCommands {
    private static final String FIELDS = " FIELDS numfields field [field ...]";
    private static final CommandError NUMFIELDS_NOT_POSITIVE =
            CommandError.of("ERR Parameter `numFields` should be greater than 0");
    private static final CommandError NO_FIELD_NAMED =
            CommandError.of("ERR FIELDS requires at least numfields and one field argument");
    private static final CommandError TWO_CONDITIONS = CommandError.of("ERR Multiple condition flags specified");

    // What is replied of a field.
    private static final int NO_FIELD = -2;
    private static final int NO_DEADLINE = -1;
    private static final int CONDITION_NOT_MET = 0;
    private static final int DONE = 1;
    private static final int DELETED = 2;

    private FieldCommands() {}

    public static Family family() {
        return Family.of(
                "hash",
                Set.of("hash"),
                row("HEXPIRE @key seconds [NX | XX | GT | LT]" + FIELDS)
                        .is(WRITE, FAST)
                        .keys("RW update")
                        .since("7.4.0")
                        .brief("Sets how many seconds fields of a hash have to live.")
                        .cost("O(N), N being the number of fields.")
                        .does((args, tx, reply) -> expire(args, FieldTime.EX, "hexpire", tx, reply)),
                row("HEXPIREAT @key unix-time-seconds [NX | XX | GT | LT]" + FIELDS)
                        .is(WRITE, FAST)
                        .keys("RW update")
                        .since("7.4.0")
                        .brief("Sets when fields of a hash expire, in seconds since 1970.")
                        .cost("O(N), N being the number of fields.")
                        .does((args, tx, reply) -> expire(args, FieldTime.EXAT, "hexpireat", tx, reply)),
                row("HEXPIRETIME @key" + FIELDS)
                        .is(READONLY, FAST)
                        .keys("RO access")
                        .since("7.4.0")
                        .brief("Returns when fields of a hash expire, in seconds since 1970.")
                        .cost("O(N), N being the number of fields.")
                        .does(FieldCommands::hExpireTime),
                row("HGETEX @key [EX seconds | PX milliseconds | EXAT unix-time-seconds"
                                + " | PXAT unix-time-milliseconds | PERSIST]" + FIELDS)
                        .is(WRITE, FAST)
                        .keys("RW access")
                        .since("8.0.0")
                        .brief("Returns the values of fields of a hash and sets or removes their expiration.")
                        .cost("O(N), N being the number of fields.")
                        .does(FieldCommands::hGetEx),
                row("HPERSIST @key" + FIELDS)
                        .is(WRITE, FAST)
                        .keys("RW update")
                        .since("7.4.0")
                        .brief("Removes the expiration of fields of a hash.")
                        .cost("O(N), N being the number of fields.")
                        .does(FieldCommands::hPersist),
                row("HPEXPIRE @key milliseconds [NX | XX | GT | LT]" + FIELDS)
                        .is(WRITE, FAST)
                        .keys("RW update")
                        .since("7.4.0")
                        .brief("Sets how many milliseconds fields of a hash have to live.")
                        .cost("O(N), N being the number of fields.")
                        .does((args, tx, reply) -> expire(args, FieldTime.PX, "hpexpire", tx, reply)),
                row("HPEXPIREAT @key unix-time-milliseconds [NX | XX | GT | LT]" + FIELDS)
                        .is(WRITE, FAST)
                        .keys("RW update")
                        .since("7.4.0")
                        .brief("Sets when fields of a hash expire, in milliseconds since 1970.")
                        .cost("O(N), N being the number of fields.")
                        .does((args, tx, reply) -> expire(args, FieldTime.PXAT, "hpexpireat", tx, reply)),
                row("HPEXPIRETIME @key" + FIELDS)
                        .is(READONLY, FAST)
                        .keys("RO access")
                        .since("7.4.0")
                        .brief("Returns when fields of a hash expire, in milliseconds since 1970.")
                        .cost("O(N), N being the number of fields.")
                        .does(FieldCommands::hpExpireTime),
                row("HPTTL @key" + FIELDS)
                        .is(READONLY, FAST)
                        .keys("RO access")
                        .since("7.4.0")
                        .brief("Returns how many milliseconds fields of a hash have to live.")
                        .cost("O(N), N being the number of fields.")
                        .does(FieldCommands::hpTtl),
                row("HSETEX @key [NX | XX] [FNX | FXX] [EX seconds | PX milliseconds | EXAT unix-time-seconds"
                                + " | PXAT unix-time-milliseconds | KEEPTTL]"
                                + " FIELDS numfields field value [field value ...]")
                        .is(WRITE, DENYOOM, FAST)
                        .keys("RW insert")
                        .since("8.0.0")
                        .brief("Gives fields of a hash values and an expiration, on conditions.")
                        .cost("O(N), N being the number of fields.")
                        .does(FieldCommands::hSetEx),
                row("HTTL @key" + FIELDS)
                        .is(READONLY, FAST)
                        .keys("RO access")
                        .since("7.4.0")
                        .brief("Returns how many seconds fields of a hash have to live.")
                        .cost("O(N), N being the number of fields.")
                        .does(FieldCommands::hTtl));
    }

    /// NX, XX, GT and LT: what the deadline that a field has must be. None counts as one that never comes, but for XX.
    private enum Condition {
        NONE,
        NX,
        XX,
        GT,
        LT;

        static Condition at(Args args, int index) {
            if (args.is(index, "nx")) {
                return NX;
            }
            if (args.is(index, "xx")) {
                return XX;
            }
            if (args.is(index, "gt")) {
                return GT;
            }
            return args.is(index, "lt") ? LT : NONE;
        }

        boolean isMet(long oldMs, long newMs) {
            boolean had = oldMs != Tx.NO_DEADLINE;
            return switch (this) {
                case NONE -> true;
                case NX -> !had;
                case XX -> had;
                case GT -> had && newMs > oldMs;
                case LT -> !had || newMs < oldMs;
            };
        }
    }

    /// The words of HEXPIRE and its like behind the time: a condition and fields, in any order.
    private record ExpireWords(Condition condition, FieldWords fields) {
        static ExpireWords of(Args args) {
            var conditions = EnumSet.noneOf(Condition.class);
            FieldWords fields = null;
            for (int i = 3; i < args.count(); i++) {
                Condition condition = Condition.at(args, i);
                if (condition != Condition.NONE) {
                    conditions.add(condition);
                } else if (!args.is(i, "fields")) {
                    throw FieldWords.unknown(args, i);
                } else if (fields != null) {
                    throw FieldWords.TWICE;
                } else if (i >= args.count() - 2) {
                    throw NO_FIELD_NAMED;
                } else {
                    fields = FieldWords.within(args, i, 1, NUMFIELDS_NOT_POSITIVE);
                    i = fields.end() - 1;
                }
            }
            if (fields == null) {
                throw FieldWords.MISSING;
            }
            if (conditions.size() > 1) {
                throw TWO_CONDITIONS;
            }
            return new ExpireWords(
                    conditions.isEmpty()
                            ? Condition.NONE
                            : conditions.iterator().next(),
                    fields);
        }
    }

    private static void expire(Args args, FieldTime unit, String command, Tx tx, ReplySink reply) {
        Entry entry = HashCommands.hash(tx.write(args.bytes(1)));
        long deadlineMs = unit.deadlineMs(args, 2, tx, command);
        ExpireWords words = ExpireWords.of(args);
        FieldWords fields = words.fields();
        Outcomes outcomes = new Outcomes(args);
        reply.array(fields.count());
        for (int i = fields.first(); i < fields.end(); i++) {
            int outcome = entry == null ? NO_FIELD : expire(entry, args.bytes(i), deadlineMs, words.condition(), tx);
            reply.integer(outcome);
            outcomes.note(outcome, i);
        }
        if (entry != null) {
            outcomes.tell(entry, deadlineMs, tx);
        }
    }

    private static int expire(Entry entry, Bytes field, long deadlineMs, Condition condition, Tx tx) {
        long oldMs = HashValue.deadlineMs(entry, field);
        if (oldMs == HashValue.NO_FIELD) {
            return NO_FIELD;
        }
        if (!condition.isMet(oldMs, deadlineMs)) {
            return CONDITION_NOT_MET;
        }
        if (tx.isPast(deadlineMs)) {
            HashValue.remove(entry, field);
            return DELETED;
        }
        HashValue.deadlineMs(entry, field, deadlineMs);
        return DONE;
    }

    /// Which words are fields whose deadline has changed, and which have been deleted.
    private record Outcomes(Args args, List<Integer> done, List<Integer> deleted) {
        Outcomes(Args args) {
            this(args, new ArrayList<>(), new ArrayList<>());
        }

        void note(int outcome, int word) {
            if (outcome == DONE) {
                done.add(word);
            } else if (outcome == DELETED) {
                deleted.add(word);
            }
        }

        /// Says what has become of the fields, and deletes the key if none is left.
        ///
        /// @param deadlineMs what the fields have got
        void tell(Entry entry, long deadlineMs, Tx tx) {
            if (deleted.isEmpty() && done.isEmpty()) {
                return;
            }
            boolean persists = deadlineMs == Tx.NO_DEADLINE;
            (deleted.isEmpty() ? done : deleted).forEach(word -> tx.concerns(args.bytes(word)));
            entry.changed(!deleted.isEmpty() ? KeyEvent.HDEL : persists ? KeyEvent.HPERSIST : KeyEvent.HEXPIRE);
            if (!done.isEmpty()) {
                Effects effect = tx.effect(persists ? "HPERSIST" : "HPEXPIREAT").add(args.bytes(1));
                add(
                        done,
                        (persists ? effect : effect.add(deadlineMs))
                                .add("FIELDS")
                                .add(done.size()));
            }
            if (!deleted.isEmpty()) {
                add(deleted, tx.effect("HDEL").add(args.bytes(1)));
                HashValue.settle(entry);
            }
        }

        private void add(List<Integer> fields, Effects effect) {
            fields.forEach(word -> effect.add(args.bytes(word)));
        }
    }

    private static void hExpireTime(Args args, Tx tx, ReplySink reply) {
        replyDeadlines(args, 0, 1000, tx, reply);
    }

    /// Replies with deadlines, counted from a moment, in a unit.
    private static void replyDeadlines(Args args, long fromMs, int unitMs, Tx tx, ReplySink reply) {
        Entry entry = HashCommands.hash(tx.read(args.bytes(1)));
        FieldWords fields = FieldWords.at(args, 2, FieldWords.NOT_POSITIVE);
        reply.array(fields.count());
        for (int i = fields.first(); i < fields.end(); i++) {
            long deadlineMs = entry == null ? HashValue.NO_FIELD : HashValue.deadlineMs(entry, args.bytes(i));
            if (deadlineMs == HashValue.NO_FIELD) {
                reply.integer(NO_FIELD);
            } else if (deadlineMs == Tx.NO_DEADLINE) {
                reply.integer(NO_DEADLINE);
            } else {
                reply.integer((deadlineMs - fromMs + unitMs - 1) / unitMs);
            }
        }
    }

    private static void hGetEx(Args args, Tx tx, ReplySink reply) {
        Entry entry = HashCommands.hash(tx.write(args.bytes(1)));
        FieldOptions options = FieldOptions.ofHGetEx(args, tx);
        FieldWords fields = options.fields();
        Outcomes outcomes = new Outcomes(args);
        reply.array(fields.count());
        for (int i = fields.first(); i < fields.end(); i++) {
            Bytes value = entry == null ? null : HashValue.get(entry, args.bytes(i));
            if (entry == null || value == null) {
                reply.nullBulk();
                continue;
            }
            reply.bulk(value);
            if (options.persists()) {
                outcomes.note(persist(entry, args.bytes(i)), i);
            } else if (options.hasDeadline()) {
                outcomes.note(expire(entry, args.bytes(i), options.deadlineMs(), Condition.NONE, tx), i);
            }
        }
        if (entry != null) {
            outcomes.tell(entry, options.deadlineMs(), tx);
        }
    }

    private static void hPersist(Args args, Tx tx, ReplySink reply) {
        Entry entry = HashCommands.hash(tx.write(args.bytes(1)));
        FieldWords fields = FieldWords.at(args, 2, FieldWords.NOT_POSITIVE);
        Outcomes outcomes = new Outcomes(args);
        reply.array(fields.count());
        for (int i = fields.first(); i < fields.end(); i++) {
            int outcome = entry == null ? NO_FIELD : persist(entry, args.bytes(i));
            reply.integer(outcome);
            outcomes.note(outcome, i);
        }
        if (entry != null) {
            outcomes.tell(entry, Tx.NO_DEADLINE, tx);
        }
    }

    private static int persist(Entry entry, Bytes field) {
        long deadlineMs = HashValue.deadlineMs(entry, field);
        if (deadlineMs == HashValue.NO_FIELD) {
            return NO_FIELD;
        }
        if (deadlineMs == Tx.NO_DEADLINE) {
            return NO_DEADLINE;
        }
        HashValue.deadlineMs(entry, field, Tx.NO_DEADLINE);
        return DONE;
    }

    private static void hpExpireTime(Args args, Tx tx, ReplySink reply) {
        replyDeadlines(args, 0, 1, tx, reply);
    }

    private static void hpTtl(Args args, Tx tx, ReplySink reply) {
        replyDeadlines(args, tx.nowMs(), 1, tx, reply);
    }

    private static void hSetEx(Args args, Tx tx, ReplySink reply) {
        FieldOptions options = FieldOptions.ofHSetEx(args, tx);
        @Nullable Entry old = HashCommands.hash(tx.write(args.bytes(1)));
        if (!options.areMet(old)) {
            reply.integer(0);
            return;
        }
        Entry entry = old == null ? HashValue.create(tx, args.bytes(1)) : old;
        options.put(entry, tx);
        options.concern(tx);
        entry.changed(KeyEvent.HSET);
        options.tell(tx);
        if (options.isPast(tx)) {
            options.concern(tx);
            tx.also(args.bytes(1), KeyEvent.HDEL);
            HashValue.settle(entry);
        } else if (options.hasDeadline()) {
            options.concern(tx);
            tx.also(args.bytes(1), KeyEvent.HEXPIRE);
        }
        reply.integer(1);
    }

    private static void hTtl(Args args, Tx tx, ReplySink reply) {
        replyDeadlines(args, tx.nowMs(), 1000, tx, reply);
    }
}
