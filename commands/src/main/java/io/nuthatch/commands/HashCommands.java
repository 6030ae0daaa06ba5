package io.nuthatch.commands;

import static io.nuthatch.engine.Command.container;
import static io.nuthatch.engine.Command.row;
import static io.nuthatch.engine.CommandFlag.DENYOOM;
import static io.nuthatch.engine.CommandFlag.FAST;
import static io.nuthatch.engine.CommandFlag.READONLY;
import static io.nuthatch.engine.CommandFlag.WRITE;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;
import io.nuthatch.engine.Family;
import io.nuthatch.engine.Fieldsets.Fieldset;
import io.nuthatch.engine.Session;
import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Numbers;
import io.nuthatch.memory.Scratch;
import io.nuthatch.resp.ReplySink;
import io.nuthatch.store.Effects;
import io.nuthatch.store.Entry;
import io.nuthatch.store.HashValue;
import io.nuthatch.store.KeyEvent;
import io.nuthatch.store.Tx;
import io.nuthatch.store.Type;
import java.math.BigDecimal;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Hashes: the table, then the bodies in the same order.
public final class HashCommands {
    private static final CommandError VALUE_NOT_AN_INTEGER = CommandError.of("ERR hash value is not an integer");
    private static final CommandError VALUE_NOT_A_FLOAT = CommandError.of("ERR hash value is not a float");
    private static final CommandError VALUES_AND_FIELDS =
            CommandError.of("ERR value count does not match fieldset field count");
    private static final CommandError INFINITE_INCREMENT = CommandError.of("ERR value is NaN or Infinity");

    /// The most fields that HRANDFIELD draws with repetition: with their values they fill one reply. Redis sets no
    /// limit, and begins a reply that never ends.
    private static final long MAX_REPEATED = Integer.MAX_VALUE / 2;

    private HashCommands() {}

