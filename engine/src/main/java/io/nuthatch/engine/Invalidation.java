package io.nuthatch.engine;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/// Tells a client which of the keys that it caches are no longer what they were.
///
/// ```
///   RESP3            >2 invalidate [key ...]
///   RESP2, a client  *3 message __redis__:invalidate [key ...]
///   that another one redirects to, and that has subscribed to something
/// ```
/// A null in place of the keys says: all of them.
final class Invalidation implements Message {
    private static final String CHANNEL = "__redis__:invalidate";

    private final @Nullable Collection<byte[]> keys;
    private final boolean redirected;
    private final int sizeBytes;

    // Made when the first receiver wants it; a race makes it twice.
    private byte @Nullable [] push;
    private byte @Nullable [] publication;

    /// @param keys null for all
    /// @param redirected whether the one who gets it is not the one who caches
    Invalidation(@Nullable Collection<byte[]> keys, boolean redirected) {
        this.keys = keys;
        this.redirected = redirected;
        int sum = FRAME_BYTES;
        if (keys != null) {
            for (byte[] key : keys) {
                sum += key.length + FRAME_BYTES / 4;
            }
        }
        this.sizeBytes = sum;
    }

    @Override
    public byte @Nullable [] encoded(Session to) {
        if (to.protocol() == 3) {
            if (push == null) {
                push = keys(new Encoder(sizeBytes).array(2).bulk("invalidate"), "_\r\n");
            }
            return push;
        }
        if (!redirected || !to.isSubscriber()) {
            return null;
        }
        if (publication == null) {
            publication = keys(
                    new Encoder(sizeBytes)
                            .array(3)
                            .bulk(PubSub.Kind.CHANNEL.message())
                            .bulk(CHANNEL),
                    "$-1\r\n");
        }
        return publication;
    }

    private byte[] keys(Encoder text, String none) {
        if (keys == null) {
            return text.text(none).toArray();
        }
        text.array(keys.size());
        for (byte[] key : keys) {
            text.bulk(key);
        }
        return text.toArray();
    }

    @Override
    public int sizeBytes() {
        return sizeBytes;
    }

    /// Tells a client that the one it redirects to is gone.
    record RedirectBroken(long client) implements Message {
        @Override
        public byte @Nullable [] encoded(Session to) {
            return to.protocol() == 3
                    ? new Encoder(FRAME_BYTES)
                            .array(2)
                            .bulk("tracking-redir-broken")
                            .integer(client)
                            .toArray()
                    : null;
        }

        @Override
        public int sizeBytes() {
            return FRAME_BYTES;
        }
    }
}
