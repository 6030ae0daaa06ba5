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
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The words of HSETEX and HGETEX: conditions, what becomes of deadlines, and fields, those of HSETEX with their
/// values. They come in any order. NX and XX, which ask whether the key is there, are Valkey's; FNX and FXX ask
/// whether all of the fields are, or none.
final class FieldOptions {
    private static final CommandError INVALID_NUMFIELDS = CommandError.of("ERR invalid number of fields");
    private static final CommandError NO_TIME = CommandError.of("ERR missing expire time");
    private static final CommandError TWO_CONDITIONS =
            CommandError.of("ERR Only one of FXX or FNX arguments can be specified");

    private final Args args;

    /// HSETEX or HGETEX, in lower case.
    private final String command;

    private Presence ofKey = Presence.ANY;
    private Presence ofFields = Presence.ANY;
    private Deadline old = Deadline.DROPPED;
    private boolean persists;
    private long deadlineMs = Tx.NO_DEADLINE;
    private @Nullable FieldWords fields;

    private FieldOptions(Args args, String command) {
        this.args = args;
        this.command = command;
    }

    static FieldOptions ofHSetEx(Args args, Tx tx) {
        return new FieldOptions(args, "hsetex").read(tx);
    }

    static FieldOptions ofHGetEx(Args args, Tx tx) {
        return new FieldOptions(args, "hgetex").read(tx);
    }

    private FieldOptions read(Tx tx) {
        for (int i = 2; i < args.count(); i++) {
            i = take(i, tx);
        }
        if (fields == null) {
            throw FieldWords.MISSING;
        }
        return this;
    }

    /// @return the option's last word
    private int take(int at, Tx tx) {
        if (args.is(at, "fields")) {
            return takeFields(at);
        }
        if (sets()) {
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
        }
        return takeDeadline(at, tx);
    }

    private boolean sets() {
        return command.equals("hsetex");
    }

    private int takeFields(int at) {
        if (fields != null) {
            throw FieldWords.TWICE;
        }
        if (at + 1 == args.count()) {
            throw CommandError.wrongArity(command);
        }
        fields = FieldWords.within(args, at, sets() ? 2 : 1, INVALID_NUMFIELDS);
        return fields.end() - 1;
    }

    private int takeDeadline(int at, Tx tx) {
        boolean stays = args.is(at, sets() ? "keepttl" : "persist");
        FieldTime time = FieldTime.named(args, at);
        if (!stays && time == null) {
            throw FieldWords.unknown(args, at);
        }
        if (old == Deadline.KEPT || persists || deadlineMs != Tx.NO_DEADLINE) {
            throw CommandError.of("ERR Only one of EX, PX, EXAT, PXAT or " + (sets() ? "KEEPTTL" : "PERSIST")
                    + " arguments can be specified");
        }
        if (time == null) {
            old = sets() ? Deadline.KEPT : old;
            persists = !sets();
            return at;
        }
        if (at + 1 == args.count()) {
            throw NO_TIME;
        }
        deadlineMs = time.deadlineMs(args, at + 1, tx, command);
        return at + 1;
    }

    FieldWords fields() {
        return Objects.requireNonNull(fields);
    }

    /// Whether deadlines are to be taken away: HGETEX PERSIST.
    boolean persists() {
        return persists;
    }

    /// The deadline that the fields are to have, or [Tx#NO_DEADLINE].
    long deadlineMs() {
        return deadlineMs;
    }

    boolean areMet(@Nullable Entry entry) {
        if (!ofKey.isMet(entry)) {
            return false;
        }
        for (int i = fields().first(); i < fields().end() && ofFields != Presence.ANY; i += 2) {
            boolean isThere = entry != null && HashValue.get(entry, args.bytes(i)) != null;
            if (isThere != (ofFields == Presence.PRESENT)) {
                return false;
            }
        }
        return true;
    }

    /// Gives the fields their values, and deadlines that are to come.
    void put(Entry entry, Tx tx) {
        for (int i = fields().first(); i < fields().end(); i += 2) {
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
            for (int i = fields().first(); i < fields().end(); i += 2) {
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
            Effects effect = tx.effect(command.toUpperCase(Locale.ROOT)).add(args.bytes(1));
            effect = hasDeadline() ? effect.add("PXAT").add(deadlineMs) : effect.add("KEEPTTL");
            add(effect.add("FIELDS").add(fields().count()), 1);
        }
    }

    private void add(Effects effect, int step) {
        for (int i = fields().first(); i < fields().end(); i += step) {
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
