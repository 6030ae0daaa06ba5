package io.nuthatch.cache;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// The method's result is kept under a key made of its arguments; while it is fresh the method is not called. See
/// [CachedFunctions]. What is left out is as the cache says.
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Cached {
    /// The name of the cache; that of the type and the method if left out.
    String cache() default "";

    /// The key, with arguments and their parts in braces: `{id}`, `{user.id}:{language}`. All arguments if left
    /// out.
    String key() default "";

    /// How long a result is fresh: `500ms`, `30s`, `10m`, `2h`, `1d`.
    String ttl() default "";

    /// How long it is remembered that there is no result.
    String negativeTtl() default "";

    /// How long after its ttl a result may be served when the method fails.
    String staleFor() default "";

    /// After which part of its ttl a result is computed anew in the background; zero is as the cache says.
    double refreshAhead() default 0;

    /// Names under which results can be invalidated together.
    String[] tags() default {};
}
