import org.jspecify.annotations.NullMarked;

/// Nuthatch's module for benchmarks side by side with redis.
@NullMarked
module io.nuthatch.bench {
    requires static transitive org.jspecify;
    requires transitive io.nuthatch.server;
}
