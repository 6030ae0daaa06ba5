package io.nuthatch.cache;

import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// A tier below memory: keeps bytes by key, for a time.
///
/// It may fail and be slow: stages end exceptionally, or late. The cache bounds how long it waits, and leaves a
/// tier alone that fails too often. Methods return at once; those that must block do so on a virtual thread.
public interface Tier extends AutoCloseable {
    /// Its name in figures, messages and `tierTtl`.
    String name();

    /// What is held for the keys. Keys that are not there are left out.
    CompletionStage<Map<String, Held>> read(Collection<String> keys);

    /// Keeps bytes, in place of what is there. Returns what the tier then holds: the very array that was given,
    /// unless somebody else has written meanwhile.
    CompletionStage<Held> write(Write write);

    /// Drops keys.
    CompletionStage<@Nullable Void> remove(Collection<String> keys);

    /// Drops what was written under a tag.
    CompletionStage<@Nullable Void> invalidateTag(String tag);

    /// Drops everything.
    CompletionStage<@Nullable Void> clear();

    /// For how many milliseconds one process may load a key while the others wait for its value; zero lets each
    /// load for itself.
    default long leaseMs() {
        return 0;
    }

    /// Takes the lease of a key, unless another process has it.
    default CompletionStage<Boolean> takeLease(String key) {
        return CompletableFuture.completedFuture(true);
    }

    /// Gives the lease of a key back, if it is still ours.
    default CompletionStage<@Nullable Void> returnLease(String key) {
        return CompletableFuture.<@Nullable Void>completedFuture(null);
    }

    /// How many entries it holds; -1 when it cannot tell at once.
    default long entries() {
        return -1;
    }

    /// How many bytes they take; -1 when it cannot tell at once.
    default long bytes() {
        return -1;
    }

    /// What is to be known of its state beyond failures; empty when all is well.
    default String detail() {
        return "";
    }

    /// Registers what to run when the tier knows that it is back after it was away: it will be tried at once.
    default void whenBack(Runnable tryAgain) {}

    @Override
    void close();

    /// Bytes that a tier holds.
    ///
    /// @param bytes a frame
    /// @param mark the moment in the life of this process from which on changes of the key count against it, or
    ///     [#UNMARKED] for the moment of the call
    record Held(byte[] bytes, long mark) {
        /// The tier does not know.
        public static final long UNMARKED = -1;

        /// Bytes without a mark.
        public static Held of(byte[] bytes) {
            return new Held(bytes, UNMARKED);
        }
    }

    /// Bytes to keep.
    ///
    /// @param key the key
    /// @param bytes a frame
    /// @param ttlMs for how many milliseconds
    /// @param tags under which they can be dropped
    /// @param mark the moment in the life of this process from which on changes of the key count against them
    record Write(String key, byte[] bytes, long ttlMs, Set<String> tags, long mark) {}
}
