import org.jspecify.annotations.NullMarked;

/// A [io.nuthatch.cache.Cache] as JCache, JSR-107, knows caches.
@NullMarked
module io.nuthatch.cache.jcache {
    requires static transitive org.jspecify;
    requires transitive cache.api;
    requires transitive io.nuthatch.cache;
    requires java.management;
    requires org.slf4j;

    exports io.nuthatch.cache.jcache;

    provides javax.cache.spi.CachingProvider with
            io.nuthatch.cache.jcache.NuthatchProvider;
}
