package io.nuthatch.cache;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/// A method as its annotations want it: for a framework that intercepts calls itself. See
/// [CachedFunctions#method(java.lang.invoke.MethodHandles.Lookup, java.lang.reflect.Method)].
@FunctionalInterface
public interface CachedMethod {
    /// Carries out a call: from the cache, or by the method, which may be called later and on another thread too,
    /// when the result is refreshed. Throws what the method throws.
    @Nullable
    Object call(@Nullable Object[] arguments, Callable<? extends @Nullable Object> method) throws Throwable;
}
