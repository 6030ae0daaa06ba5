package io.nuthatch.engine;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What others ask of the part that keeps the data on disk, if there is one.
///
/// Threads: any.
public interface Persistence {
    /// There is none: nothing is kept.
    Persistence NONE = new Persistence() {
        @Override
        public Map<String, Object> figures() {
            return Map.of();
        }

        @Override
        public @Nullable CommandError refusal() {
            return null;
        }

        @Override
        public void tick() {
            // Nothing ever is.
        }

        @Override
        public void flushed(boolean inTransaction) {
            // There is no file that could bring the keys back.
        }

        @Override
        public void saveAtEnd(AtEnd what) {
            // There is nowhere to save to.
        }

        @Override
        public void reload(Reload how) {
            throw CommandError.of("ERR Error trying to load the RDB dump, check server logs");
        }
    };

    /// Whether SHUTDOWN saves.
    enum AtEnd {
        /// If the configuration says when to save.
        IF_CONFIGURED,
        SAVE,
        NO_SAVE
    }

    /// What DEBUG RELOAD does besides loading.
    ///
    /// @param saves first writes the file
    /// @param flushes empties all databases before
    /// @param merges keys of the file take the place of those that are there
    record Reload(boolean saves, boolean flushes, boolean merges) {}

    /// What INFO persistence tells of snapshots: fields in their order.
    Map<String, Object> figures();

    /// Why nothing may be written, or null: the last snapshot could not be saved, and the configuration says that this
    /// must not go unseen.
    @Nullable
    CommandError refusal();

    /// Does what is due. To be called every few milliseconds, by one thread; it does not wait.
    void tick();

    /// All keys have gone: a snapshot under way would bring them back.
    ///
    /// @param inTransaction shards are locked, so nothing can be saved now
    void flushed(boolean inTransaction);

    /// Saves for the last time, or not. The caller holds no lock.
    ///
    /// @throws CommandError if it could not be saved
    void saveAtEnd(AtEnd what);

    /// Loads the file that was saved: DEBUG RELOAD. The caller holds no lock.
    ///
    /// @throws CommandError if it could not be saved, or loaded
    void reload(Reload how);
}
