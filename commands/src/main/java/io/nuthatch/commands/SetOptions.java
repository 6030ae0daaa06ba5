package io.nuthatch.commands;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;
import io.nuthatch.memory.Bytes;
import io.nuthatch.resp.ReplySink;
import io.nuthatch.store.Entry;
import io.nuthatch.store.StringValue;
import io.nuthatch.store.Tx;
import org.jspecify.annotations.Nullable;

/// SET's options, in any order and case.
///
/// @param compared the value to compare with, of IFEQ and IFNE
/// @param deadlineMs [Tx#NO_DEADLINE] unless an option gives one
record SetOptions(Condition condition, @Nullable Bytes compared, boolean get, boolean keepTtl, long deadlineMs) {
    enum Condition {
        ALWAYS,
        ABSENT,
        PRESENT,
        EQUAL,
        DIFFERENT
    }

    static SetOptions parse(Args args, Tx tx) {
        Condition condition = Condition.ALWAYS;
        Bytes compared = null;
        boolean get = false;
        boolean keepTtl = false;
        ExpireTime time = null;
        int timeAt = 0;
        for (int i = 3; i < args.count(); i++) {
            boolean more = i + 1 < args.count();
            if (args.is(i, "nx") && condition == Condition.ALWAYS) {
                condition = Condition.ABSENT;
            } else if (args.is(i, "xx") && condition == Condition.ALWAYS) {
                condition = Condition.PRESENT;
            } else if (args.is(i, "ifeq") && more && condition == Condition.ALWAYS) {
                condition = Condition.EQUAL;
                compared = args.bytes(++i);
            } else if (args.is(i, "ifne") && more && condition == Condition.ALWAYS) {
                condition = Condition.DIFFERENT;
                compared = args.bytes(++i);
            } else if (args.is(i, "get")) {
                get = true;
            } else if (args.is(i, "keepttl") && time == null) {
                keepTtl = true;
            } else if (time == null && !keepTtl && ExpireTime.at(args, i) != null) {
                time = ExpireTime.at(args, i);
                timeAt = ++i;
            } else {
                throw CommandError.SYNTAX;
            }
        }
        long deadlineMs = time == null ? Tx.NO_DEADLINE : time.deadlineMs(args, timeAt, tx, "set");
        return new SetOptions(condition, compared, get, keepTtl, deadlineMs);
    }

    void set(Args args, Tx tx, ReplySink reply) {
        Bytes key = args.bytes(1);
        Entry old = tx.write(key);
        if (get || compared != null) {
            old = StringCommands.string(old);
        }
        boolean sets = isMet(old);
        if (get) {
            StringCommands.reply(old, reply);
        } else if (!sets) {
            reply.nullBulk();
        }
        if (sets) {
            long kept = old == null ? Tx.NO_DEADLINE : old.deadlineMs();
            StringValue.set(tx, key, args.bytes(2), keepTtl ? kept : deadlineMs);
            tx.changed();
            if (!get) {
                reply.ok();
            }
        }
    }

    private boolean isMet(@Nullable Entry old) {
        return switch (condition) {
            case ALWAYS -> true;
            case ABSENT -> old == null;
            case PRESENT -> old != null;
            case EQUAL -> old != null && old.value().equals(compared);
            case DIFFERENT -> old == null || !old.value().equals(compared);
        };
    }
}
