package io.nuthatch.commands;

import static io.nuthatch.engine.Command.row;
import static io.nuthatch.engine.CommandFlag.DENYOOM;
import static io.nuthatch.engine.CommandFlag.FAST;
import static io.nuthatch.engine.CommandFlag.READONLY;
import static io.nuthatch.engine.CommandFlag.WRITE;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;
import io.nuthatch.engine.Family;
import io.nuthatch.engine.Session;
import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Numbers;
import io.nuthatch.memory.Scratch;
import io.nuthatch.resp.ReplySink;
import io.nuthatch.store.Effects;
import io.nuthatch.store.Entry;
import io.nuthatch.store.KeyEvent;
import io.nuthatch.store.StringValue;
import io.nuthatch.store.Tx;
import io.nuthatch.store.Type;
import java.math.BigDecimal;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Strings: the table, then the bodies in the same order.
public final class StringCommands {
    /// Lengths are integers of 32 bits; the rest is room for what is done at the end of a string.
    private static final long MAX_STRING_BYTES = Integer.MAX_VALUE - 64;

    private StringCommands() {}

    public static Family family() {
        return Family.of(
                "string",
                Set.of("string"),
                row("APPEND @key value")
                        .is(WRITE, DENYOOM, FAST)
                        .keys("RW insert")
                        .since("2.0.0")
                        .brief("Appends a string to the value of a key. Creates the key if it doesn't exist.")
                        .cost("O(1) amortized, for values that grow little by little.")
                        .answers(StringCommands::append),
                row("DECR @key")
                        .is(WRITE, DENYOOM, FAST)
                        .keys("RW access update")
                        .since("1.0.0")
                        .brief("Decrements the integer value of a key by one. A missing key counts as 0.")
                        .does(StringCommands::decr),
                row("DECRBY @key decrement")
                        .is(WRITE, DENYOOM, FAST)
                        .keys("RW access update")
                        .since("1.0.0")
                        .brief("Decrements the integer value of a key by a number. A missing key counts as 0.")
                        .does(StringCommands::decrBy),
                row("DELEX @key [IFEQ value | IFNE value | IFDEQ digest | IFDNE digest]")
                        .is(WRITE, FAST)
                        .keys("RW delete variable_flags")
                        .since("8.4.0")
                        .brief("Deletes a key, only if its value or the digest of its value compares as said.")
                        .cost("O(N) for IFDEQ and IFDNE, N being the length of the value; else O(1).")
                        .does(StringCommands::delEx),
                row("DELIFEQ @key value")
                        .is(WRITE)
                        .keys("RM access delete")
                        .since("9.0.0")
                        .brief("Deletes a key, only if it holds the given value.")
                        .does(StringCommands::delIfEq),
                row("DIGEST @key")
                        .is(READONLY, FAST)
                        .keys("RO access")
                        .since("8.4.0")
                        .brief("Returns the XXH3 hash of the string value of a key.")
                        .cost("O(N), N being the length of the value.")
                        .does(StringCommands::digest),
                row("GET @key")
                        .is(READONLY, FAST)
                        .keys("RO access")
                        .since("1.0.0")
                        .brief("Returns the string value of a key.")
                        .does(StringCommands::get),
                row("GETDEL @key")
                        .is(WRITE, FAST)
                        .keys("RW access delete")
                        .since("6.2.0")
                        .brief("Returns the string value of a key and deletes the key.")
                        .does(StringCommands::getDel),
                row("GETEX @key [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | PERSIST]")
                        .is(WRITE, FAST)
                        .keys("RW access update")
                        .since("6.2.0")
                        .brief("Returns the string value of a key and sets or removes its expiration.")
                        .does(StringCommands::getEx),
                row("GETRANGE @key start end")
                        .is(READONLY)
                        .keys("RO access")
                        .since("2.4.0")
                        .brief("Returns a part of the string value of a key.")
                        .cost("O(N), N being the length of the part.")
                        .does(StringCommands::getRange),
                row("GETSET @key value")
                        .is(WRITE, DENYOOM, FAST)
                        .keys("RW access update")
                        .since("1.0.0")
                        .brief("Returns the string value of a key and sets a new one.")
                        .does(StringCommands::getSet),
                row("INCR @key")
                        .is(WRITE, DENYOOM, FAST)
                        .keys("RW access update")
                        .since("1.0.0")
                        .brief("Increments the integer value of a key by one. A missing key counts as 0.")
                        .does(StringCommands::incr),
                row("INCRBY @key increment")
                        .is(WRITE, DENYOOM, FAST)
                        .keys("RW access update")
                        .since("1.0.0")
                        .brief("Increments the integer value of a key by a number. A missing key counts as 0.")
                        .does(StringCommands::incrBy),
                row("INCRBYFLOAT @key increment")
                        .is(WRITE, DENYOOM, FAST)
                        .keys("RW access update")
                        .since("2.6.0")
                        .brief("Increments the decimal value of a key by a number. A missing key counts as 0.")
                        .does(StringCommands::incrByFloat),
                row("INCREX @key [BYFLOAT increment-float | BYINT increment] [LBOUND lowerbound] [UBOUND upperbound] [SATURATE] "
                                + "[EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | PERSIST] "
                                + "[ENX] [NX | XX]")
                        .is(WRITE, DENYOOM, FAST)
                        .keys("RW access update")
                        .since("8.8.0")
                        .brief("Increments the value of a key within bounds and sets its expiration, in one moment.")
                        .does(StringCommands::incrEx),
                row("LCS @key1 @key2 [LEN] [IDX] [MINMATCHLEN min-match-len] [WITHMATCHLEN]")
                        .is(READONLY)
                        .keys("RO access")
                        .since("7.0.0")
                        .brief("Returns the longest common subsequence of two strings.")
                        .cost("O(N*M), N and M being the lengths of the strings.")
                        .answers(StringCommands::lcs),
                row("MGET @key [@key ...]")
                        .is(READONLY, FAST)
                        .keys("RO access")
                        .tips("request_policy:multi_shard")
                        .since("1.0.0")
                        .brief("Returns the string values of one or more keys.")
                        .cost("O(N), N being the number of keys.")
                        .does(StringCommands::mGet),
                row("MSET @key value [@key value ...]")
                        .is(WRITE, DENYOOM)
                        .keys("OW update")
                        .tips("request_policy:multi_shard", "response_policy:all_succeeded")
                        .since("1.0.1")
                        .brief("Sets the string values of one or more keys, in one moment.")
                        .cost("O(N), N being the number of keys.")
                        .does(StringCommands::mSet),
                row("MSETEX numkeys @key value [@key value ...] [NX | XX] "
                                + "[EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | KEEPTTL]")
                        .is(WRITE, DENYOOM)
                        .keys("OW update")
                        .tips("request_policy:multi_shard", "response_policy:all_succeeded")
                        .since("8.4.0")
                        .brief("Sets the string values of one or more keys with one expiration, if a condition holds.")
                        .cost("O(N), N being the number of keys.")
                        .does(StringCommands::mSetEx),
                row("MSETNX @key value [@key value ...]")
                        .is(WRITE, DENYOOM)
                        .keys("OW insert")
                        .since("1.0.1")
                        .brief("Sets the string values of one or more keys, only if none of them exists.")
                        .cost("O(N), N being the number of keys.")
                        .does(StringCommands::mSetNx),
                row("PSETEX @key milliseconds value")
                        .is(WRITE, DENYOOM)
                        .keys("OW update")
                        .since("2.6.0")
                        .brief("Sets the string value of a key, with an expiration in milliseconds.")
                        .does(StringCommands::pSetEx),
                row("SET @key value [NX | XX | IFEQ comparison-value | IFNE comparison-value "
                                + "| IFDEQ comparison-digest | IFDNE comparison-digest] [GET] "
                                + "[EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | KEEPTTL]")
                        .is(WRITE, DENYOOM)
                        .keys("RW access update variable_flags")
                        .keyFlagsOfCall(StringCommands::setKeyFlags)
                        .since("1.0.0")
                        .brief(
                                "Sets the string value of a key, whatever it held before. Creates the key if it doesn't exist.")
                        .does(StringCommands::set),
                row("SETEX @key seconds value")
                        .is(WRITE, DENYOOM)
                        .keys("OW update")
                        .since("2.0.0")
                        .brief("Sets the string value of a key, with an expiration in seconds.")
                        .does(StringCommands::setEx),
                row("SETNX @key value")
                        .is(WRITE, DENYOOM, FAST)
                        .keys("OW insert")
                        .since("1.0.0")
                        .brief("Sets the string value of a key, only if the key doesn't exist.")
                        .does(StringCommands::setNx),
                row("SETRANGE @key offset value")
                        .is(WRITE, DENYOOM)
                        .keys("RW update")
                        .since("2.2.0")
                        .brief("Overwrites a part of the string value of a key. Creates the key if it doesn't exist.")
                        .cost("O(M), M being the length of the part.")
                        .answers(StringCommands::setRange),
                row("STRLEN @key")
                        .is(READONLY, FAST)
                        .keys("RO")
                        .since("2.2.0")
                        .brief("Returns the length of the string value of a key.")
                        .does(StringCommands::strLen),
                row("SUBSTR @key start end")
                        .is(READONLY)
                        .keys("RO access")
                        .since("1.0.0")
                        .brief("Returns a part of the string value of a key; GETRANGE's old name.")
                        .cost("O(N), N being the length of the part.")
                        .does(StringCommands::getRange));
    }

