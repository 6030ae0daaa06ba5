package io.nuthatch.cache;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// The method is always called, and its result is put into a cache. See [CachedFunctions].
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface CacheUpdate {
    /// The name of the cache.
    String cache();

    /// The key, as in [Cached#key()]; `{result.id}` is a part of the result.
    String key();
}
