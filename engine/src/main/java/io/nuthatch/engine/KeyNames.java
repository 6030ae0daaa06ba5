package io.nuthatch.engine;

import io.nuthatch.memory.Bytes;
import java.util.concurrent.atomic.AtomicLong;

/// How much of the Java heap the names of keys take that clients watch or wait for, and how much they may: the heap is
/// small, and a client that named a million keys would fill it.
///
/// Threads: any.
final class KeyNames {
    /// A quarter of the heap that the server starts with.
    static final long MAX_BYTES = 64L << 20;

    /// The longest key that can be named. Keys of this length are a mistake, but may be stored.
    static final int MAX_KEY_BYTES = 64 << 10;

    /// What a name takes beside the bytes of the key: itself, its entry in the map of its shard, the place of the
    /// client.
    private static final int OWN_BYTES = 256;

    private static final CommandError TOO_MANY =
            CommandError.of("ERR too many or too long keys are watched or waited for");

    private final AtomicLong bytes = new AtomicLong();

    /// What the name of a key takes.
    static long bytes(Bytes key) {
        return OWN_BYTES + (long) key.length();
    }

    /// Whether a key can have a name; if not, nobody watches it or waits for it.
    static boolean canName(Bytes key) {
        return key.length() <= MAX_KEY_BYTES;
    }

    /// Takes room for the name of a key, or refuses it.
    void take(Bytes key) {
        if (!canName(key) || bytes.get() > MAX_BYTES) {
            throw TOO_MANY;
        }
        bytes.addAndGet(bytes(key));
    }

    /// Gives back room that was taken.
    void giveBack(long taken) {
        bytes.addAndGet(-taken);
    }

    long takenBytes() {
        return bytes.get();
    }
}
