package io.nuthatch.cache;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// When the method has been called and has not thrown, entries leave a cache: those of a key, of a tag, or all.
/// See [CachedFunctions].
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface CacheEvict {
    /// The name of the cache.
    String cache();

    /// The key, as in [Cached#key()].
    String key() default "";

    /// A tag, with arguments in braces as in a key.
    String tag() default "";

    /// Whether every entry leaves.
    boolean all() default false;
}