    public static Family family() {
        return Family.of(
                "hash",
                Set.of("hash"),
                row("HDEL @key field [field ...]")
                        .is(WRITE, FAST)
                        .keys("RW delete")
                        .since("2.0.0")
                        .brief("Takes fields out of a hash.")
                        .cost("O(N), N being the number of fields.")
                        .does(HashCommands::hDel),
                row("HEXISTS @key field")
                        .is(READONLY, FAST)
                        .keys("RO")
                        .since("2.0.0")
                        .brief("Returns whether a hash has a field.")
                        .does(HashCommands::hExists),
                row("HGET @key field")
                        .is(READONLY, FAST)
                        .keys("RO access")
                        .since("2.0.0")
                        .brief("Returns the value of a field of a hash.")
                        .does(HashCommands::hGet),
                row("HGETALL @key")
                        .is(READONLY)
                        .keys("RO access")
                        .tips("nondeterministic_output_order")
                        .since("2.0.0")
                        .brief("Returns all fields of a hash with their values.")
                        .cost("O(N), N being the size of the hash.")
                        .does(HashCommands::hGetAll),
                row("HGETDEL @key FIELDS numfields field [field ...]")
                        .is(WRITE, FAST)
                        .keys("RW access delete")
                        .since("8.0.0")
                        .brief("Returns the values of fields of a hash and takes the fields out.")
                        .cost("O(N), N being the number of fields.")
                        .does(HashCommands::hGetDel),
                container(
                        "HIMPORT",
                        "8.10.0",
                        "A container for commands that make many hashes of the same fields.",
                        "hash"),
                row("HIMPORT DISCARD fieldset-name")
                        .tips("request_policy:all_shards")
                        .since("8.10.0")
                        .brief("Forgets the names of fields that the client has prepared under a name.")
                        .answers(HashCommands::hImportDiscard),
                row("HIMPORT DISCARDALL")
                        .tips("request_policy:all_shards")
                        .since("8.10.0")
                        .brief("Forgets all names of fields that the client has prepared.")
                        .cost("O(N), N being the number of fieldsets.")
                        .answers(HashCommands::hImportDiscardAll),
                row("HIMPORT PREPARE fieldset-name field [field ...]")
                        .is(DENYOOM)
                        .tips("request_policy:all_shards")
                        .since("8.10.0")
                        .brief("Prepares names of fields for hashes of which only the values are to be sent.")
                        .cost("O(N*log(N)), N being the number of fields.")
                        .answers(HashCommands::hImportPrepare),
                row("HIMPORT SET @key fieldset-name value [value ...]")
                        .is(WRITE, DENYOOM)
                        .keys("OW update")
                        .since("8.10.0")
                        .brief("Makes a hash of prepared names of fields and their values.")
                        .cost("O(N), N being the number of fields.")
                        .answers(HashCommands::hImportSet),
                row("HINCRBY @key field increment")
                        .is(WRITE, DENYOOM, FAST)
                        .keys("RW access update")
                        .since("2.0.0")
                        .brief("Increments the integer value of a field of a hash. A missing field counts as 0.")
                        .does(HashCommands::hIncrBy),
                row("HINCRBYFLOAT @key field increment")
                        .is(WRITE, DENYOOM, FAST)
                        .keys("RW access update")
                        .since("2.6.0")
                        .brief("Increments the decimal value of a field of a hash. A missing field counts as 0.")
                        .does(HashCommands::hIncrByFloat),
                row("HKEYS @key")
                        .is(READONLY)
                        .keys("RO access")
                        .tips("nondeterministic_output_order")
                        .since("2.0.0")
                        .brief("Returns all fields of a hash.")
                        .cost("O(N), N being the size of the hash.")
                        .does(HashCommands::hKeys),
                row("HLEN @key")
                        .is(READONLY, FAST)
                        .keys("RO")
                        .since("2.0.0")
                        .brief("Returns how many fields a hash has.")
                        .does(HashCommands::hLen),
                row("HMGET @key field [field ...]")
                        .is(READONLY, FAST)
                        .keys("RO access")
                        .since("2.0.0")
                        .brief("Returns the values of several fields of a hash.")
                        .cost("O(N), N being the number of fields.")
                        .does(HashCommands::hmGet),
                row("HMSET @key field value [field value ...]")
                        .is(WRITE, DENYOOM, FAST)
                        .keys("RW update")
                        .since("2.0.0")
                        .deprecated("4.0.0", "HSET with several fields")
                        .brief("Gives fields of a hash values.")
                        .cost("O(N), N being the number of fields.")
                        .does(HashCommands::hmSet),
                row("HRANDFIELD @key [count [WITHVALUES]]")
                        .is(READONLY)
                        .keys("RO access")
                        .tips("nondeterministic_output")
                        .since("6.2.0")
                        .brief("Returns fields of a hash at random.")
                        .cost("O(N), N being the number of fields returned.")
                        .does(HashCommands::hRandField),
                row("HSCAN @key cursor [MATCH pattern] [COUNT count] [NOVALUES]")
                        .is(READONLY)
                        .keys("RO access")
                        .tips("nondeterministic_output")
                        .since("2.8.0")
                        .brief("Visits the fields of a hash, a part with each call.")
                        .cost("O(1) for each call, O(N) for all, N being the size of the hash.")
                        .does(HashCommands::hScan),
                row("HSET @key field value [field value ...]")
                        .is(WRITE, DENYOOM, FAST)
                        .keys("RW update")
                        .since("2.0.0")
                        .brief("Gives fields of a hash values. Creates the key if it doesn't exist.")
                        .cost("O(N), N being the number of fields.")
                        .does(HashCommands::hSet),
                row("HSETNX @key field value")
                        .is(WRITE, DENYOOM, FAST)
                        .keys("RW insert")
                        .since("2.0.0")
                        .brief("Gives a field of a hash a value if the hash does not have the field.")
                        .does(HashCommands::hSetNx),
                row("HSTRLEN @key field")
                        .is(READONLY, FAST)
                        .keys("RO")
                        .since("3.2.0")
                        .brief("Returns the length of the value of a field of a hash.")
                        .does(HashCommands::hStrLen),
                row("HVALS @key")
                        .is(READONLY)
                        .keys("RO access")
                        .tips("nondeterministic_output_order")
                        .since("2.0.0")
                        .brief("Returns all values of a hash.")
                        .cost("O(N), N being the size of the hash.")
                        .does(HashCommands::hVals));
    }

