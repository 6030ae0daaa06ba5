package io.nuthatch.commands;

import static io.nuthatch.engine.Command.container;
import static io.nuthatch.engine.Command.help;
import static io.nuthatch.engine.Command.row;
import static io.nuthatch.engine.CommandFlag.FAST;
import static io.nuthatch.engine.CommandFlag.LOADING;
import static io.nuthatch.engine.CommandFlag.MAY_REPLICATE;
import static io.nuthatch.engine.CommandFlag.NOSCRIPT;
import static io.nuthatch.engine.CommandFlag.PUBSUB;
import static io.nuthatch.engine.CommandFlag.STALE;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;
import io.nuthatch.engine.Family;
import io.nuthatch.engine.Glob;
import io.nuthatch.engine.KeySpec;
import io.nuthatch.engine.PubSub;
import io.nuthatch.engine.PubSub.Kind;
import io.nuthatch.engine.Session;
import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Scratch;
import io.nuthatch.resp.ReplySink;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Pub/Sub: the table, then the bodies in the same order. The work is the engine's ([PubSub]).
///
/// A subscription is confirmed with a message for each channel, not with a reply: so several are an answer that RESP2
/// cannot tell from several answers, and inside a transaction they are more elements than EXEC has announced. Clients
/// know that of Redis.
@SuppressWarnings("StaticAssignmentOfThrowable") // They have neither stack trace nor suppressed exceptions to keep.
public final class PubSubCommands {
    private static final CommandError NO_SHARD_SUBSCRIPTION_IN_EXEC =
            CommandError.of("ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client");

    private PubSubCommands() {}

    public static Family family() {
        return Family.of(
                "pubsub",
                Set.of(),
                row("PSUBSCRIBE pattern [pattern ...]")
                        .is(PUBSUB, NOSCRIPT, LOADING, STALE)
                        .since("2.0.0")
                        .brief("Listens for messages published to channels that match one or more patterns.")
                        .cost("O(N), N being the number of patterns to subscribe to.")
                        .answers((args, session, reply) -> subscribe(Kind.PATTERN, args, session, reply)),
                row("PUBLISH channel message")
                        .is(PUBSUB, LOADING, STALE, FAST, MAY_REPLICATE)
                        .since("2.0.0")
                        .brief("Posts a message to a channel.")
                        .cost("O(N+M), N being the number of subscribers and M that of the patterns that begin as the "
                                + "channel does.")
                        .answers((args, session, reply) -> publish(Kind.CHANNEL, args, session, reply)),
                container("PUBSUB", "2.8.0", "A container for Pub/Sub commands."),
                row("PUBSUB CHANNELS [pattern]")
                        .is(PUBSUB, LOADING, STALE)
                        .since("2.8.0")
                        .brief("Returns the active channels.")
                        .cost("O(N), N being the number of active channels.")
                        .answers((args, session, reply) -> channels(Kind.CHANNEL, args, session, reply)),
                help("PUBSUB", "6.2.0"),
                row("PUBSUB NUMPAT")
                        .is(PUBSUB, LOADING, STALE)
                        .since("2.8.0")
                        .brief("Returns a count of unique pattern subscriptions.")
                        .answers((args, session, reply) ->
                                reply.integer(session.engine().pubSub().count(Kind.PATTERN))),
                row("PUBSUB NUMSUB [channel [channel ...]]")
                        .is(PUBSUB, LOADING, STALE)
                        .since("2.8.0")
                        .brief("Returns a count of subscribers to channels.")
                        .cost("O(N), N being the number of channels asked for.")
                        .answers((args, session, reply) -> subscribers(Kind.CHANNEL, args, session, reply)),
                row("PUBSUB SHARDCHANNELS [pattern]")
                        .is(PUBSUB, LOADING, STALE)
                        .since("7.0.0")
                        .brief("Returns the active shard channels.")
                        .cost("O(N), N being the number of active shard channels.")
                        .answers((args, session, reply) -> channels(Kind.SHARD_CHANNEL, args, session, reply)),
                row("PUBSUB SHARDNUMSUB [shardchannel [shardchannel ...]]")
                        .is(PUBSUB, LOADING, STALE)
                        .since("7.0.0")
                        .brief("Returns the count of subscribers of shard channels.")
                        .cost("O(N), N being the number of shard channels asked for.")
                        .answers((args, session, reply) -> subscribers(Kind.SHARD_CHANNEL, args, session, reply)),
                row("PUNSUBSCRIBE [pattern [pattern ...]]")
                        .is(PUBSUB, NOSCRIPT, LOADING, STALE)
                        .since("2.0.0")
                        .brief("Stops listening to messages published to channels that match one or more patterns.")
                        .cost("O(N), N being the number of patterns.")
                        .answers((args, session, reply) -> unsubscribe(Kind.PATTERN, args, session, reply)),
                row("SPUBLISH @shardchannel message")
                        .is(PUBSUB, LOADING, STALE, FAST, MAY_REPLICATE)
                        .keys("not_key")
                        .since("7.0.0")
                        .brief("Posts a message to a shard channel.")
                        .cost("O(N), N being the number of subscribers.")
                        .answers((args, session, reply) -> publish(Kind.SHARD_CHANNEL, args, session, reply)),
                row("SSUBSCRIBE @shardchannel [@shardchannel ...]")
                        .is(PUBSUB, NOSCRIPT, LOADING, STALE)
                        .keys("not_key")
                        .since("7.0.0")
                        .brief("Listens for messages published to shard channels.")
                        .cost("O(N), N being the number of shard channels to subscribe to.")
                        .answers(PubSubCommands::subscribeToShardChannels),
                row("SUBSCRIBE channel [channel ...]")
                        .is(PUBSUB, NOSCRIPT, LOADING, STALE)
                        .since("2.0.0")
                        .brief("Listens for messages published to channels.")
                        .cost("O(N), N being the number of channels to subscribe to.")
                        .answers((args, session, reply) -> subscribe(Kind.CHANNEL, args, session, reply)),
                row("SUNSUBSCRIBE [shardchannel [shardchannel ...]]")
                        .is(PUBSUB, NOSCRIPT, LOADING, STALE)
                        .keySpec(new KeySpec.Begin.Index(1), new KeySpec.Find.Range(-1, 1, 0), "not_key")
                        .since("7.0.0")
                        .brief("Stops listening to messages posted to shard channels.")
                        .cost("O(N), N being the number of shard channels.")
                        .answers((args, session, reply) -> unsubscribe(Kind.SHARD_CHANNEL, args, session, reply)),
                row("UNSUBSCRIBE [channel [channel ...]]")
                        .is(PUBSUB, NOSCRIPT, LOADING, STALE)
                        .since("2.0.0")
                        .brief("Stops listening to messages posted to channels.")
                        .cost("O(N), N being the number of channels.")
                        .answers((args, session, reply) -> unsubscribe(Kind.CHANNEL, args, session, reply)));
    }

