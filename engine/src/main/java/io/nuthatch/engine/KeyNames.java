package io.nuthatch.engine;

import io.nuthatch.memory.Bytes;
import java.util.concurrent.atomic.AtomicLong;

/// How much of the Java heap the names take that clients bring there, and how much they may: of keys that they
/// watch or wait for, of channels that they subscribe to. The heap is small, and a client that named a million
/// would fill it.
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

    private final CommandError tooMany;
    private final AtomicLong bytes = new AtomicLong();

    /// @param tooMany the refusal of those that are too many or too long
    KeyNames(CommandError tooMany) {
        this.tooMany = tooMany;
    }

    /// What the name of a key takes.
    static long bytes(Bytes key) {
        return bytes(key.length());
    }

    /// What a name of that length takes.
    static long bytes(int length) {
        return OWN_BYTES + (long) length;
    }

    /// Whether a key can have a name; if not, nobody watches it or waits for it.
    static boolean canName(Bytes key) {
        return key.length() <= MAX_KEY_BYTES;
    }

    /// Takes room for the name of a key, or refuses it.
    void take(Bytes key) {
        take(key.length());
    }

    /// Takes room for a name of that length, or refuses it.
    void take(int length) {
        if (length > MAX_KEY_BYTES || bytes.get() > MAX_BYTES) {
            throw tooMany;
        }
        bytes.addAndGet(bytes(length));
    }

    /// Gives back room that was taken.
    void giveBack(long taken) {
        bytes.addAndGet(-taken);
    }
}
