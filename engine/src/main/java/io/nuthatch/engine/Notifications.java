package io.nuthatch.engine;

import io.nuthatch.memory.Bytes;
import io.nuthatch.store.KeyEvent;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Keyspace notifications: what happens to keys, published on channels of its own (`notify-keyspace-events`).
///
/// ```
///   K   __keyspace@0__:the-key   set          E   __keyevent@0__:set   the-key
/// ```
/// Of the letters, `K` and `E` choose between the two, `A` stands for most classes of events, and each of the others
/// for one ([KeyEvent.Kind]).
///
/// Locks: an event is published with its key's shard locked, so those of one key arrive in their order.
final class Notifications {
    private final PubSub pubSub;

    /// A bit for each class that is published, at its ordinal; none if neither `K` nor `E` is given.
    private volatile int kinds;

    private volatile boolean byKey;
    private volatile boolean byEvent;

    Notifications(PubSub pubSub) {
        this.pubSub = pubSub;
    }

    /// Follows the directive.
    ///
    /// @param letters as it is written: `AKE`, `Kg$`
    void choose(String letters) {
        byKey = letters.contains("K");
        byEvent = letters.contains("E");
        kinds = byKey || byEvent ? kinds(letters) : 0;
    }

    private static int kinds(String letters) {
        return Arrays.stream(KeyEvent.Kind.values())
                .filter(kind -> letters.indexOf(kind.letter()) >= 0 || letters.contains("A") && isCommon(kind))
                .mapToInt(kind -> 1 << kind.ordinal())
                .sum();
    }

    /// Whether `A` stands for it, too.
    private static boolean isCommon(KeyEvent.Kind kind) {
        return switch (kind) {
            case GENERIC, STRING, LIST, SET, HASH, SORTED_SET, STREAM, EXPIRED, EVICTED -> true;
            case NEW, OVERWRITTEN, TYPE_CHANGED, MISS, SILENT -> false;
        };
    }

    /// Whether anyone may want to know that a value has taken the place of another.
    boolean tellsOverwriting() {
        return isChosen(KeyEvent.Kind.OVERWRITTEN) || isChosen(KeyEvent.Kind.TYPE_CHANGED);
    }

    private boolean isChosen(KeyEvent.Kind kind) {
        return (kinds >>> kind.ordinal() & 1) != 0;
    }

    /// Something has happened to a key. Those that are too long for a name on the heap go unheard of.
    void happened(int db, Bytes key, KeyEvent event) {
        if (isChosen(event.kind()) && !pubSub.isEmpty() && KeyNames.canName(key)) {
            publish(db, key.toArray(), event.redisName().getBytes(StandardCharsets.US_ASCII));
        }
    }

    private void publish(int db, byte[] key, byte[] event) {
        if (byKey) {
            pubSub.publish(channel("keyspace", db, key), event);
        }
        if (byEvent) {
            pubSub.publish(channel("keyevent", db, event), key);
        }
    }

    private static byte[] channel(String kind, int db, byte[] rest) {
        byte[] beginning = ("__" + kind + "@" + db + "__:").getBytes(StandardCharsets.US_ASCII);
        byte[] channel = Arrays.copyOf(beginning, beginning.length + rest.length);
        System.arraycopy(rest, 0, channel, beginning.length, rest.length);
        return channel;
    }
}