    /// A key's hash, or null if there is no such key.
    static @Nullable Entry hash(@Nullable Entry entry) {
        if (entry != null && entry.type() != Type.HASH) {
            throw CommandError.WRONG_TYPE;
        }
        return entry;
    }

    private static @Nullable Entry read(Args args, Tx tx) {
        return hash(tx.read(args.bytes(1)));
    }

    private static @Nullable Bytes get(@Nullable Entry entry, Bytes field) {
        return entry == null ? null : HashValue.get(entry, field);
    }

    private static void reply(@Nullable Bytes value, ReplySink reply) {
        if (value == null) {
            reply.nullBulk();
        } else {
            reply.bulk(value);
        }
    }

    /// Gives a field a value, in a hash that is made if it is not there. A field that expires still does.
    private static void put(@Nullable Entry entry, Args args, Bytes value, Tx tx) {
        Entry hash = entry == null ? HashValue.create(tx, args.bytes(1)) : entry;
        HashValue.put(hash, args.bytes(2), value, HashValue.Deadline.KEPT);
    }

    private static void hDel(Args args, Tx tx, ReplySink reply) {
        Entry entry = hash(tx.write(args.bytes(1)));
        int removed = 0;
        for (int i = 2; entry != null && i < args.count(); i++) {
            if (HashValue.remove(entry, args.bytes(i))) {
                tx.concerns(args.bytes(i));
                removed++;
            }
        }
        if (entry != null && removed > 0) {
            entry.changed(KeyEvent.HDEL);
            HashValue.settle(entry);
        }
        reply.integer(removed);
    }

    private static void hExists(Args args, Tx tx, ReplySink reply) {
        reply.integer(get(read(args, tx), args.bytes(2)) == null ? 0 : 1);
    }

    private static void hGet(Args args, Tx tx, ReplySink reply) {
        reply(get(read(args, tx), args.bytes(2)), reply);
    }

    private static void hGetAll(Args args, Tx tx, ReplySink reply) {
        Entry entry = read(args, tx);
        if (entry == null) {
            reply.map(0);
            return;
        }
        reply.map((int) HashValue.length(entry));
        HashValue.forEach(entry, (field, value) -> {
            reply.bulk(field);
            reply.bulk(value);
        });
    }

    private static void hGetDel(Args args, Tx tx, ReplySink reply) {
        Entry entry = hash(tx.write(args.bytes(1)));
        FieldWords fields = FieldWords.at(args, 2, FieldWords.NOT_POSITIVE);
        boolean removed = false;
        reply.array(fields.count());
        for (int i = fields.first(); i < fields.end(); i++) {
            reply(get(entry, args.bytes(i)), reply);
            if (entry != null && HashValue.remove(entry, args.bytes(i))) {
                tx.concerns(args.bytes(i));
                removed = true;
            }
        }
        if (entry != null && removed) {
            Effects effect = tx.effect("HDEL").add(args.bytes(1));
            for (int i = 4; i < args.count(); i++) {
                effect.add(args.bytes(i));
            }
            entry.changed(KeyEvent.HDEL);
            HashValue.settle(entry);
        }
    }

    private static void hImportDiscard(Args args, Session session, ReplySink reply) {
        reply.integer(session.fieldsets().discard(args.bytes(2)) ? 1 : 0);
    }

    private static void hImportDiscardAll(Args ignored, Session session, ReplySink reply) {
        reply.integer(session.fieldsets().discardAll());
    }

    private static void hImportPrepare(Args args, Session session, ReplySink reply) {
        session.fieldsets().prepare(args.bytes(2), args, 3);
        reply.ok();
    }

    private static void hImportSet(Args args, Session session, ReplySink reply) {
        Tx tx = session.tx();
        Bytes key = args.bytes(2);
        Entry old = hash(tx.write(key));
        Fieldset fieldset = session.fieldsets().named(args.bytes(3));
        if (args.count() - 4 != fieldset.count()) {
            throw VALUES_AND_FIELDS;
        }
        Entry entry = HashValue.put(tx, key);
        fieldset.forEach((field, place) -> HashValue.put(entry, field, args.bytes(4 + place)));
        if (tx.tellsFields()) {
            fieldset.forEach((field, place) -> tx.concerns(field));
        }
        entry.changed(KeyEvent.HSET);
        if (old != null) {
            tx.effect("DEL").add(key);
        }
        Effects effect = tx.effect("HSET").add(key);
        fieldset.forEach((field, place) -> effect.add(field).add(args.bytes(4 + place)));
        reply.ok();
    }