    /// A key's string entry, or null if there is no such key.
    static @Nullable Entry string(@Nullable Entry entry) {
        if (entry != null && entry.type() != Type.STRING) {
            throw CommandError.WRONG_TYPE;
        }
        return entry;
    }

    private static void append(Args args, Session session, ReplySink reply) {
        Tx tx = session.tx();
        Bytes key = args.bytes(1);
        Bytes tail = args.bytes(2);
        Entry entry = string(tx.write(key));
        long length;
        if (entry == null) {
            StringValue.set(tx, key, tail, Tx.NO_DEADLINE);
            length = tail.length();
        } else {
            length = StringValue.length(entry) + tail.length();
            checkLength(length, session);
            // Nothing appended counts as well: the value is raw from then on.
            StringValue.append(entry, tail);
        }
        tx.changed(key, KeyEvent.APPEND);
        reply.integer(length);
    }

    /// Refuses a string that would become longer than [#mostBytes].
    static void checkLength(long bytes, Session session) {
        if (bytes > mostBytes(session)) {
            throw CommandError.STRING_TOO_LONG;
        }
    }

    /// How long a string may be: `proto-max-bulk-len`, and a little less than two gibibytes.
    static long mostBytes(Session session) {
        return Math.min(session.engine().config().protoMaxBulkLen.value(), MAX_STRING_BYTES);
    }

