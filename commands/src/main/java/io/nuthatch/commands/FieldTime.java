package io.nuthatch.commands;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;
import io.nuthatch.store.HashValue;
import io.nuthatch.store.Tx;
import org.jspecify.annotations.Nullable;

/// How a command says when a field is to expire: in seconds or milliseconds, from now or since 1970. Unlike a key's
/// ([ExpireTime]) it may be 0, which is past, but not negative, and not after the year 4199.
enum FieldTime {
    EX("ex", 1000, true),
    PX("px", 1, true),
    EXAT("exat", 1000, false),
    PXAT("pxat", 1, false);

    private static final CommandError NEGATIVE = CommandError.of("ERR invalid expire time, must be >= 0");
    private static final FieldTime[] ALL = values();

    private final String option;
    private final int unitMs;
    private final boolean relative;

    FieldTime(String option, int unitMs, boolean relative) {
        this.option = option;
        this.unitMs = unitMs;
        this.relative = relative;
    }

    /// The option that a word is, or null.
    static @Nullable FieldTime named(Args args, int index) {
        for (FieldTime time : ALL) {
            if (args.is(index, time.option)) {
                return time;
            }
        }
        return null;
    }

    /// The deadline that an argument stands for, in milliseconds since 1970.
    long deadlineMs(Args args, int index, Tx tx, String command) {
        long value = args.integer(index);
        if (value < 0) {
            throw NEGATIVE;
        }
        long fromMs = relative ? tx.nowMs() : 0;
        if (value > HashValue.LATEST_MS / unitMs || value * unitMs > HashValue.LATEST_MS - fromMs) {
            throw CommandError.invalidExpire(command);
        }
        return value * unitMs + fromMs;
    }
}
