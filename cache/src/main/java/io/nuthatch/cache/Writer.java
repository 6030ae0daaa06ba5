package io.nuthatch.cache;

import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Where a cache sends changes before it shows them: a database (write-through), or a journal in front of one
/// (write-behind).
///
/// Calls for one key come one after another, in the order of the changes; calls for different keys come from many
/// threads.
///
/// @param <K> the keys
/// @param <V> the values
public interface Writer<K, V> extends AutoCloseable {
    /// Called once, before all else.
    ///
    /// @param forget makes the cache forget keys of which its tiers may hold what the source does not: changes
    ///     that an earlier process has taken, and those that the source refuses. Not to be called by `write`
    default void start(Consumer<Collection<K>> forget) {}

    /// Takes changes, of one key each, and returns when they are as safe as this writer promises. When it throws,
    /// the caller of the cache gets the exception and the cache forgets the keys.
    void write(List<Change<K, V>> changes) throws Exception;

    /// The newest change of a key that was taken and has not reached the source; null when there is none. The
    /// cache asks before it loads a key, so that a read sees what was written.
    default @Nullable Change<K, V> pending(K key) {
        return null;
    }

    /// Returns when all that was taken has reached the source, or was given up.
    default void flush() throws Exception {}

    /// How much was taken and has not reached the source.
    default Backlog backlog() {
        return Backlog.NONE;
    }

    /// Brings what was taken to the source and ends.
    @Override
    void close();

    /// What a writer still has to do.
    ///
    /// @param depth changes that wait
    /// @param lagMs milliseconds that the oldest of them has waited
    /// @param givenUp changes that the source refused, and that are kept elsewhere
    /// @param failure why the source does not take changes at this time; empty when it does
    record Backlog(long depth, long lagMs, long givenUp, String failure) {
        /// Nothing to do.
        public static final Backlog NONE = new Backlog(0, 0, 0, "");
    }
}