    private static void decr(Args args, Tx tx, ReplySink reply) {
        add(args, -1, tx, reply);
    }

    private static void decrBy(Args args, Tx tx, ReplySink reply) {
        long decrement = args.integer(2);
        if (decrement == Long.MIN_VALUE) {
            throw CommandError.of("ERR decrement would overflow");
        }
        add(args, -decrement, tx, reply);
    }

    private static void delEx(Args args, Tx tx, ReplySink reply) {
        Entry entry = tx.write(args.bytes(1));
        if (entry == null) {
            reply.integer(0);
        } else if (args.count() == 2) {
            delete(entry, tx, reply);
        } else if (args.count() != 4) {
            throw CommandError.wrongArity("delex");
        } else {
            Comparison.Kind kind = Comparison.Kind.at(args, 2);
            if (kind == null) {
                throw CommandError.of("ERR Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE");
            }
            deleteIf(new Comparison(kind, args.bytes(3)), entry, tx, reply);
        }
    }

    private static void delete(Entry entry, Tx tx, ReplySink reply) {
        tx.effect("DEL").add(entry.key(new Bytes()));
        entry.delete();
        reply.integer(1);
    }

    private static void deleteIf(Comparison comparison, @Nullable Entry key, Tx tx, ReplySink reply) {
        Entry entry = string(key);
        if (entry != null && comparison.isMet(entry)) {
            delete(entry, tx, reply);
        } else {
            reply.integer(0);
        }
    }

    private static void delIfEq(Args args, Tx tx, ReplySink reply) {
        deleteIf(new Comparison(Comparison.Kind.IFEQ, args.bytes(2)), tx.write(args.bytes(1)), tx, reply);
    }

