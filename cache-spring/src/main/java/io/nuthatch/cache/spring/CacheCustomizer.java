package io.nuthatch.cache.spring;

import io.nuthatch.cache.CacheBuilder;

/// A bean that has the last word on how a cache is built; `builder.name()` says which one it is.
@FunctionalInterface
public interface CacheCustomizer {
    /// Changes what the properties say.
    void customize(CacheBuilder<?, ?> builder);
}