    private static void hIncrBy(Args args, Tx tx, ReplySink reply) {
        long increment = args.integer(3);
        Entry entry = hash(tx.write(args.bytes(1)));
        long old = integer(get(entry, args.bytes(2)));
        long sum = old + increment;
        if (((old ^ sum) & (increment ^ sum)) < 0) {
            throw CommandError.OVERFLOW;
        }
        try (Scratch digits = Scratch.ofLength(Numbers.digits(sum))) {
            Numbers.write(sum, digits.bytes().address());
            put(entry, args, digits.bytes(), tx);
        }
        tx.concerns(args.bytes(2));
        tx.changed(args.bytes(1), KeyEvent.HINCRBY);
        reply.integer(sum);
    }

    private static long integer(@Nullable Bytes value) {
        if (value == null) {
            return 0;
        }
        if (!Numbers.isLong(value.address(), value.length())) {
            throw VALUE_NOT_AN_INTEGER;
        }
        return Numbers.parse(value.address(), value.length());
    }

    private static void hIncrByFloat(Args args, Tx tx, ReplySink reply) {
        BigDecimal increment = Decimals.parse(args.bytes(3));
        if (Decimals.isInfinite(increment)) {
            throw INFINITE_INCREMENT;
        }
        Entry entry = hash(tx.write(args.bytes(1)));
        Bytes value = get(entry, args.bytes(2));
        BigDecimal old = value == null ? BigDecimal.ZERO : Decimals.parse(value, VALUE_NOT_A_FLOAT);
        BigDecimal sum = Decimals.sum(old, increment);
        if (Decimals.isInfinite(old) || Decimals.isInfinite(sum)) {
            throw CommandError.NAN_OR_INFINITY;
        }
        try (Scratch text = Scratch.of(Decimals.text(sum))) {
            put(entry, args, text.bytes(), tx);
            tx.concerns(args.bytes(2));
            tx.changed(args.bytes(1), KeyEvent.HINCRBYFLOAT);
            boolean expires = entry != null && HashValue.deadlineMs(entry, args.bytes(2)) != Tx.NO_DEADLINE;
            Effects effect = tx.effect(expires ? "HSETEX" : "HSET").add(args.bytes(1));
            (expires ? effect.add("KEEPTTL").add("FIELDS").add(1) : effect)
                    .add(args.bytes(2))
                    .add(text.bytes());
            reply.bulk(text.bytes());
        }
    }

    private static void hKeys(Args args, Tx tx, ReplySink reply) {
        replyEach(read(args, tx), (field, value) -> reply.bulk(field), reply);
    }

    private static void replyEach(@Nullable Entry entry, HashValue.Visitor visitor, ReplySink reply) {
        if (entry == null) {
            reply.emptyArray();
            return;
        }
        reply.array((int) HashValue.length(entry));
        HashValue.forEach(entry, visitor);
    }

    private static void hLen(Args args, Tx tx, ReplySink reply) {
        Entry entry = read(args, tx);
        reply.integer(entry == null ? 0 : HashValue.length(entry));
    }

    private static void hmGet(Args args, Tx tx, ReplySink reply) {
        Entry entry = read(args, tx);
        reply.array(args.count() - 2);
        for (int i = 2; i < args.count(); i++) {
            reply(get(entry, args.bytes(i)), reply);
        }
    }

    private static void hmSet(Args args, Tx tx, ReplySink reply) {
        putAll(args, "hmset", tx);
        reply.ok();
    }

    /// Gives the fields that follow the key the values that follow each.
    ///
    /// @return how many fields are new
    private static int putAll(Args args, String command, Tx tx) {
        if (args.count() % 2 != 0) {
            throw CommandError.wrongArity(command);
        }
        Entry old = hash(tx.write(args.bytes(1)));
        Entry entry = old == null ? HashValue.create(tx, args.bytes(1)) : old;
        int added = 0;
        for (int i = 2; i < args.count(); i += 2) {
            if (HashValue.put(entry, args.bytes(i), args.bytes(i + 1))) {
                added++;
            }
        }
        if (tx.tellsFields()) {
            for (int i = 2; i < args.count(); i += 2) {
                tx.concerns(args.bytes(i));
            }
        }
        entry.changed(KeyEvent.HSET);
        return added;
    }