    private static void digest(Args args, Tx tx, ReplySink reply) {
        Entry entry = string(tx.read(args.bytes(1)));
        if (entry == null) {
            reply.nullBulk();
        } else {
            reply.bulk(Digest.text(entry.value()));
        }
    }

    private static void get(Args args, Tx tx, ReplySink reply) {
        reply(string(tx.read(args.bytes(1))), reply);
    }

    /// Replies with a string, or null if there is none.
    static void reply(@Nullable Entry entry, ReplySink reply) {
        if (entry == null) {
            reply.nullBulk();
        } else if (StringValue.isInteger(entry)) {
            reply.bulkInteger(StringValue.integer(entry));
        } else {
            reply.bulk(entry.value());
        }
    }

    private static void getDel(Args args, Tx tx, ReplySink reply) {
        Entry entry = string(tx.read(args.bytes(1)));
        reply(entry, reply);
        if (entry != null) {
            tx.effect("DEL").add(args.bytes(1));
            entry.delete();
        }
    }

    private static void getEx(Args args, Tx tx, ReplySink reply) {
        ExpireOption expire = new ExpireOption("persist");
        for (int i = 2; i < args.count(); i++) {
            i = expire.take(args, i);
            if (i == ExpireOption.NOT_TAKEN) {
                throw CommandError.SYNTAX;
            }
        }
        Entry entry = string(tx.read(args.bytes(1)));
        if (entry == null) {
            reply.nullBulk();
            return;
        }
        long deadlineMs = expire.deadlineMs(args, tx, "getex");
        reply(entry, reply);
        if (expire.hasTime()) {
            KeyCommands.expire(entry, args.bytes(1), deadlineMs, tx);
        } else if (expire.hasWord() && entry.deadlineMs() != Tx.NO_DEADLINE) {
            entry.deadlineMs(Tx.NO_DEADLINE);
            tx.changed(args.bytes(1), KeyEvent.PERSIST);
            tx.effect("PERSIST").add(args.bytes(1));
        }
    }

    private static void getRange(Args args, Tx tx, ReplySink reply) {
        long start = args.integer(2);
        long end = args.integer(3);
        Entry entry = string(tx.read(args.bytes(1)));
        if (entry == null) {
            reply.bulk("");
            return;
        }
        Bytes value = entry.value();
        long length = value.length();
        long from = Math.max(0, start < 0 ? start + length : start);
        // An end before the first byte is the first byte, as in Redis 7.
        long to = Math.min(length - 1, end < 0 ? Math.max(0, end + length) : end);
        if (start < 0 && end < 0 && start > end || from > to) {
            reply.bulk("");
        } else {
            reply.bulk(value.address() + from, (int) (to - from + 1));
        }
    }

    private static void getSet(Args args, Tx tx, ReplySink reply) {
        reply(string(tx.read(args.bytes(1))), reply);
        StringValue.set(tx, args.bytes(1), args.bytes(2), Tx.NO_DEADLINE);
        tx.changed(args.bytes(1), KeyEvent.SET);
        tx.effect("SET").add(args.bytes(1)).add(args.bytes(2));
    }

    private static void incr(Args args, Tx tx, ReplySink reply) {
        add(args, 1, tx, reply);
    }

    private static void incrBy(Args args, Tx tx, ReplySink reply) {
        add(args, args.integer(2), tx, reply);
    }

    private static void add(Args args, long increment, Tx tx, ReplySink reply) {
        Bytes key = args.bytes(1);
        Entry entry = string(tx.write(key));
        long old = entry == null ? 0 : integer(entry);
        long sum = old + increment;
        if (((old ^ sum) & (increment ^ sum)) < 0) {
            throw CommandError.OVERFLOW;
        }
        if (entry != null && StringValue.isInteger(entry)) {
            StringValue.integer(entry, sum);
        } else {
            StringValue.setInteger(tx, key, sum, entry == null ? Tx.NO_DEADLINE : entry.deadlineMs());
        }
        tx.changed(key, KeyEvent.INCRBY);
        reply.integer(sum);
    }

    /// The integer that a value is. One that has grown by APPEND is kept as bytes and still is one.
    static long integer(Entry entry) {
        if (StringValue.isInteger(entry)) {
            return StringValue.integer(entry);
        }
        Bytes value = entry.value();
        if (!Numbers.isLong(value.address(), value.length())) {
            throw CommandError.NOT_AN_INTEGER;
        }
        return Numbers.parse(value.address(), value.length());
    }

