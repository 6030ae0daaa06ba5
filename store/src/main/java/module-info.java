import org.jspecify.annotations.NullMarked;

/// Nuthatch's module for keys, values, expiry, eviction and accounting.
@NullMarked
module io.nuthatch.store {
    requires static transitive org.jspecify;
    requires transitive io.nuthatch.memory;

    exports io.nuthatch.store;
}
