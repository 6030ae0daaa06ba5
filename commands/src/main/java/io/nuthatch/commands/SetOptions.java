package io.nuthatch.commands;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;
import io.nuthatch.memory.Bytes;
import io.nuthatch.resp.ReplySink;
import io.nuthatch.store.Entry;
import io.nuthatch.store.KeyEvent;
import io.nuthatch.store.StringValue;
import io.nuthatch.store.Tx;
import org.jspecify.annotations.Nullable;

/// SET's options, in any order and case. Conditions exclude each other, but the same one may be said twice.
///
/// @param presence whether the key must be there, or must not
/// @param comparison what the value must be like, or null
/// @param deadlineMs [Tx#NO_DEADLINE] unless an option gives one
record SetOptions(Presence presence, @Nullable Comparison comparison, boolean get, boolean keepTtl, long deadlineMs) {
    static SetOptions parse(Args args, Tx tx) {
        Presence presence = Presence.ANY;
        Comparison comparison = null;
        boolean get = false;
        ExpireOption expire = new ExpireOption("keepttl");
        for (int i = 3; i < args.count(); i++) {
            Presence wanted = Presence.at(args, i);
            Comparison.Kind kind = i + 1 < args.count() ? Comparison.Kind.at(args, i) : null;
            if (wanted != Presence.ANY && presence.allows(wanted) && comparison == null) {
                presence = wanted;
            } else if (kind != null && presence == Presence.ANY && (comparison == null || comparison.kind() == kind)) {
                comparison = new Comparison(kind, args.bytes(++i));
            } else if (args.is(i, "get")) {
                get = true;
            } else {
                i = expire.take(args, i);
                if (i == ExpireOption.NOT_TAKEN) {
                    throw CommandError.SYNTAX;
                }
            }
        }
        return new SetOptions(presence, comparison, get, expire.hasWord(), expire.deadlineMs(args, tx, "set"));
    }

    void set(Args args, Tx tx, ReplySink reply) {
        Bytes key = args.bytes(1);
        Entry old = get ? tx.read(key) : tx.write(key);
        if (get || comparison != null) {
            old = StringCommands.string(old);
        }
        boolean sets = presence.isMet(old) && (comparison == null || comparison.isMet(old));
        if (get) {
            StringCommands.reply(old, reply);
        } else if (!sets) {
            reply.nullBulk();
        }
        if (sets) {
            long kept = old == null ? Tx.NO_DEADLINE : old.deadlineMs();
            long newMs = keepTtl ? kept : deadlineMs;
            StringValue.set(tx, key, args.bytes(2), newMs);
            tx.changed(key, KeyEvent.SET);
            StringCommands.tellSet(key, args.bytes(2), newMs, tx);
            if (deadlineMs != Tx.NO_DEADLINE) {
                tx.also(key, KeyEvent.EXPIRE);
            }
            if (!get) {
                reply.ok();
            }
        }
    }
}
