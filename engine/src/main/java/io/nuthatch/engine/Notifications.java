package io.nuthatch.engine;

import io.nuthatch.memory.Bytes;
import io.nuthatch.store.KeyEvent;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/// Keyspace notifications: what happens to keys, published on channels of its own (`notify-keyspace-events`).
///
/// ```
///   K   __keyspace@0__:the-key   set          E   __keyevent@0__:set   the-key
/// ```
/// Of the letters, `K` and `E` choose between the two, `A` stands for most classes of events, and each of the others
/// for one ([KeyEvent.Kind]).
///
/// Four more letters choose notifications of fields of hashes, if the class `h` is chosen:
///
/// ```
///   S   __subkeyspace@0__:the-key            hset|3:one,3:two
///   T   __subkeyevent@0__:hset               7:the-key|3:one,3:two
///   I   __subkeyspaceitem@0__:the-key\none   hset                     one for each field; none if there is
///   V   __subkeyspaceevent@0__:hset|the-key  3:one,3:two              a line feed in the key
/// ```
/// Source: Redis's manual, "Redis subkey notifications".
///
/// Locks: an event is published with its key's shard locked, so those of one key arrive in their order.
final class Notifications {
    private final PubSub pubSub;

    /// A bit for each class that is published, at its ordinal; none if neither `K` nor `E` is given.
    private volatile int kinds;

    private volatile boolean byKey;
    private volatile boolean byEvent;

    /// Those of `STIV` that are chosen; none without `h`.
    private volatile String ofFields = "";

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
        ofFields = names(letters, KeyEvent.Kind.HASH) ? letters.replaceAll("[^STIV]", "") : "";
    }

    private static int kinds(String letters) {
        return Arrays.stream(KeyEvent.Kind.values())
                .filter(kind -> names(letters, kind))
                .mapToInt(kind -> 1 << kind.ordinal())
                .sum();
    }

    private static boolean names(String letters, KeyEvent.Kind kind) {
        return letters.indexOf(kind.letter()) >= 0 || letters.contains("A") && isCommon(kind);
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

    /// Whether anyone may want to know which fields of a hash have changed.
    boolean wantsFields() {
        return !ofFields.isEmpty() && !pubSub.isEmpty();
    }

    /// Something has happened to fields of a hash.
    void concerned(int db, Bytes key, KeyEvent event, List<byte[]> fields) {
        if (!KeyNames.canName(key)) {
            return;
        }
        String chosen = ofFields;
        byte[] name = key.toArray();
        byte[] what = event.redisName().getBytes(StandardCharsets.US_ASCII);
        byte[] several = counted(fields);
        if (chosen.contains("S")) {
            pubSub.publish(channel("subkeyspace", db, name), joined(what, '|', several));
        }
        if (chosen.contains("T")) {
            pubSub.publish(channel("subkeyevent", db, what), joined(counted(List.of(name)), '|', several));
        }
        if (chosen.contains("I") && !contains(name, '\n')) {
            for (byte[] field : fields) {
                pubSub.publish(channel("subkeyspaceitem", db, joined(name, '\n', field)), what);
            }
        }
        if (chosen.contains("V")) {
            pubSub.publish(channel("subkeyspaceevent", db, joined(what, '|', name)), several);
        }
    }

    /// Names, each behind its length, so that they may hold any bytes: `3:one,3:two`.
    private static byte[] counted(List<byte[]> names) {
        var text = new ByteArrayOutputStream();
        for (byte[] name : names) {
            if (text.size() > 0) {
                text.write(',');
            }
            text.writeBytes((name.length + ":").getBytes(StandardCharsets.US_ASCII));
            text.writeBytes(name);
        }
        return text.toByteArray();
    }

    private static boolean contains(byte[] name, char sought) {
        for (byte each : name) {
            if (each == sought) {
                return true;
            }
        }
        return false;
    }

    private static byte[] joined(byte[] front, char between, byte[] back) {
        byte[] joined = Arrays.copyOf(front, front.length + 1 + back.length);
        joined[front.length] = (byte) between;
        System.arraycopy(back, 0, joined, front.length + 1, back.length);
        return joined;
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
