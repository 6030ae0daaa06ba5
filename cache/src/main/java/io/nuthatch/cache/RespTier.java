package io.nuthatch.cache;

import io.lettuce.core.ScoredValue;
import io.lettuce.core.api.push.PushMessage;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.IntegerOutput;
import io.lettuce.core.output.KeyScanOutput;
import io.lettuce.core.output.ScoredValueListOutput;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.output.ValueListOutput;
import io.lettuce.core.output.ValueOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.nuthatch.cache.Entry.Life;
import io.nuthatch.cache.Frame.Kind;
import io.nuthatch.cache.Redis.Format;
import io.nuthatch.cache.Redis.Tracking;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A tier in a RESP server, over one connection, and what makes memory follow it.
///
/// **Following.** The server pushes the names of keys that others changed, on the connection the replies come on.
/// Each push is an event of the [Timeline]; each reply with a value takes its mark from the timeline at the moment
/// it is read off the connection. So if a push comes after the reply, the value's mark is too old and its entry
/// dead, whenever it arrives in memory; and if the push came before, the reply was sent after the change and holds
/// the new value.
///
/// ```
///  server sends        value of k     k changed      value of k
///  timeline                 7              8              8
///                      mark 7: dead                  mark 8: fresh
/// ```
///
/// With selective tracking the server remembers a key when it is read, and forgets it when it is changed, by us
/// too. So a write is followed by a read on the same connection: if it brings what was written, the key is
/// remembered and memory may have the value; if not, somebody else has written in between and memory may not.
///
/// NOLOOP keeps our own changes from being pushed to us: they are events of the timeline already.
final class RespTier implements Tier {
    private static final ByteArrayCodec CODEC = ByteArrayCodec.INSTANCE;

    /// What PTTL answers for a key that is not there.
    private static final long NO_SUCH_KEY = -2;

    /// Keys that one SCAN, UNLINK or ZPOPMIN is about.
    private static final int BATCH = 512;

    private final Redis redis;
    private final String prefix;
    private final String tagPrefix;
    private final String leasePrefix;
    private final byte[] leaseToken = UUID.randomUUID().toString().getBytes(StandardCharsets.US_ASCII);
    private final Timeline timeline;
    private final Time time;
    private final long rawTtlMs;
    private final RespLink link;
    /// Keys taken out of a tag's set whose removal has not been confirmed: a failed invalidation begins with them
    /// when it is tried again.
    private final Set<String> taken = ConcurrentHashMap.newKeySet();

    /// @param rawTtlMs how long a bare value without a time to live is fresh
    RespTier(String cache, Redis redis, Timeline timeline, Time time, long rawTtlMs) {
        this.redis = redis;
        this.prefix = cache + ":";
        this.tagPrefix = cache + "#tag:";
        this.leasePrefix = cache + "#lease:";
        this.timeline = timeline;
        this.time = time;
        this.rawTtlMs = rawTtlMs;
        if (follows()) {
            timeline.lose();
        }
        link = new RespLink(redis, time, follows() ? tracker() : null);
    }

    /// Connects, and waits a moment for it.
    void start() {
        link.start();
    }

    boolean follows() {
        return redis.tracking() != Tracking.OFF;
    }

    private RespLink.Tracker tracker() {
        return new RespLink.Tracker(
                arguments -> redis.tracking() == Tracking.BROADCAST
                        ? arguments.add("BCAST").add("PREFIX").add(prefix)
                        : arguments,
                this::pushed,
                timeline::arm,
                timeline::lose);
    }

    /// On the thread that reads the connection.
    private void pushed(PushMessage message) {
        if (!message.getType().equals("invalidate")) {
            return;
        }
        List<Object> content = message.getContent();
        if (content.size() > 1 && content.get(1) instanceof List<?> keys) {
            keys.forEach(key -> changed((ByteBuffer) key));
        } else {
            timeline.changeAll();
        }
    }

    private void changed(ByteBuffer key) {
        String text = StandardCharsets.UTF_8.decode(key).toString();
        if (text.startsWith(prefix)) {
            timeline.tell(timeline.slotOf(text.substring(prefix.length())));
        }
    }

    /// The mark of what a reply says. On the thread that reads the connection.
    private long mark() {
        return follows() && timeline.isFollowed() ? timeline.now() : Held.UNMARKED;
    }

    @Override
    public String name() {
        return Redis.NAME;
    }

    @Override
    public void whenBack(Runnable tryAgain) {
        link.whenBack(tryAgain);
    }

    @Override
    public String detail() {
        return link.detail();
    }

    // Reading

