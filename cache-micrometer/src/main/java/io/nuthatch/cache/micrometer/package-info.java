/// The figures of a [io.nuthatch.cache.Cache] as Micrometer's meters.
package io.nuthatch.cache.micrometer;
