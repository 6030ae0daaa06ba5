package io.nuthatch.engine;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Scratch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Who has subscribed to which channels and patterns, and the way of a message from PUBLISH to them.
///
/// ```
///   channel ─► Topic ─► a group of subscribers for each event loop ─► its Inbox
///   patterns by the literal text they begin with (Prefixes) ─► those that match ─► Topic ...
/// ```
/// So of ten thousand patterns only those are tried that begin as the channel does.
///
/// Threads: any. A client's subscriptions change on its own thread.
@SuppressWarnings("StaticAssignmentOfThrowable") // It has neither stack trace nor suppressed exceptions to keep.
public final class PubSub {
    /// The longest message, its channel included: it stands on the Java heap while it is under way.
    private static final int MAX_MESSAGE_BYTES = 8 << 20;

    private static final CommandError TOO_LONG = CommandError.of("ERR the message is too long");

    /// What can be subscribed to, with Redis's words for it.
    public enum Kind {
        CHANNEL(""),
        PATTERN("p"),
        SHARD_CHANNEL("s");

        private final String letter;

        Kind(String letter) {
            this.letter = letter;
        }

        /// What a subscription is confirmed with.
        public String subscribed() {
            return letter + "subscribe";
        }

        public String unsubscribed() {
            return letter + "unsubscribe";
        }

        String message() {
            return letter + "message";
        }
    }

    private final Map<ByteString, Topic> channels = new ConcurrentHashMap<>();
    private final Map<ByteString, Topic> shardChannels = new ConcurrentHashMap<>();

    /// By name, for each beginning of patterns. Changes are guarded by the object itself.
    private final Prefixes<Map<ByteString, Pattern>> patterns = new Prefixes<>();

    private final KeyNames names =
            new KeyNames(CommandError.of("ERR too many or too long channels and patterns are subscribed to"));
    private final AtomicInteger patternCount = new AtomicInteger();
    private final AtomicInteger clients = new AtomicInteger();

    private record Pattern(Glob glob, Topic topic) {}

    /// Subscribes a client to a channel or a pattern, unless it has already.
    public void subscribe(Session session, Kind kind, Bytes name) {
        Subscriptions mine = session.subscriptions();
        names.take(name);
        ByteString key = new ByteString(name);
        if (mine.find(kind, key) != null) {
            names.giveBack(KeyNames.bytes(name));
            return;
        }
        if (mine.total() == 0) {
            clients.incrementAndGet();
        }
        mine.add(kind, kind == Kind.PATTERN ? addPattern(session, key) : addChannel(session, kind, key));
        session.subscriber(true);
    }

    private Topic addChannel(Session session, Kind kind, ByteString name) {
        return topics(kind).compute(name, (same, known) -> {
            Topic topic = known == null ? new Topic(same) : known;
            topic.add(session);
            return topic;
        });
    }

    private Topic addPattern(Session session, ByteString name) {
        synchronized (patterns) {
            Glob glob = new Glob(name.toArray());
            Pattern pattern = patterns.getOrAdd(name.prefix(glob.literalLength()), ConcurrentHashMap::new)
                    .computeIfAbsent(name, any -> {
                        patternCount.incrementAndGet();
                        return new Pattern(glob, new Topic(name));
                    });
            pattern.topic().add(session);
            return pattern.topic();
        }
    }

    /// Ends a client's subscription, if it has it.
    public void unsubscribe(Session session, Kind kind, Bytes name) {
        if (KeyNames.canName(name)) {
            unsubscribe(session, kind, new ByteString(name));
        }
    }

    private void unsubscribe(Session session, Kind kind, ByteString name) {
        Subscriptions mine = session.subscriptions();
        Topic topic = mine.find(kind, name);
        if (topic == null) {
            return;
        }
        mine.remove(kind, name);
        names.giveBack(KeyNames.bytes(name.length()));
        if (kind == Kind.PATTERN) {
            removePattern(session, topic);
        } else {
            topics(kind).computeIfPresent(name, (same, known) -> known.remove(session) ? null : known);
        }
        if (mine.total() == 0) {
            clients.decrementAndGet();
            session.subscriber(false);
        }
    }

