import org.jspecify.annotations.NullMarked;

/// The figures of a [io.nuthatch.cache.Cache] as Micrometer's meters.
@NullMarked
module io.nuthatch.cache.micrometer {
    requires static transitive org.jspecify;
    requires transitive io.nuthatch.cache;
    requires transitive micrometer.core;

    exports io.nuthatch.cache.micrometer;
}
