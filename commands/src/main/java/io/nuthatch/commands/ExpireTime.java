package io.nuthatch.commands;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;
import io.nuthatch.store.Tx;
import org.jspecify.annotations.Nullable;

/// How a command says when a key is to expire: in seconds or milliseconds, from now or since 1970.
enum ExpireTime {
    EX("ex", 1000, true),
    PX("px", 1, true),
    EXAT("exat", 1000, false),
    PXAT("pxat", 1, false);

    private static final ExpireTime[] ALL = values();

    private final String option;
    private final int unitMs;
    private final boolean relative;

    ExpireTime(String option, int unitMs, boolean relative) {
        this.option = option;
        this.unitMs = unitMs;
        this.relative = relative;
    }

    /// The option that a word is, with an argument after it, or null.
    static @Nullable ExpireTime at(Args args, int index) {
        for (ExpireTime time : ALL) {
            if (index + 1 < args.count() && args.is(index, time.option)) {
                return time;
            }
        }
        return null;
    }

    /// The deadline that an argument stands for, in milliseconds since 1970. It must lie after 1970.
    long deadlineMs(Args args, int index, Tx tx, String command) {
        long value = args.integer(index);
        if (value <= 0) {
            throw CommandError.invalidExpire(command);
        }
        return deadlineMs(value, tx, command);
    }

    /// The deadline that a number stands for, which may be past.
    long deadlineMs(long value, Tx tx, String command) {
        if (value > Long.MAX_VALUE / unitMs || value < Long.MIN_VALUE / unitMs) {
            throw CommandError.invalidExpire(command);
        }
        long ms = value * unitMs;
        if (!relative) {
            return ms;
        }
        if (ms > Long.MAX_VALUE - tx.nowMs()) {
            throw CommandError.invalidExpire(command);
        }
        return ms + tx.nowMs();
    }
}