    private static void incrByFloat(Args args, Tx tx, ReplySink reply) {
        Bytes key = args.bytes(1);
        Entry entry = string(tx.write(key));
        BigDecimal old = decimal(entry);
        BigDecimal increment = Decimals.parse(args.bytes(2));
        BigDecimal sum = Decimals.sum(old, increment);
        if (Decimals.isInfinite(old) || Decimals.isInfinite(increment) || Decimals.isInfinite(sum)) {
            throw CommandError.NAN_OR_INFINITY;
        }
        try (Scratch text = Scratch.of(Decimals.text(sum))) {
            StringValue.setText(tx, key, text.bytes(), entry == null ? Tx.NO_DEADLINE : entry.deadlineMs());
            tx.changed(key, KeyEvent.INCRBYFLOAT);
            tx.effect("SET").add(key).add(text.bytes()).add("KEEPTTL");
            reply.bulk(text.bytes());
        }
    }

    /// The decimal number that a value is; a key that is not there counts as 0.
    static BigDecimal decimal(@Nullable Entry entry) {
        return entry == null ? BigDecimal.ZERO : Decimals.parse(entry.value());
    }

    private static void incrEx(Args args, Tx tx, ReplySink reply) {
        IncrExOptions.parse(args).run(args, tx, reply);
    }

    private static void lcs(Args args, Session session, ReplySink reply) {
        Entry a = session.tx().read(args.bytes(1));
        Entry b = session.tx().read(args.bytes(2));
        if (a != null && a.type() != Type.STRING || b != null && b.type() != Type.STRING) {
            throw CommandError.of("ERR The specified keys must contain string values");
        }
        LcsOptions options = LcsOptions.parse(args);
        Bytes none = new Bytes();
        long limitBytes = session.engine().config().protoMaxBulkLen.value();
        try (LongestCommonSubsequence lcs =
                new LongestCommonSubsequence(a == null ? none : a.value(), b == null ? none : b.value(), limitBytes)) {
            options.reply(lcs, reply);
        }
    }

    private static void mGet(Args args, Tx tx, ReplySink reply) {
        reply.array(args.count() - 1);
        for (int i = 1; i < args.count(); i++) {
            Entry entry = tx.read(args.bytes(i));
            reply(entry == null || entry.type() != Type.STRING ? null : entry, reply);
        }
    }

    private static void mSet(Args args, Tx tx, ReplySink reply) {
        checkPairs(args, "mset");
        setAll(args, tx);
        reply.ok();
    }

    private static void mSetEx(Args args, Tx tx, ReplySink reply) {
        int keys = (int) args.integer(1, 1, Integer.MAX_VALUE, CommandError.INVALID_NUMKEYS);
        int end = 2 + 2 * Math.min(keys, args.count());
        if (end > args.count()) {
            throw CommandError.of("ERR wrong number of key-value pairs");
        }
        Presence presence = Presence.ANY;
        ExpireOption expire = new ExpireOption("keepttl");
        for (int i = end; i < args.count(); i++) {
            Presence wanted = Presence.at(args, i);
            if (wanted != Presence.ANY && presence.allows(wanted)) {
                presence = wanted;
                continue;
            }
            i = expire.take(args, i);
            if (i == ExpireOption.NOT_TAKEN) {
                throw CommandError.SYNTAX;
            }
        }
        long deadlineMs = expire.deadlineMs(args, tx, "msetex");
        for (int i = 2; i < end; i += 2) {
            if (!presence.isMet(tx.find(args.bytes(i)))) {
                reply.integer(0);
                return;
            }
        }
        for (int i = 2; i < end; i += 2) {
            Entry old = expire.hasWord() ? tx.find(args.bytes(i)) : null;
            long newMs = old == null ? deadlineMs : old.deadlineMs();
            StringValue.set(tx, args.bytes(i), args.bytes(i + 1), newMs);
            tx.changed(args.bytes(i), KeyEvent.SET);
            tellSet(args.bytes(i), args.bytes(i + 1), newMs, tx);
            if (expire.hasTime()) {
                tx.also(args.bytes(i), KeyEvent.EXPIRE);
            }
        }
        reply.integer(1);
    }