    private void removePattern(Session session, Topic topic) {
        synchronized (patterns) {
            if (topic.remove(session)) {
                ByteString beginning = topic.name().prefix(new Glob(topic.name().toArray()).literalLength());
                Map<ByteString, Pattern> alike = patterns.getOrAdd(beginning, ConcurrentHashMap::new);
                alike.remove(topic.name());
                patternCount.decrementAndGet();
                if (alike.isEmpty()) {
                    patterns.remove(beginning);
                }
            }
        }
    }

    /// Ends all subscriptions of a client, silently: it goes, or begins anew.
    void end(Session session) {
        if (session.isSubscriber()) {
            for (Kind kind : Kind.values()) {
                session.subscriptions().names(kind).forEach(name -> unsubscribe(session, kind, name));
            }
        }
    }

    /// What a client has subscribed to.
    public List<byte[]> subscriptions(Session session, Kind kind) {
        return session.subscriptions().names(kind).stream()
                .map(ByteString::toArray)
                .toList();
    }

    private Map<ByteString, Topic> topics(Kind kind) {
        return kind == Kind.SHARD_CHANNEL ? shardChannels : channels;
    }

    /// Sends a message to all who have subscribed to a channel.
    ///
    /// @param kind patterns hear of ordinary channels only
    /// @return how many clients get it; those count twice that have subscribed to a pattern as well
    public int publish(Kind kind, Bytes channel, Bytes payload) {
        if ((long) channel.length() + payload.length() > MAX_MESSAGE_BYTES) {
            throw TOO_LONG;
        }
        return kind == Kind.CHANNEL
                ? publish(channel.toArray(), payload.toArray())
                : send(kind, new ByteString(channel), payload.toArray());
    }

    /// The same on an ordinary channel.
    int publish(byte[] channel, byte[] payload) {
        ByteString name = new ByteString(channel);
        int receivers = send(Kind.CHANNEL, name, payload);
        return patterns.isEmpty() ? receivers : receivers + sendToPatterns(name, payload);
    }

    private int send(Kind kind, ByteString name, byte[] payload) {
        Topic topic = topics(kind).get(name);
        return topic == null ? 0 : topic.send(Message.Publication.on(kind, name.toArray(), payload));
    }

    private int sendToPatterns(ByteString name, byte[] payload) {
        int[] receivers = {0};
        try (Scratch channel = Scratch.of(name.toArray())) {
            patterns.forEachOf(
                    name,
                    (beginning, alike) -> alike.values().forEach(pattern -> {
                        if (pattern.glob().matches(channel.bytes())) {
                            byte[] text = pattern.topic().name().toArray();
                            receivers[0] +=
                                    pattern.topic().send(Message.Publication.matching(text, name.toArray(), payload));
                        }
                    }));
        }
        return receivers[0];
    }

    /// Whether nobody has subscribed to a channel or a pattern; shard channels do not count.
    boolean isEmpty() {
        return channels.isEmpty() && patterns.isEmpty();
    }

    /// The channels that somebody has subscribed to.
    ///
    /// @param pattern which of them, or null for all
    public List<byte[]> channels(Kind kind, @Nullable Glob pattern) {
        Predicate<byte[]> wanted = name -> {
            try (Scratch copy = Scratch.of(name)) {
                return pattern == null || pattern.matches(copy.bytes());
            }
        };
        List<byte[]> names = new ArrayList<>();
        topics(kind).keySet().forEach(name -> {
            if (wanted.test(name.toArray())) {
                names.add(name.toArray());
            }
        });
        return names;
    }

    /// How many clients have subscribed to a channel.
    public int subscribers(Kind kind, Bytes channel) {
        Topic topic = KeyNames.canName(channel) ? topics(kind).get(new ByteString(channel)) : null;
        return topic == null ? 0 : topic.subscribers();
    }

    /// How many channels have subscribers, or how many patterns.
    public int count(Kind kind) {
        return kind == Kind.PATTERN ? patternCount.get() : topics(kind).size();
    }

    /// How many clients have subscribed to anything.
    public int clients() {
        return clients.get();
    }
}
