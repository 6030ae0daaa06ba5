package io.nuthatch.commands;

import io.nuthatch.engine.Args;
import io.nuthatch.memory.Bytes;
import io.nuthatch.store.Effects;
import io.nuthatch.store.PendingEntry;
import io.nuthatch.store.StreamConsumer;
import io.nuthatch.store.StreamGroup;
import io.nuthatch.store.StreamId;
import io.nuthatch.store.StreamValue;
import io.nuthatch.store.StreamValue.References;
import io.nuthatch.store.StreamValue.Trim;
import io.nuthatch.store.Tx;

/// Says what has become of a stream in words that do the same elsewhere, whenever that is: with the IDs that
/// were made, the times of delivery, and the entries that were found.
///
/// The words are those that Redis uses for it, so that a Redis 7 can follow them.
final class StreamEffects {
    private StreamEffects() {}

    /// An entry has been added under an ID that the command does not name.
    ///
    /// @param first the first of its fields' words
    static void added(Args args, StreamId id, int first, Tx tx) {
        if (tx.wantsEffects()) {
            Effects effect = tx.effect("XADD").add(args.bytes(1)).add(id.toString());
            for (int i = first; i < args.count(); i++) {
                effect.add(args.bytes(i));
            }
        }
    }

    /// A producer's name for an entry is known from now on.
    static void named(Bytes key, Bytes producer, Bytes token, StreamId id, Tx tx) {
        if (tx.wantsEffects()) {
            tx.effect("XIDMPRECORD").add(key).add(producer).add(token).add(id.toString());
        }
    }

    /// The first entries have been taken out. How many of them an approximate trimming takes hangs on the
    /// nodes, which may be others elsewhere.
    static void trimmed(Bytes key, StreamValue stream, Trim trim, Tx tx) {
        if (!tx.wantsEffects()) {
            return;
        }
        Effects effect = tx.effect("XTRIM").add(key);
        if (trim.references() != References.RESPECT) {
            effect.add("MAXLEN").add("=").add(stream.length());
        } else if (trim.minId() == null) {
            effect.add("MAXLEN").add("=").add(trim.maxLength());
        } else {
            effect.add("MINID").add("=").add(trim.minId().toString());
        }
        switch (trim.references()) {
            case KEEP -> {}
            case DELETE -> effect.add("DELREF");
            case RESPECT -> effect.add("ACKED");
        }
    }

    static void created(Bytes key, StreamGroup group, StreamConsumer consumer, Tx tx) {
        if (tx.wantsEffects()) {
            tx.effect("XGROUP")
                    .add("CREATECONSUMER")
                    .add(key)
                    .add(group.name(new Bytes()))
                    .add(consumer.name(new Bytes()));
        }
    }

    /// A consumer has got an entry, new or again.
    static void delivered(Bytes key, StreamGroup group, StreamConsumer consumer, PendingEntry pending, Tx tx) {
        if (tx.wantsEffects()) {
            delivered(key, group, consumer, pending.id(), pending.deliveredMs(), pending.deliveries(), tx);
        }
    }

    static void delivered(
            Bytes key,
            StreamGroup group,
            StreamConsumer consumer,
            StreamId id,
            long deliveredMs,
            long deliveries,
            Tx tx) {
        if (tx.wantsEffects()) {
            tx.effect("XCLAIM")
                    .add(key)
                    .add(group.name(new Bytes()))
                    .add(consumer.name(new Bytes()))
                    .add(0)
                    .add(id.toString())
                    .add("TIME")
                    .add(deliveredMs)
                    .add("RETRYCOUNT")
                    .add(deliveries)
                    .add("FORCE")
                    .add("JUSTID")
                    .add("LASTID")
                    .add(group.lastId().toString());
        }
    }

    /// A pending entry has been taken out, because the stream does not have it any more.
    static void forgotten(Bytes key, StreamGroup group, StreamId id, Tx tx) {
        if (tx.wantsEffects()) {
            tx.effect("XACK").add(key).add(group.name(new Bytes())).add(id.toString());
        }
    }

    /// A group has read on.
    static void progressed(Bytes key, StreamGroup group, Tx tx) {
        if (tx.wantsEffects()) {
            tx.effect("XGROUP")
                    .add("SETID")
                    .add(key)
                    .add(group.name(new Bytes()))
                    .add(group.lastId().toString())
                    .add("ENTRIESREAD")
                    .add(group.entriesRead());
        }
    }
}
