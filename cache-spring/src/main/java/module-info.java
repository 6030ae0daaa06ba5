import org.jspecify.annotations.NullMarked;

/// A [io.nuthatch.cache.Cache] in Spring Boot: `@Cacheable`, `@Cached`, properties, health and meters.
@NullMarked
module io.nuthatch.cache.spring {
    requires static io.nuthatch.cache.micrometer;
    requires static micrometer.core;
    requires static spring.boot.health;
    requires static transitive org.jspecify;
    requires transitive io.nuthatch.cache;
    requires transitive spring.context;
    requires spring.aop;
    requires spring.beans;
    requires spring.boot;
    requires spring.boot.autoconfigure;
    requires spring.core;
    requires tools.jackson.databind;

    exports io.nuthatch.cache.spring;

    // Spring makes beans and proxies of what is in here.
    opens io.nuthatch.cache.spring;
}
