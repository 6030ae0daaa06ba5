package io.nuthatch.commands;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;
import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Numbers;
import io.nuthatch.memory.Scratch;
import io.nuthatch.resp.ReplySink;
import io.nuthatch.store.Entry;
import io.nuthatch.store.KeyEvent;
import io.nuthatch.store.StringValue;
import io.nuthatch.store.Tx;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/// INCREX's options, as the places of their arguments among the words; 0 where an option is not said.
///
/// A step that would lead out of the bounds is not taken: the reply is then the old value and 0. With SATURATE the
/// value stops at the bound. The ends of a number's own range are bounds too.
///
/// @param enx whether a deadline that is there already stays
record IncrExOptions(
        int byInt,
        int byFloat,
        int lower,
        int upper,
        boolean saturate,
        boolean enx,
        Presence presence,
        ExpireOption expire) {
    private static final CommandError BOUNDS_CROSSED = CommandError.of("ERR LBOUND can't be greater than UBOUND");

    static IncrExOptions parse(Args args) {
        int byInt = 0;
        int byFloat = 0;
        int lower = 0;
        int upper = 0;
        boolean saturate = false;
        boolean enx = false;
        Presence presence = Presence.ANY;
        ExpireOption expire = new ExpireOption("persist");
        for (int i = 2; i < args.count(); i++) {
            boolean more = i + 1 < args.count();
            if (args.is(i, "byint") && more && byInt + byFloat == 0) {
                byInt = ++i;
            } else if (args.is(i, "byfloat") && more && byInt + byFloat == 0) {
                byFloat = ++i;
            } else if (args.is(i, "lbound") && more && lower == 0) {
                lower = ++i;
            } else if (args.is(i, "ubound") && more && upper == 0) {
                upper = ++i;
            } else if (args.is(i, "saturate") && !saturate) {
                saturate = true;
            } else if (args.is(i, "enx") && !enx && !expire.hasWord()) {
                enx = true;
            } else if (Presence.at(args, i) != Presence.ANY && presence.allows(Presence.at(args, i))) {
                presence = Presence.at(args, i);
            } else {
                boolean said = expire.hasTime() || expire.hasWord();
                i = said ? ExpireOption.NOT_TAKEN : expire.take(args, i);
                if (i == ExpireOption.NOT_TAKEN || enx && expire.hasWord()) {
                    throw CommandError.SYNTAX;
                }
            }
        }
        if (enx && !expire.hasTime()) {
            throw CommandError.of("ERR ENX flag requires an expiration");
        }
        return new IncrExOptions(byInt, byFloat, lower, upper, saturate, enx, presence, expire);
    }

    void run(Args args, Tx tx, ReplySink reply) {
        if (byFloat != 0) {
            addDecimal(args, tx, reply);
        } else {
            addInteger(args, tx, reply);
        }
    }

    private void addInteger(Args args, Tx tx, ReplySink reply) {
        long step = byInt == 0 ? 1 : integer(args, byInt, "Increment");
        long least = lower == 0 ? Long.MIN_VALUE : integer(args, lower, "LBOUND");
        long most = upper == 0 ? Long.MAX_VALUE : integer(args, upper, "UBOUND");
        if (least > most) {
            throw BOUNDS_CROSSED;
        }
        long deadlineMs = expire.deadlineMs(args, tx, "increx");
        Entry entry = StringCommands.string(tx.write(args.bytes(1)));
        long old = entry == null ? 0 : StringCommands.integer(entry);
        long sum = old + step;
        boolean overflow = ((old ^ sum) & (step ^ sum)) < 0;
        long exact = !overflow ? sum : step > 0 ? Long.MAX_VALUE : Long.MIN_VALUE;
        boolean outside = overflow || exact < least || exact > most;
        if (!presence.isMet(entry) || outside && !saturate) {
            reply(old, 0, reply);
            return;
        }
        long value = Math.clamp(exact, least, most);
        long applied = value - old;
        if (((value ^ old) & (value ^ applied)) < 0) {
            throw CommandError.of("ERR applied increment would overflow");
        }
        long newMs = newDeadlineMs(entry, deadlineMs);
        StringValue.setInteger(tx, args.bytes(1), value, newMs);
        tx.changed(args.bytes(1), KeyEvent.INCRBY);
        try (Scratch digits = Scratch.ofLength(Numbers.digits(value))) {
            Numbers.write(value, digits.bytes().address());
            StringCommands.tellSet(args.bytes(1), digits.bytes(), newMs, tx);
        }
        reply(value, applied, reply);
    }

    private static long integer(Args args, int at, String what) {
        return args.integer(
                at,
                Long.MIN_VALUE,
                Long.MAX_VALUE,
                CommandError.of("ERR " + what + " is not an integer or out of range"));
    }

    private static void reply(long value, long applied, ReplySink reply) {
        reply.array(2);
        reply.integer(value);
        reply.integer(applied);
    }

    private void addDecimal(Args args, Tx tx, ReplySink reply) {
        BigDecimal step = decimal(args, byFloat, "Increment");
        BigDecimal least = lower == 0 ? Decimals.LARGEST.negate() : decimal(args, lower, "LBOUND");
        BigDecimal most = upper == 0 ? Decimals.LARGEST : decimal(args, upper, "UBOUND");
        if (least.compareTo(most) > 0) {
            throw BOUNDS_CROSSED;
        }
        long deadlineMs = expire.deadlineMs(args, tx, "increx");
        Bytes key = args.bytes(1);
        Entry entry = StringCommands.string(tx.write(key));
        BigDecimal old = StringCommands.decimal(entry);
        BigDecimal sum = Decimals.sum(old, step);
        boolean outside = sum.compareTo(least) < 0 || sum.compareTo(most) > 0;
        if (!presence.isMet(entry) || outside && !saturate) {
            reply(old, BigDecimal.ZERO, reply);
            return;
        }
        BigDecimal value = sum.max(least).min(most);
        BigDecimal applied = Decimals.sum(value, old.negate());
        if (Decimals.isInfinite(value) || Decimals.isInfinite(applied)) {
            throw CommandError.of("ERR applied increment would be Infinity");
        }
        try (Scratch text = Scratch.of(Decimals.text(value))) {
            long newMs = newDeadlineMs(entry, deadlineMs);
            StringValue.setText(tx, key, text.bytes(), newMs);
            tx.changed(key, KeyEvent.INCRBYFLOAT);
            StringCommands.tellSet(key, text.bytes(), newMs, tx);
        }
        reply(value, applied, reply);
    }

    private static BigDecimal decimal(Args args, int at, String what) {
        return Decimals.parse(args.bytes(at), CommandError.of("ERR " + what + " is not a valid float"));
    }

    private static void reply(BigDecimal value, BigDecimal applied, ReplySink reply) {
        reply.array(2);
        replyDecimal(value, reply);
        replyDecimal(applied, reply);
    }

    /// RESP2 has the text that is stored; a double of RESP3 has no more digits than a double can hold.
    private static void replyDecimal(BigDecimal value, ReplySink reply) {
        if (reply.protocol() == 2) {
            reply.bulk(Decimals.text(value));
        } else {
            reply.doubleNumber(value.doubleValue());
        }
    }

    private long newDeadlineMs(@Nullable Entry entry, long deadlineMs) {
        long oldMs = entry == null ? Tx.NO_DEADLINE : entry.deadlineMs();
        if (expire.hasWord()) {
            return Tx.NO_DEADLINE;
        }
        return expire.hasTime() && !(enx && oldMs != Tx.NO_DEADLINE) ? deadlineMs : oldMs;
    }
}