    @Override
    public CompletionStage<Map<String, Held>> read(Collection<String> keys) {
        if (redis.format() == Format.RAW) {
            return readRaw(List.copyOf(keys));
        }
        List<String> order = List.copyOf(keys);
        return link.send(CommandType.MGET, new ValueListOutput<>(CODEC), keysOf(order), values -> {
            Map<String, Held> found = new HashMap<>();
            for (int i = 0; i < order.size(); i++) {
                byte[] value = values.get(i);
                if (value != null) {
                    found.put(order.get(i), new Held(value, mark()));
                }
            }
            return found;
        });
    }

    private CompletionStage<Map<String, Held>> readRaw(List<String> keys) {
        Map<String, Held> found = new ConcurrentHashMap<>();
        List<CompletableFuture<?>> replies = new ArrayList<>();
        for (String key : keys) {
            CompletionStage<Optional<Held>> value =
                    link.send(CommandType.GET, new ValueOutput<>(CODEC), keysOf(List.of(key)), this::heldOf);
            CompletionStage<Long> left =
                    link.send(CommandType.PTTL, new IntegerOutput<>(CODEC), keysOf(List.of(key)), Function.identity());
            replies.add(value.thenAcceptBoth(left, (held, leftMs) -> {
                        if (leftMs != NO_SUCH_KEY) {
                            held.ifPresent(it -> found.put(key, new Held(rawFrame(it.bytes(), leftMs), it.mark())));
                        }
                    })
                    .toCompletableFuture());
        }
        return CompletableFuture.allOf(replies.toArray(CompletableFuture[]::new))
                .thenApply(done -> found);
    }

    private Optional<Held> heldOf(byte @Nullable [] bytes) {
        return bytes == null ? Optional.empty() : Optional.of(new Held(bytes, mark()));
    }

    /// A bare value as the frame it would have: -1 is a key without a time to live.
    private byte[] rawFrame(byte[] value, long leftMs) {
        long nowMs = time.nowMs();
        long untilMs = nowMs + (leftMs < 0 ? rawTtlMs : leftMs);
        return new Frame(Kind.VALUE, new Life(nowMs, untilMs, untilMs), Set.of(), null, Packing.RAW, value).toBytes();
    }

    // Writing

    @Override
    public CompletionStage<Held> write(Write write) {
        if (redis.format() == Format.RAW) {
            return writeRaw(write);
        }
        return set(write, write.bytes(), write.ttlMs());
    }

    private CompletionStage<Held> writeRaw(Write write) {
        Frame frame = Frame.parse(write.bytes());
        long freshMs = frame.life().freshUntilMs() - time.nowMs();
        if (frame.kind() != Kind.VALUE || freshMs <= 0) {
            return remove(List.of(write.key())).thenApply(done -> new Held(write.bytes(), Held.UNMARKED));
        }
        return set(write, frame.payload(), freshMs);
    }

    private CompletionStage<Held> set(Write write, byte[] value, long ttlMs) {
        write.tags().forEach(tag -> tag(tag, write.key(), ttlMs));
        CommandArgs<byte[], byte[]> arguments =
                keysOf(List.of(write.key())).add(value).add("PX").add(ttlMs);
        CompletionStage<Long> set = link.send(CommandType.SET, new StatusOutput<>(CODEC), arguments, status -> mark());
        if (redis.tracking() != Tracking.SELECTIVE) {
            return set.thenApply(mark -> new Held(write.bytes(), mark));
        }
        CompletionStage<Held> readBack =
                link.send(CommandType.GET, new ValueOutput<>(CODEC), keysOf(List.of(write.key())), there -> {
                    boolean ours = Arrays.equals(there, value);
                    return new Held(ours ? write.bytes() : new byte[0], mark());
                });
        return set.thenCombine(readBack, (mark, held) -> held);
    }

    /// Notes a key under a tag, before the value is there: who invalidates the tag meanwhile finds it. The sorted
    /// set is ordered by when its keys are gone, and those that are gone leave it.
    private void tag(String tag, String key, long ttlMs) {
        long nowMs = time.nowMs();
        send(CommandType.ZADD, tagArguments(tag).add(nowMs + ttlMs).add(prefix + key));
        send(CommandType.ZREMRANGEBYSCORE, tagArguments(tag).add("-inf").add(nowMs));
        // Lives as long as its longest key. Before Redis 7 these two are errors, and the set stays until it is
        // invalidated.
        send(CommandType.PEXPIRE, tagArguments(tag).add(ttlMs).add("NX"));
        send(CommandType.PEXPIRE, tagArguments(tag).add(ttlMs).add("GT"));
    }

    private CompletionStage<Long> send(CommandType type, CommandArgs<byte[], byte[]> arguments) {
        return link.send(type, new IntegerOutput<>(CODEC), arguments, Function.identity());
    }