    /// Says that a key has got a value, and a deadline or none.
    static void tellSet(Bytes key, Bytes value, long deadlineMs, Tx tx) {
        Effects effect = tx.effect("SET").add(key).add(value);
        if (deadlineMs != Tx.NO_DEADLINE) {
            effect.add("PXAT").add(deadlineMs);
        }
    }

    private static void mSetNx(Args args, Tx tx, ReplySink reply) {
        checkPairs(args, "msetnx");
        for (int i = 1; i < args.count(); i += 2) {
            if (tx.find(args.bytes(i)) != null) {
                reply.integer(0);
                return;
            }
        }
        setAll(args, tx);
        reply.integer(1);
    }

    private static void checkPairs(Args args, String command) {
        if (args.count() % 2 == 0) {
            throw CommandError.wrongArity(command);
        }
    }

    private static void setAll(Args args, Tx tx) {
        for (int i = 1; i < args.count(); i += 2) {
            StringValue.set(tx, args.bytes(i), args.bytes(i + 1), Tx.NO_DEADLINE);
            tx.changed(args.bytes(i), KeyEvent.SET);
        }
    }

    private static void pSetEx(Args args, Tx tx, ReplySink reply) {
        setWithin(ExpireTime.PX, "psetex", args, tx, reply);
    }

    /// SET reads the old value only if it replies with it or compares it.
    private static List<String> setKeyFlags(Args args) {
        for (int i = 3; i < args.count(); i++) {
            if (args.is(i, "get") || args.is(i, "ifeq") || args.is(i, "ifne")) {
                return List.of("RW", "access", "update");
            }
        }
        return List.of("OW", "update");
    }

    private static void set(Args args, Tx tx, ReplySink reply) {
        if (args.count() == 3) {
            StringValue.set(tx, args.bytes(1), args.bytes(2), Tx.NO_DEADLINE);
            tx.changed(args.bytes(1), KeyEvent.SET);
            reply.ok();
        } else {
            SetOptions.parse(args, tx).set(args, tx, reply);
        }
    }

    private static void setEx(Args args, Tx tx, ReplySink reply) {
        setWithin(ExpireTime.EX, "setex", args, tx, reply);
    }

    private static void setWithin(ExpireTime time, String command, Args args, Tx tx, ReplySink reply) {
        long deadlineMs = time.deadlineMs(args, 2, tx, command);
        StringValue.set(tx, args.bytes(1), args.bytes(3), deadlineMs);
        tx.changed(args.bytes(1), KeyEvent.SET);
        tx.also(args.bytes(1), KeyEvent.EXPIRE);
        tellSet(args.bytes(1), args.bytes(3), deadlineMs, tx);
        reply.ok();
    }

    private static void setNx(Args args, Tx tx, ReplySink reply) {
        if (tx.write(args.bytes(1)) != null) {
            reply.integer(0);
            return;
        }
        StringValue.set(tx, args.bytes(1), args.bytes(2), Tx.NO_DEADLINE);
        tx.changed(args.bytes(1), KeyEvent.SET);
        reply.integer(1);
    }

    private static void setRange(Args args, Session session, ReplySink reply) {
        Tx tx = session.tx();
        Bytes key = args.bytes(1);
        Bytes part = args.bytes(3);
        long offset = args.integer(2);
        if (offset < 0) {
            throw CommandError.OFFSET_OUT_OF_RANGE;
        }
        Entry entry = string(tx.write(key));
        if (part.isEmpty()) {
            reply.integer(entry == null ? 0 : StringValue.length(entry));
            return;
        }
        // The offset alone may be anything: the sum must not overflow.
        checkLength(Math.min(offset, Integer.MAX_VALUE) + part.length(), session);
        if (entry == null) {
            entry = StringValue.setEmpty(tx, key);
        }
        StringValue.setRange(entry, (int) offset, part);
        tx.changed(key, KeyEvent.SETRANGE);
        reply.integer(StringValue.length(entry));
    }

    private static void strLen(Args args, Tx tx, ReplySink reply) {
        Entry entry = string(tx.read(args.bytes(1)));
        reply.integer(entry == null ? 0 : StringValue.length(entry));
    }
}
