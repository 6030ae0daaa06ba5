package io.nuthatch.engine;

/// What others ask of the append-only file, if there is one.
///
/// Threads: any.
public interface Aof {
    /// There is none.
    Aof NONE = new Aof() {
        @Override
        public AofFigures figures() {
            return AofFigures.NONE;
        }

        @Override
        public void reload() {
            throw CANNOT_LOAD;
        }
    };

    CommandError CANNOT_LOAD = CommandError.of("ERR Error trying to load the AOF files, check server logs");

    /// What INFO tells of it.
    AofFigures figures();

    /// Empties all databases and loads the log again: DEBUG LOADAOF. The caller holds no lock.
    ///
    /// @throws CommandError if it cannot be loaded
    void reload();
}
