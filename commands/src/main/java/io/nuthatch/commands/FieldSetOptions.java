package io.nuthatch.commands;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;
import io.nuthatch.memory.Bytes;
import io.nuthatch.store.Effects;
import io.nuthatch.store.Entry;
import io.nuthatch.store.HashValue;
import io.nuthatch.store.HashValue.Deadline;
import io.nuthatch.store.Tx;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The words of HSETEX: conditions, what becomes of deadlines, and fields with their values. NX and XX, which ask
/// whether the key is there, are Valkey's; FNX and FXX ask whether all of the fields are, or none.
final class FieldSetOptions {
    private static final String COMMAND = "hsetex";
    private static final CommandError INVALID_NUMFIELDS = CommandError.of("ERR invalid number of fields");
    private static final CommandError NO_TIME = CommandError.of("ERR missing expire time");
    private static final CommandError TWO_CONDITIONS =
            CommandError.of("ERR Only one of FXX or FNX arguments can be specified");
    private static final CommandError TWO_DEADLINES =
            CommandError.of("ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified");

    private final Args args;
    private Presence ofKey = Presence.ANY;
    private Presence ofFields = Presence.ANY;
    private Deadline old = Deadline.DROPPED;
    private long deadlineMs = Tx.NO_DEADLINE;

    /// The first field, 0 until it is known.
    private int first;

    private FieldSetOptions(Args args) {
        this.args = args;
    }

    static FieldSetOptions of(Args args, Tx tx) {
        FieldSetOptions options = new FieldSetOptions(args);
        for (int i = 2; options.first == 0; i++) {
            if (i == args.count()) {
                throw CommandError.wrongArity(COMMAND);
            }
            i = options.take(i, tx);
        }
        return options;
    }

    /// @return the option's last word
    private int take(int at, Tx tx) {
        if (args.is(at, "fields")) {
            readFields(at);
            return at;
        }
        Presence key = Presence.at(args, at);
        if (key != Presence.ANY && ofKey.allows(key)) {
            ofKey = key;
            return at;
        }
        if (args.is(at, "fnx") || args.is(at, "fxx")) {
            if (ofFields != Presence.ANY) {
                throw TWO_CONDITIONS;
            }
            ofFields = args.is(at, "fnx") ? Presence.ABSENT : Presence.PRESENT;
            return at;
        }
        return takeDeadline(at, tx);
    }

    private int takeDeadline(int at, Tx tx) {
        boolean keeps = args.is(at, "keepttl");
        FieldTime time = FieldTime.named(args, at);
        if (!keeps && time == null) {
            throw CommandError.of("ERR unknown argument: " + args.cited(at));
        }
        if (old == Deadline.KEPT || deadlineMs != Tx.NO_DEADLINE) {
            throw TWO_DEADLINES;
        }
        old = keeps ? Deadline.KEPT : Deadline.DROPPED;
        if (time == null) {
            return at;
        }
        if (at + 1 == args.count()) {
            throw NO_TIME;
        }
        deadlineMs = time.deadlineMs(args, at + 1, tx, COMMAND);
        return at + 1;
    }

    private void readFields(int at) {
        int words = args.count() - at - 2;
        if (words < 2) {
            throw CommandError.wrongArity(COMMAND);
        }
        long count = args.integer(at + 1, 1, Integer.MAX_VALUE, INVALID_NUMFIELDS);
        if (words != 2 * count) {
            throw CommandError.wrongArity(COMMAND);
        }
        first = at + 2;
    }

    boolean areMet(@Nullable Entry entry) {
        if (!ofKey.isMet(entry)) {
            return false;
        }
        for (int i = first; i < args.count() && ofFields != Presence.ANY; i += 2) {
            boolean isThere = entry != null && HashValue.get(entry, args.bytes(i)) != null;
            if (isThere != (ofFields == Presence.PRESENT)) {
                return false;
            }
        }
        return true;
    }

    /// Gives the fields their values, and deadlines that are to come.
    void put(Entry entry, Tx tx) {
        for (int i = first; i < args.count(); i += 2) {
            Bytes field = args.bytes(i);
            HashValue.put(entry, field, args.bytes(i + 1), deadlineMs == Tx.NO_DEADLINE ? old : Deadline.KEPT);
            if (isPast(tx)) {
                HashValue.remove(entry, field);
            } else if (hasDeadline()) {
                HashValue.deadlineMs(entry, field, deadlineMs);
            }
        }
    }

    /// Says which fields the next change concerns: all.
    void concern(Tx tx) {
        if (tx.tellsFields()) {
            for (int i = first; i < args.count(); i += 2) {
                tx.concerns(args.bytes(i));
            }
        }
    }

    /// Says what has been done, without the conditions: they are met.
    void tell(Tx tx) {
        if (isPast(tx)) {
            add(tx.effect("HDEL").add(args.bytes(1)), 2);
        } else if (!hasDeadline() && old == Deadline.DROPPED) {
            add(tx.effect("HSET").add(args.bytes(1)), 1);
        } else {
            Effects effect = tx.effect(COMMAND.toUpperCase(Locale.ROOT)).add(args.bytes(1));
            effect = hasDeadline() ? effect.add("PXAT").add(deadlineMs) : effect.add("KEEPTTL");
            add(effect.add("FIELDS").add((args.count() - first) / 2), 1);
        }
    }

    private void add(Effects effect, int step) {
        for (int i = first; i < args.count(); i += step) {
            effect.add(args.bytes(i));
        }
    }

    boolean hasDeadline() {
        return deadlineMs != Tx.NO_DEADLINE;
    }

    /// Whether the fields have gone as soon as they came.
    boolean isPast(Tx tx) {
        return hasDeadline() && tx.isPast(deadlineMs);
    }
}