    @Override
    public CompletionStage<@Nullable Void> remove(Collection<String> keys) {
        return send(CommandType.UNLINK, keysOf(keys)).<@Nullable Void>thenApply(count -> null);
    }

    /// Takes keys out of the tag's set before it removes them: a key that is written again meanwhile is back in
    /// the set and is removed once too often, which is safe; the other way round it would be missing from the set.
    @Override
    public CompletionStage<@Nullable Void> invalidateTag(String tag) {
        CommandArgs<byte[], byte[]> arguments = tagArguments(tag).add(BATCH);
        return link.send(CommandType.ZPOPMIN, new ScoredValueListOutput<>(CODEC), arguments, this::keysOfMembers)
                .thenCompose(found -> {
                    taken.addAll(found);
                    return taken.isEmpty() ? done() : removeTaken(tag);
                });
    }

    private CompletionStage<@Nullable Void> removeTaken(String tag) {
        List<String> batch = List.copyOf(taken);
        CommandArgs<byte[], byte[]> arguments = new CommandArgs<>(CODEC);
        batch.forEach(arguments::add);
        return send(CommandType.UNLINK, arguments).thenCompose(count -> {
            batch.forEach(taken::remove);
            return invalidateTag(tag);
        });
    }

    private List<String> keysOfMembers(List<ScoredValue<byte[]>> members) {
        return members.stream()
                .map(member -> new String(member.getValue(), StandardCharsets.UTF_8))
                .toList();
    }

    private static CompletionStage<@Nullable Void> done() {
        return CompletableFuture.<@Nullable Void>completedFuture(null);
    }

    @Override
    public long leaseMs() {
        return redis.lease() == null ? 0 : redis.lease().toMillis();
    }

    @Override
    public CompletionStage<Boolean> takeLease(String key) {
        CommandArgs<byte[], byte[]> arguments =
                leaseArguments(key).add(leaseToken).add("NX").add("PX").add(leaseMs());
        return link.send(CommandType.SET, new StatusOutput<>(CODEC), arguments, status -> status != null);
    }

    /// Two steps, between which the lease may run out and be another's: then that one loads beside a third, and no
    /// harm is done.
    @Override
    public CompletionStage<@Nullable Void> returnLease(String key) {
        return link.send(CommandType.GET, new ValueOutput<>(CODEC), leaseArguments(key), this::isMyToken)
                .thenCompose(mine -> mine ? send(CommandType.DEL, leaseArguments(key)) : noneRemoved())
                .<@Nullable Void>thenApply(count -> null);
    }

    private boolean isMyToken(byte @Nullable [] token) {
        return Arrays.equals(token, leaseToken);
    }

    private static CompletionStage<Long> noneRemoved() {
        return CompletableFuture.completedFuture(0L);
    }

    private CommandArgs<byte[], byte[]> leaseArguments(String key) {
        return new CommandArgs<>(CODEC).addKey((leasePrefix + key).getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public CompletionStage<@Nullable Void> clear() {
        return clear(prefix, "0").thenCompose(done -> clear(tagPrefix, "0"));
    }

    private CompletionStage<@Nullable Void> clear(String start, String cursor) {
        CommandArgs<byte[], byte[]> arguments = new CommandArgs<>(CODEC)
                .add(cursor)
                .add("MATCH")
                .add(escaped(start) + "*")
                .add("COUNT")
                .add(BATCH);
        return link.send(CommandType.SCAN, new KeyScanOutput<>(CODEC), arguments, Function.identity())
                .thenCompose(page -> {
                    CompletionStage<@Nullable Void> removed = unlink(page.getKeys());
                    return page.isFinished() ? removed : removed.thenCompose(done -> clear(start, page.getCursor()));
                });
    }

    private CompletionStage<@Nullable Void> unlink(List<byte[]> keys) {
        return keys.isEmpty()
                ? done()
                : send(CommandType.UNLINK, new CommandArgs<>(CODEC).addKeys(keys))
                        .<@Nullable Void>thenApply(count -> null);
    }

    /// A prefix as a pattern that matches nothing but itself.
    private static String escaped(String text) {
        return text.replaceAll("([\\\\*?\\[\\]^-])", "\\\\$1");
    }

    private CommandArgs<byte[], byte[]> keysOf(Collection<String> keys) {
        CommandArgs<byte[], byte[]> arguments = new CommandArgs<>(CODEC);
        keys.forEach(key -> arguments.addKey((prefix + key).getBytes(StandardCharsets.UTF_8)));
        return arguments;
    }

    private CommandArgs<byte[], byte[]> tagArguments(String tag) {
        return new CommandArgs<>(CODEC).addKey((tagPrefix + tag).getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        link.close();
    }
}
