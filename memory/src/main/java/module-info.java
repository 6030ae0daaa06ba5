import org.jspecify.annotations.NullMarked;

/// Nuthatch's module for native memory.
@NullMarked
module io.nuthatch.memory {
    requires static transitive org.jspecify;

    exports io.nuthatch.memory;
}