    private static void subscribe(Kind kind, Args args, Session session, ReplySink reply) {
        hearFirst(session);
        for (int i = 1; i < args.count(); i++) {
            session.engine().pubSub().subscribe(session, kind, args.bytes(i));
            confirm(kind.subscribed(), args.bytes(i), count(session, kind), reply);
        }
    }

    /// What was published before reaches the client before its subscriptions change: as it left the publisher.
    private static void hearFirst(Session session) {
        if (!session.isInExec()) {
            session.worker().inbox().deliver();
        }
    }

    private static void confirm(String what, @Nullable Bytes channel, int count, ReplySink reply) {
        reply.push(3);
        reply.bulk(what);
        if (channel == null) {
            reply.nullBulk();
        } else {
            reply.bulk(channel);
        }
        reply.integer(count);
    }

    /// Channels and patterns are counted together.
    private static int count(Session session, Kind kind) {
        return kind == Kind.SHARD_CHANNEL
                ? session.subscriptions(kind)
                : session.subscriptions(Kind.CHANNEL) + session.subscriptions(Kind.PATTERN);
    }

    private static void publish(Kind kind, Args args, Session session, ReplySink reply) {
        reply.integer(session.engine().pubSub().publish(kind, args.bytes(1), args.bytes(2)));
    }

    private static void channels(Kind kind, Args args, Session session, ReplySink reply) {
        if (args.count() > 3) {
            throw CommandError.wrongSubcommandArity(args.cited(1), "PUBSUB");
        }
        Glob pattern = args.count() == 3 ? new Glob(args.bytes(2)) : null;
        List<byte[]> channels = session.engine().pubSub().channels(kind, pattern);
        reply.array(channels.size());
        for (byte[] channel : channels) {
            try (Scratch copy = Scratch.of(channel)) {
                reply.bulk(copy.bytes());
            }
        }
    }

    private static void subscribers(Kind kind, Args args, Session session, ReplySink reply) {
        reply.array(2 * (args.count() - 2));
        for (int i = 2; i < args.count(); i++) {
            reply.bulk(args.bytes(i));
            reply.integer(session.engine().pubSub().subscribers(kind, args.bytes(i)));
        }
    }

    private static void subscribeToShardChannels(Args args, Session session, ReplySink reply) {
        if (session.isInExec()) {
            throw NO_SHARD_SUBSCRIPTION_IN_EXEC;
        }
        subscribe(Kind.SHARD_CHANNEL, args, session, reply);
    }

    /// Without names, from all there are; and who has none is told that, too.
    private static void unsubscribe(Kind kind, Args args, Session session, ReplySink reply) {
        hearFirst(session);
        PubSub pubSub = session.engine().pubSub();
        for (int i = 1; i < args.count(); i++) {
            pubSub.unsubscribe(session, kind, args.bytes(i));
            confirm(kind.unsubscribed(), args.bytes(i), count(session, kind), reply);
        }
        if (args.count() > 1) {
            return;
        }
        List<byte[]> all = pubSub.subscriptions(session, kind);
        for (byte[] name : all) {
            try (Scratch copy = Scratch.of(name)) {
                pubSub.unsubscribe(session, kind, copy.bytes());
                confirm(kind.unsubscribed(), copy.bytes(), count(session, kind), reply);
            }
        }
        if (all.isEmpty()) {
            confirm(kind.unsubscribed(), null, count(session, kind), reply);
        }
    }
}