    private static void hRandField(Args args, Tx tx, ReplySink reply) {
        if (args.count() == 2) {
            Entry entry = read(args, tx);
            if (entry == null) {
                reply.nullBulk();
            } else {
                HashValue.random(entry, tx.random(), fields(false, reply));
            }
            return;
        }
        long count = args.integer(2);
        if (count == Long.MIN_VALUE) {
            throw CommandError.outOfRange(-Long.MAX_VALUE, Long.MAX_VALUE);
        }
        boolean withValues = args.count() == 4 && args.is(3, "withvalues");
        if (args.count() > 3 && !withValues) {
            throw CommandError.SYNTAX;
        }
        if (withValues && Math.abs(count) > Long.MAX_VALUE / 2) {
            throw CommandError.OUT_OF_RANGE;
        }
        if (count < -MAX_REPEATED) {
            throw CommandError.outOfRange(-MAX_REPEATED, Long.MAX_VALUE);
        }
        Entry entry = read(args, tx);
        if (entry == null || count == 0) {
            reply.emptyArray();
        } else {
            replyRandom(entry, count, withValues, tx, reply);
        }
    }

    /// Fields at random: different ones or, if the count is negative, any.
    private static void replyRandom(Entry entry, long count, boolean withValues, Tx tx, ReplySink reply) {
        long length = HashValue.length(entry);
        long replied = count < 0 ? -count : Math.min(count, length);
        HashValue.Visitor visitor = fields(withValues, reply);
        reply.array((int) (withValues && reply.protocol() == 2 ? replied * 2 : replied));
        if (count < 0) {
            for (long left = replied; left > 0; left--) {
                HashValue.random(entry, tx.random(), visitor);
            }
        } else if (replied < length) {
            HashValue.sample(entry, replied, tx.random(), visitor);
        } else {
            HashValue.forEach(entry, visitor);
        }
    }

    /// What replies with one field after another. With their values they come in one flat list in RESP2, and in pairs
    /// in RESP3.
    private static HashValue.Visitor fields(boolean withValues, ReplySink reply) {
        if (!withValues) {
            return (field, value) -> reply.bulk(field);
        }
        boolean inPairs = reply.protocol() != 2;
        return (field, value) -> {
            if (inPairs) {
                reply.array(2);
            }
            reply.bulk(field);
            reply.bulk(value);
        };
    }

    private static void hScan(Args args, Tx tx, ReplySink reply) {
        ScanOptions.cursor(args);
        Entry entry = read(args, tx);
        if (entry == null) {
            ScanOptions.answerNothing(reply);
            return;
        }
        ScanOptions options = ScanOptions.of(args, "novalues");
        options.answer(
                reply,
                (cursor, answer) -> HashValue.scan(entry, cursor, options.count(), (field, value) -> {
                    if (options.takes(field)) {
                        answer.add(field);
                        if (!options.bare()) {
                            answer.add(value);
                        }
                    }
                }));
    }

    private static void hSet(Args args, Tx tx, ReplySink reply) {
        reply.integer(putAll(args, "hset", tx));
    }

    private static void hSetNx(Args args, Tx tx, ReplySink reply) {
        Entry entry = hash(tx.write(args.bytes(1)));
        if (get(entry, args.bytes(2)) != null) {
            reply.integer(0);
            return;
        }
        put(entry, args, args.bytes(3), tx);
        tx.concerns(args.bytes(2));
        tx.changed(args.bytes(1), KeyEvent.HSET);
        reply.integer(1);
    }

    private static void hStrLen(Args args, Tx tx, ReplySink reply) {
        Bytes value = get(read(args, tx), args.bytes(2));
        reply.integer(value == null ? 0 : value.length());
    }

    private static void hVals(Args args, Tx tx, ReplySink reply) {
        replyEach(read(args, tx), (field, value) -> reply.bulk(value), reply);
    }
}
