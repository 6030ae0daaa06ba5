/// The cache in Spring Boot. [NuthatchCacheAutoConfiguration] is the way in, [CacheProperties] what can be said,
/// [CacheCustomizer] what can be said in code.
package io.nuthatch.cache.spring;
